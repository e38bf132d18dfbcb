"""An incident's newest complaints, each distinct text read once, with who said it and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from amends.truth.fails import Failure, fails
from amends.truth.told import Told, told
from amends.truth.vocabulary import Vocabulary
from amends.truth.where import place
from models.coverage import Span
from models.incident import IncidentRow
from models.store import Transaction
from models.store.complaints import Utterance

LABELS = ("complaint", "credit_request")
"""Labels of the posts that are read."""

MOST, MOST_POSTS = 5_000, 30_000
"""Distinct texts that are read, the newest, and posts that are counted: so what it costs has an end."""

KEPT = 20_000
"""Texts of which it is remembered what they say."""


class Reading(NamedTuple):
    """What a text says: what its writer was told, what fails, and the place it names."""

    told: tuple[Told, ...]
    fails: tuple[Failure, ...]
    place: str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts, the newest first, and what their texts say by `near`; `texts` is how many distinct ones were read.

    If `cut` there are more, all older than `since`, which is when the oldest that was read was made.
    """

    posts: tuple[Utterance, ...]
    says: dict[int, Reading]
    texts: int
    cut: bool
    since: datetime | None

    def told(self) -> Iterator[tuple[Utterance, Told, str]]:
        """Yield each thing that a post says was told, and the place."""
        for one in self.posts:
            if one.near in self.says:
                for what in self.says[one.near].told:
                    yield one, what, self.says[one.near].place

    def fails(self) -> Iterator[tuple[Utterance, Failure, str]]:
        """Yield each thing that a post says fails, and the place."""
        for one in self.posts:
            if one.near in self.says:
                for what in self.says[one.near].fails:
                    yield one, what, self.says[one.near].place


def read(tx: Transaction, incident: IncidentRow, known: Vocabulary, within: Span | None) -> Read:
    """Read the newest complaints and credit requests of a stretch; without one those of the whole incident."""
    found = tx.complaints.newest(incident.id or 0, within, LABELS, MOST, MOST_POSTS)
    ours = frozenset(" ".join([incident.company, *incident.terms]).casefold().split())
    readings = {near: _reading(text, known, ours) for near, text in found.texts.items()}
    return Read(
        posts=found.posts, says={near: one for near, one in readings.items() if one.told or one.fails},
        texts=len(readings), cut=found.cut, since=found.posts[-1].at if found.posts else None,
    )  # fmt: skip


@lru_cache(maxsize=KEPT)
def _reading(text: str, known: Vocabulary, ours: frozenset[str]) -> Reading:
    heard, failing = tuple(told(text, known)), tuple(fails(text, known, ours))
    return Reading(heard, failing, place(text, known) if heard or failing else "")
