"""What may not come of a fault, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ingest.faults.fault import KEPT, TOLD, Fault
from tests.ingest.faults.good import Good
from tests.ingest.faults.plan import SECRET, Found

GROWTH = 64.0
"""MiB that all faults together may cost at their peak."""

READING = 5.0
"""Seconds of the processor that reading what came may take."""

SPARE = 1.0
"""Seconds that a question may take beyond its deadline."""


def state(found: Found, lost: frozenset[str], told: Found) -> str:
    """Return in one word how a watch has ended; `lost` are posts that no fault may cost."""
    if "stumbled over an answer" in found.sentence:
        return "stumbled"
    if found.trouble:
        return found.trouble
    if not lost:
        return KEPT
    return TOLD if found.told > told.told else "silent"


def misses(
    fault: Fault,
    at: Good,
    chain: tuple[Good, ...],
    beside: frozenset[str],
    plain: Found,
    found: Found,
    deadline: float,
) -> Iterator[str]:
    """Say what was wrong when `fault` came in place of `at`; `plain` is the same without a fault."""
    lost = plain.seen - found.seen - fault.loses(at)
    ended, allowed = state(found, lost, plain), fault.allowed(at)
    if ended not in allowed:
        yield f"ended as {ended}, not as {' or '.join(sorted(allowed))} ({_said(found, lost)})"
    yield from _kept_wrongly(fault, found, ended)
    yield from _claimed_wrongly(chain, found, lost)
    if left := lost - found.healed:
        yield f"{len(left)} posts stay lost when the server is well again"
    if found.seconds > deadline + SPARE:
        yield f"a question took {found.seconds:.1f} s"
    if found.busy_seconds > READING:
        yield f"reading it took {found.busy_seconds:.1f} s of the processor"
    if found.beside_seen != beside or found.beside_trouble:
        yield f"the watch beside it was harmed: {found.beside_trouble or 'posts are missing'}"
    if found.beside_seconds > deadline + SPARE:
        yield f"the watch beside it took {found.beside_seconds:.1f} s"
    if found.odd:
        yield f"nobody caught {found.odd}"


def _kept_wrongly(fault: Fault, found: Found, ended: str) -> Iterator[str]:
    if found.late:
        yield f"{found.late} posts are kept as if from the future"
    if fault.looks and ended == KEPT and not found.looked:
        yield f"“{fault.looks}” was changed into something else"
    if ended == KEPT and len(found.seen) < fault.least:
        yield f"only {len(found.seen)} of {fault.least} posts are kept"
    if fault.waits and not fault.waits[0] <= (found.wait or 0.0) <= fault.waits[1]:
        yield f"it is left alone for {found.wait} s, not for {fault.waits[0]} to {fault.waits[1]}"
    if SECRET in found.sentence:
        yield "the watch's trouble tells a secret"


def _claimed_wrongly(chain: tuple[Good, ...], found: Found, lost: frozenset[str]) -> Iterator[str]:
    if found.trouble and not found.answers and (found.moved or found.owes or found.covered):
        yield "nothing was kept, but the watch isn't as it was"
    if found.trouble and found.moved and not found.owes:
        yield "the bookmark has moved past what wasn't read"
    posts = (post for good in chain for post in good.posts if post.external_id in lost)
    times = [post.posted_at.timestamp() for post in posts if post.posted_at]
    claimed = sum(any(since <= time < until for since, until in found.covered) for time in times)
    if claimed:
        yield f"it says that all is there where {claimed} posts are missing"


def _said(found: Found, lost: frozenset[str]) -> str:
    return found.sentence or f"{len(lost)} posts are missing"
