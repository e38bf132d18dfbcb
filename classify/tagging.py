"""Tagging what is new: the classifier's stretch of the corridor, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from classify.classifier import Classifier
from models.store import Store

BATCH = 4_000
"""Posts scored and kept at a time."""


def tag_new(
    store: Store,
    classifier: Classifier,
    *,
    now: datetime,
    batch: int = BATCH,
    stretch: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """
    Tag every post no classifier has looked at since its text last changed; return how many.

    With a `stretch` those of that one alone. Others may do the same at the same time: whoever is first
    with a post keeps what they say of it. `progress` hears how many are done, after each batch. What is
    done is kept, so a run that is cut short goes on where it stopped.
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
                tx.copies.take_in(tx.posts.take(rows))
        with store.begin(refetchable=True) as tx:
            rows = tx.posts.take(rows)
            mine = {row.post_id for row in rows}
            tags = [tag for tag in tags if tag.post_id in mine]
            tx.tags.put_scored(rows, tags, by=classifier.by, at=now, unsupported=unread)
        done += len(rows)
        if progress is not None:
            progress(done)
