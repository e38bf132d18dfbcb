"""The main queries go by indexes: what the databases say they would do, over a store with a few thousand posts."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from models.store import Store, dialect
from models.store.days import Days
from models.store.gauges import Gauges
from models.store.items import Seen, Verdict
from models.store.pulse import Pulse
from models.store.queue import Queue
from models.store.views import Views
from models.store.voices import Voices
from models.tag import Tag
from tests.factories import a_post, a_watch
from tests.queries import EVERYTHING, LONG, MAIN, SELDOM, Scene

POSTS, BATCH = 3_000, 1_000
WORDS = ("stream", "down", "credit", "login", "still", "thanks")
LABELS = ("complaint", "praise", "credit_request")

BIG = ("post", "item", "tag", "words", "sighting", "verdict", "mention", "copied", "original")
FEW = ("post_unscored", "post_aside", "post_changed", "item_seen")
"""Indexes of a few rows, however many there are in the table."""

_TABLE = re.compile(
    rf"\b(?:FROM|JOIN|,)\s+({'|'.join(BIG)})\b(?:\s+INDEXED BY \w+)?(?:\s+AS (\w+))?", re.IGNORECASE
)


@pytest.fixture
def filled(store: Store, now: datetime) -> Store:
    """Return a store with a few thousand posts of three days, tagged, and some worked on."""
    chance = random.Random(881)
    watch = a_watch(store, terms=["a"])
    posts = [
        a_post(external_id=str(number), text=" ".join(chance.choices(WORDS, k=6)),
               author=f"user{number % 700}", lang=chance.choice(("en", "de")),
               source=chance.choice(("x", "bluesky")),
               posted_at=now - timedelta(days=3) * chance.random())
        for number in range(POSTS)
    ]  # fmt: skip
    for begin in range(0, POSTS, BATCH):
        with store.begin(refetchable=True) as tx:
            tx.posts.add(watch, posts[begin : begin + BATCH], now)
            waiting = tx.posts.unscored(BATCH)
            tags = [Tag(post_id=one.post_id, label=label, by="classifier:x", score=0.9)
                    for one in waiting for label in LABELS if chance.random() < 0.3]  # fmt: skip
            tx.tags.put_scored(waiting, tags, by="classifier:x", at=now)
    with store.begin() as tx:
        seen = [Seen(line.post_id, line.version) for line in tx.queue.lines(1)]
        tx.items.decide(1, seen[:25], Verdict("dismiss"), "ana", now)
        tx.items.decide(1, seen[25:], Verdict("escalate"), "bo", now)
    if store.engine.dialect.name == "postgresql":
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return store


def scene(now: datetime) -> Scene:
    """Return what is in it."""
    return Scene(1, now, 3, LABELS, ("x", "bluesky"), ("en", "de"), ("ana", "bo"), WORDS,
                 lambda chance: f"word{chance.randrange(100)}")  # fmt: skip


def sent(store: Store, name: str, now: datetime) -> dict[str, Any]:
    """Return the statements a query sends, each with its values."""
    found: dict[str, Any] = {}

    def hear(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            found.setdefault(sql, values)

    event.listen(store.engine, "before_cursor_execute", hear)
    try:
        for turn in range(3):
            with store.read() as tx:
                (MAIN | LONG)[name](tx, scene(now), random.Random(turn))
    finally:
        event.remove(store.engine, "before_cursor_execute", hear)
    return found


def scanned(connection: Connection, sql: str, values: Any) -> list[str]:
    """Return the steps in which a database would go through all of a big table."""
    if dialect.is_sqlite(connection):
        names = {alias or table for table, alias in _TABLE.findall(sql)}
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
        return [step for step in steps if step.startswith("SCAN ") and step.split()[1] in names
                and "VIRTUAL TABLE" not in step and not step.endswith(FEW)]  # fmt: skip
    # Of so few posts it is quicker to read all; so it is asked what it would do if that weren't so.
    for way in ("seqscan", "hashjoin", "mergejoin"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", values).scalar()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return list(_scanned(plan[0]["Plan"], few=False))


def _scanned(node: dict[str, Any], *, few: bool) -> Iterator[str]:
    kind = node["Node Type"]
    # Whoever wants a few in an order stops early.
    few = few or kind == "Limit"
    bare = kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node
    whole = kind == "Seq Scan" or (bare and not few and node["Index Name"] not in FEW)
    if whole and node["Relation Name"] in BIG:
        yield f"{kind} on {node['Relation Name']} {node.get('Index Name', '')}"
    for part in node.get("Plans", ()):
        yield from _scanned(part, few=few)


def test_no_main_query_reads_a_table_from_end_to_end(filled: Store, now: datetime) -> None:
    """Each goes by an index, on either database; a newcomer belongs into the list."""
    found: dict[str, list[str]] = {}
    for name in {*MAIN, *LONG} - EVERYTHING:
        said = sent(filled, name, now)
        with (
            filled.engine.execution_options(amends="read").connect() as connection,
            connection.begin(),
        ):
            for sql, values in said.items():
                steps = scanned(connection, sql, values)
                if steps:
                    found.setdefault(name, []).extend([*steps, sql])
    assert not found, "\n".join(
        f"{name}: {step}" for name, steps in found.items() for step in steps
    )


def test_every_query_of_the_board_stands_in_the_list() -> None:
    """What the rooms people look into can be asked is named there: as a main query, as long, or as seldom asked."""
    rooms = {"queue": Queue, "pulse": Pulse, "days": Days, "voices": Voices, "views": Views, "gauges": Gauges}  # fmt: skip
    can = {f"{room}.{name}" for room, each in rooms.items() for name in vars(each) if name[0] != "_"}  # fmt: skip
    told = {name.partition(":")[0] for name in (*MAIN, *LONG)} | SELDOM
    assert can - told == set()
