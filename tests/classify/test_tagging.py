"""Tagging what is new: batch by batch, until nothing waits, and people stay right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from classify.classifier import Classifier
from classify.tagging import tag_new
from models.store import Store
from models.store.sharing import STRETCH
from models.tag import Tag
from tests.classify.said import ANAS_FAN, CLEO, DRE
from tests.factories import a_post, a_watch


def put(store: Store, now: datetime, *texts: str) -> list[int]:
    """Keep posts with these texts, and return their ids in order."""
    watch = a_watch(store)
    posts = [a_post(text=text) for text in texts]
    with store.begin() as tx:
        kept = tx.posts.add(watch, posts, now)
    return [kept.ids[post.source, post.external_id] for post in posts]


def counts(store: Store) -> dict[str, int]:
    """Return how many posts carry each label."""
    with store.read() as tx:
        rows = tx.session.connection().exec_driver_sql(
            "SELECT label, count(*) FROM tag WHERE holds AND put GROUP BY label"
        )
        return {row[0]: row[1] for row in rows}


def test_every_new_post_is_looked_at_once(
    store: Store, classifier: Classifier, now: datetime
) -> None:
    """In batches smaller than what waits; a second run finds nothing to do."""
    put(store, now, CLEO, DRE, ANAS_FAN, "Rain until noon", "¤¤¤")
    heard: list[int] = []

    assert tag_new(store, classifier, now=now, batch=2, progress=heard.append) == 5
    assert heard == [2, 4, 5]
    assert counts(store)["praise"] == 1 and counts(store)["credit_request"] == 1
    assert tag_new(store, classifier, now=now) == 0


class Slow:
    """A classifier that is overtaken while it reads: meanwhile another has tagged all there is."""

    by = "classifier:slow"

    def __init__(self, store: Store, other: Classifier, now: datetime) -> None:
        self._store, self._other, self._now = store, other, now

    def tag(self, texts: Sequence[tuple[int, str]]) -> tuple[list[Tag], list[int]]:
        """Find praise in everything, too late."""
        tag_new(self._store, self._other, now=self._now)
        return [Tag(post_id=post_id, label="praise", by=self.by) for post_id, _ in texts], []


def test_of_two_at_once_the_first_one_tags(
    store: Store, classifier: Classifier, now: datetime
) -> None:
    """The other keeps nothing of what it found."""
    put(store, now, CLEO, DRE, "Rain until noon")

    done = tag_new(store, Slow(store, classifier, now), now=now)  # type: ignore[arg-type]

    assert done == 0
    with store.read() as tx:
        said = "SELECT DISTINCT scored_by FROM post UNION SELECT DISTINCT by FROM tag"
        rows = tx.session.connection().exec_driver_sql(said)
        assert [row[0] for row in rows] == [classifier.by]


def test_a_stretch_is_tagged_alone(store: Store, classifier: Classifier, now: datetime) -> None:
    """The posts of one stretch of numbers, and no others."""
    ids = put(store, now, CLEO, DRE)
    with store.read() as tx:
        (stretch,) = tx.posts.stretches()

    assert stretch == ids[0] // STRETCH
    assert tag_new(store, classifier, now=now, stretch=stretch + 1) == 0
    assert tag_new(store, classifier, now=now, stretch=stretch) == 2
    with store.read() as tx:
        assert tx.posts.stretches() == []


def test_what_a_person_said_stays(lite: Store, classifier: Classifier, now: datetime) -> None:
    """Ana took the label off before the classifier came; it doesn't put it on again."""
    (cleo,) = put(lite, now, CLEO)
    with lite.begin() as tx:
        tx.tags.put([Tag(post_id=cleo, label="complaint", by="ana", put=False)], now)

    tag_new(lite, classifier, now=now)

    assert "complaint" not in counts(lite)


def test_a_run_cut_short_goes_on_where_it_stopped(
    lite: Store, classifier: Classifier, now: datetime
) -> None:
    """What was done before the interruption is kept."""
    put(lite, now, CLEO, DRE, ANAS_FAN)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tag_new(lite, classifier, now=now, batch=1, progress=interrupt)

    assert tag_new(lite, classifier, now=now) == 2
