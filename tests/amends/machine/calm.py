"""The end of a week: everybody is well again, rounds are done until nothing is open, and stock is taken."""

from __future__ import annotations

from collections.abc import Callable

from models.store import soundness
from tests.amends.machine.look import Heard, missing
from tests.amends.machine.places import LATEST, MINUTE
from tests.amends.machine.sources import seen
from tests.amends.machine.week import Week

ROUNDS = 40
"""Rounds within which all must have calmed down."""


def calm_down(week: Week, backfill: Callable[[], None]) -> None:
    """Do rounds until nothing is open, unread or waiting; then nothing may be missing unsaid."""
    for place in week.places.values():
        place.moods.clear()
        place.behind, place.repeats = 0, False
    for process in week.processes:
        process.stop()
        process.start()
    for address in week.watches:
        week.budget(address, None)
        week.resume(address)
    week.clock.true += LATEST
    restless: list[Heard] = []
    for _ in range(ROUNDS):
        week.clock.true += 20 * MINUTE
        week.whole_round(week.processes[0])
        backfill()
        restless = [heard for heard in week.look() if not _is_calm(heard, week)]
        if not restless:
            break
    assert not restless, f"after {ROUNDS} rounds something is still open: {restless}"
    # The watch with a canary may be blind all the same: nobody may have said that word.
    assert week.listens().count("blind") <= 1
    _take_stock(week)


def _is_calm(heard: Heard, week: Week) -> bool:
    # A backfill of what can't be had any more stays undone, and says so.
    up_to_now = heard.until is not None or seen(heard.bookmark) == week.clock.true
    return not heard.open and heard.chain is None and up_to_now


def _take_stock(week: Week) -> None:
    for heard in week.look():
        week.tally["lost stretches"] += len(heard.lost)
        for said in missing(heard, week.ought, week.places[heard.source]):
            named = any(span.since <= said.at < span.until for span in heard.lost)
            assert named or heard.until, f"{said} is missing, and nobody says so ({heard})"
            week.tally["posts in lost stretches"] += 1
    week.tally["posts"] += len(week.ought.posts)
    with week.store.read() as tx:
        loose = [f for f in soundness.faults(tx.session.connection()) if f.kind == "loose"]
    assert not loose, f"rows point at nothing: {loose}"
