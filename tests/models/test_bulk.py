"""However rows are put into a database, the same ones are there, and the same ones count as new."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from models.errors import StoreError
from models.post import Post
from models.store import Store
from models.store.bulk import FEW
from models.store.dialect import engine_for
from models.tag import Tag
from tests.battery import times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch

ODD = [
    "a\0b",
    "tab\tand\\N",
    "“ø” 😡",
    "\\.",
    "new\nline \\t",
    "'; --",
    "\ud800",
    "%s ? {KEYS}",
    "￾",
]
BATCHES = (FEW - 1, 3 * FEW, 2 * FEW)
EXAMPLES = times(60)
Rows = dict[str, list[tuple[Any, ...]]]

LOOK = {
    "post": "SELECT * FROM post ORDER BY source, external_id",
    "words": "SELECT external_id, words FROM words JOIN post ON id = post_id ORDER BY 1",
    "seen": "SELECT external_id, seen_at FROM sighting JOIN post ON id = post_id ORDER BY 1, 2",
    "tag": "SELECT external_id, label, put, score, by, at, holds FROM tag"
    " JOIN post ON post.id = post_id ORDER BY 1, 2, 3, 4, 5",
    "item": "SELECT external_id, labels, points, urgency, open, item.version FROM item"
    " JOIN post ON post.id = post_id ORDER BY 1",
    "original": "SELECT near FROM original ORDER BY 1",
    "copied": "SELECT near, found, cluster FROM copied ORDER BY 1",
}


@pytest.fixture(scope="module")
def stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Store]]:
    """Return a store for each way: SQLite, PostgreSQL by COPY, PostgreSQL where that isn't allowed."""
    folder: Path = tmp_path_factory.mktemp("ways")
    copied = database("postgresql", request, folder)
    plain = make_url(database("postgresql", request, folder))
    engine = engine_for(str(plain.render_as_string(hide_password=False)))
    with engine.begin() as connection:
        for statement in ("CREATE ROLE bo LOGIN", f"REVOKE TEMP ON DATABASE {plain.database} FROM PUBLIC",
                          "GRANT ALL ON SCHEMA public TO bo"):  # fmt: skip
            connection.exec_driver_sql(statement)
    engine.dispose()
    urls = {
        "sqlite": f"sqlite:///{folder / 'amends.db'}",
        "copied": copied,
        "one by one": plain.set(username="bo").render_as_string(hide_password=False),
    }
    with ExitStack() as stack:
        yield {way: stack.enter_context(closing(Store.open(url))) for way, url in urls.items()}


def drawn(seed: int) -> list[list[Post]]:
    """Return batches of posts: known ones, edits, older versions, nothings, the same one twice."""
    draw = random.Random(seed)

    def one() -> Post:
        return Post(
            source=draw.choice(["x", "feed"]), external_id=str(draw.randrange(250)),
            text=f"{draw.choice(ODD)} text {draw.randrange(40)} " * draw.randrange(1, 12),
            author=draw.choice([None, "cleo", *ODD]), version=draw.randrange(3),
            as_of=draw.choice([None, NOW - timedelta(hours=draw.randrange(4))]),
            likes=draw.choice([None, 0, 2**40]), official=draw.random() < 0.1,
            posted_at=draw.choice([None, NOW]),
        )  # fmt: skip

    return [[one() for _ in range(size)] for size in BATCHES]


def lived(store: Store, seed: int) -> tuple[list[tuple[int, int]], Rows]:
    """Keep and tag what is drawn; return what was counted, and all rows without their numbers."""
    with store.begin() as tx:
        connection = tx.session.connection()
        for table in ("tally", "item", "tag", "copied", "original_key", "original", "mention", "edited",
                      "sighting", "post", "watch", "incident"):  # fmt: skip
            connection.exec_driver_sql(f"DELETE FROM {table}")
    watch, counted, draw = a_watch(store), [], random.Random(seed)
    for number, batch in enumerate(drawn(seed)):
        now = NOW + timedelta(minutes=number)
        with store.begin() as tx:
            kept = tx.posts.add(watch, batch, now, charges=NOW)
            counted.append((kept.new, kept.charged))
            assert list(kept.ids) and len(kept.ids) == len(
                {(p.source, p.external_id) for p in batch}
            )
            rows = sorted(tx.posts.unscored(900), key=lambda row: (row.text, row.near, row.as_of))
            tags = [Tag(post_id=row.post_id, label=label, by="classifier:a", score=len(row.text) / 997)
                    for row in rows for label in ("complaint", "praise") if row.near % 3]  # fmt: skip
            tx.tags.put_scored(rows, tags + tags[:5], "classifier:a", now)
            if tags:
                said = Tag(post_id=draw.choice(tags).post_id, label="praise", by="ana", put=False)
                tx.tags.put([said], now)
    with store.read() as tx:
        found = {}
        for name, sql in LOOK.items():
            lines = tx.session.connection().exec_driver_sql(sql).fetchall()
            # A post's number is the database's own affair.
            found[name] = sorted(
                (tuple(row[1:] if name == "post" else row) for row in lines), key=repr
            )
    return counted, {name: _alike(rows) for name, rows in found.items()}


def _alike(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(
        (tuple(int(value) if isinstance(value, bool) else value for value in row) for row in rows),
        key=repr,
    )


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_three_ways_leave_the_same_behind(stores: dict[str, Store], seed: int) -> None:
    """Posts, words, sightings, tags, items and what is a copy of what; new and charged ones counted."""
    wanted = lived(stores["sqlite"], seed)
    assert lived(stores["copied"], seed) == wanted
    assert lived(stores["one by one"], seed) == wanted


def test_numbers_follow_the_order_in_which_posts_came(store: Store) -> None:
    """Lists by number are lists by time, however many come at once."""
    watch = a_watch(store)
    posts = [a_post(external_id=f"{n * 7919 % 1000}") for n in range(3 * FEW)]

    with store.begin() as tx:
        kept = tx.posts.add(watch, posts, NOW)

    ids = [kept.ids[post.source, post.external_id] for post in posts]
    assert ids == sorted(ids)


def test_a_batch_that_is_refused_leaves_nothing(store: Store) -> None:
    """What the database says against a row is one sentence, and the transaction is undone."""
    watch = a_watch(store)
    posts = [a_post() for _ in range(2 * FEW)]

    with pytest.raises((StoreError, OverflowError)), store.begin() as tx:
        tx.posts.add(watch, [*posts, a_post(likes=2**70)], NOW)

    with store.begin() as tx:
        assert tx.posts.add(watch, posts, NOW).new == len(posts)
