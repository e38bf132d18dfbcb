"""Tagging what is new: the classifier's stretch of the corridor, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from models.likeness import Sketch
from models.store import Store
from models.tag import Tag

BATCH = 4_000
"""Posts scored and kept at a time."""

_NONE: Mapping[str, Sketch] = {}


class Tagger(Protocol):
    """A classifier, or what has asked one before."""

    @property
    def by(self) -> str:
        """Who its tags are by."""

    def tag(self, posts: Sequence[tuple[int, str]]) -> tuple[list[Tag], list[int]]:
        """Return the tags for (id, text) pairs, and the ids of the posts it can't read."""


def tag_new(
    store: Store,
    classifier: Tagger,
    *,
    now: datetime,
    batch: int = BATCH,
    stretch: int | None = None,
    progress: Callable[[int], None] | None = None,
    sketched: Mapping[str, Sketch] = _NONE,
) -> int:
    """
    Tag every post no classifier has looked at since its text last changed; return how many.

    With a `stretch` those of that one alone. Others may do the same at the same time: whoever is first
    with a post keeps what they say of it. `sketched` are those of their texts whose sketch was made
    before. `progress` hears how many are done, after each batch. What is done is kept, so a run that is
    cut short goes on where it stopped.
    """
    done = 0
    while True:
        with store.read() as tx:
            rows = tx.posts.unscored(batch, stretch)
        if not rows:
            return done
        tags, unread = classifier.tag([(row.post_id, row.text) for row in rows])
        if store.many_write:
            # On its own, for here one waits for the other: what is copied from whom has an order.
            with store.begin(refetchable=True) as tx:
                tx.copies.take_in(tx.posts.take(rows), sketched)
        with store.begin(refetchable=True) as tx:
            rows = tx.posts.take(rows)
            mine = {row.post_id for row in rows}
            tags = [tag for tag in tags if tag.post_id in mine]
            tx.tags.put_scored(
                rows, tags, by=classifier.by, at=now, unsupported=unread, sketched=sketched
            )
        done += len(rows)
        if progress is not None:
            progress(done)
