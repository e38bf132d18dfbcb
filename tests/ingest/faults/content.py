"""Sixteen bodies that are well packed and not what they should be; one bad post costs no other."""

from __future__ import annotations

from operator import methodcaller
from typing import Any

from tests.ingest.faults.body import MANY, body_of
from tests.ingest.faults.fault import CHANGED, KEPT, REFUSED, TOLD, Fault
from tests.ingest.faults.good import Good


def _first(good: Good) -> frozenset[str]:
    """Return the post that is spoilt."""
    return body_of(good).first


def _made(good: Good) -> frozenset[str]:
    """Return the posts whose ids are made of their time and text."""
    return frozenset(own for own in good.ids if own.startswith("sha-"))


def _all(good: Good) -> frozenset[str]:
    return good.ids


def _fault(name: str, how: str, *ends: str, anywhere: bool = False, **said: Any) -> Fault:
    make = methodcaller(how)
    return Fault(
        name=name, group="content", says=lambda scene: scene.good.whole(make(body_of(scene.good))),
        ends=frozenset(ends or [KEPT, CHANGED]), needs_posts=not anywhere, **said,
    )  # fmt: skip


FAULTS = (
    _fault("nan", "nan", loses=_first),
    _fault("nested-100000", "nested", loses=_first, anywhere=True),
    _fault("number-of-5000-digits", "long_number", loses=_first),
    _fault("doubled-keys", "doubled", KEPT, loses=_made),
    _fault("lone-surrogate", "half_a_pair", loses=_first),
    _fault("nul", "nul", loses=_first),
    _fault("no-data", "without_data", CHANGED),
    _fault("data-and-errors", "with_error", KEPT),
    _fault("another-kind", "another_kind", CHANGED),
    # What only repeats itself ends: as a circle, or with a note of what is missing.
    Fault(
        name="token-cycle", group="content", always=True, needs_posts=True,
        ends=frozenset([CHANGED, REFUSED, TOLD, KEPT]),
    ),
    _fault("empty-with-token", "emptied", loses=_all),
    _fault("out-of-order", "out_of_order", KEPT, CHANGED, TOLD),
    _fault("id-beyond-64-bits", "beyond_64_bits", loses=_first),
    _fault("years-9999-1-2036", "dated", loses=_made),
    _fault("text-of-1mb", "long_text", KEPT, loses=_made),
    _fault("10000-posts", "many", least=MANY),
)  # fmt: skip
