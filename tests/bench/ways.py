"""
One way from a file of posts to a database, in a process of its own: `python -m tests.bench.ways WAY …`.

It prints what it took as a line of JSON. The ways of others are what somebody writes who hasn't thought
about speed yet, and what the packages of others do with the same file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

LOOK = 0.5
"""Seconds between two looks at how much memory is taken."""

BATCH = 4_000
ALONE = 1 << 50
_CAME = """CROSS JOIN (SELECT near AS said, MIN(id) AS came FROM post GROUP BY near) AS first
WHERE said = near ORDER BY came"""
BARE = {
    "post": "ORDER BY id",
    "sighting": "ORDER BY post_id",
    "item": "ORDER BY post_id",
    "original": _CAME,
    "original_key": _CAME,
    "copied": _CAME,
}
"""
Tables of the floor, and how their rows are read in the order in which they came: all that a post leaves
behind but tags, words and mentions of offers.
"""

Asked = argparse.Namespace


def amends(asked: Asked) -> float:
    """Amends as `amends backfill` runs it: everything kept, tagged, found again by its words."""
    return _backfilled(asked, None)


def alone(asked: Asked) -> float:
    """The same in one process."""
    return _backfilled(asked, ALONE)


def _backfilled(asked: Asked, large: int | None) -> float:
    from amends.ahead import LARGE, seldom_look_for_garbage
    from amends.backfill import Stretch, backfill
    from classify.classifier import Classifier
    from classify.labels import Labels
    from ingest.disk import Disk
    from ingest.registry import all_sources

    store, watch = _opened(asked.database, asked.file)
    classifier = Classifier.load(asked.classifier, Labels.load())
    with Disk() as disk:
        stretch = Stretch(
            store=store, source=all_sources()["file"], asker=disk, classifier=classifier,
            clock=lambda: datetime.now(UTC), sleep=time.sleep, large=large or LARGE,
            rejects=asked.file.with_suffix(".rejects"),
        )  # fmt: skip
        seldom_look_for_garbage()
        began = time.perf_counter()
        *_, last = backfill(stretch, watch)
        took = time.perf_counter() - began
    store.close()
    if not last.new == last.tagged == asked.posts:
        sys.exit(f"{last.new:,} kept and {last.tagged:,} tagged of {asked.posts:,}")
    return took


def _opened(database: str, file: Path) -> Any:
    from models.incident import IncidentRow, WatchRow
    from models.store import Store

    now = datetime.now(UTC)
    store = Store.open(database)
    with store.begin() as tx:
        row = IncidentRow(slug="bench", title="Bench", company="Reelpost", began=now, opened_at=now)
        tx.incidents.add(row)
        watch, _ = tx.watches.add(
            WatchRow(incident_id=row.id or 0, key="", source="file", once=True, address=str(file),
                     created_at=now)
        )  # fmt: skip
    return store, watch.as_watch()


def floor(asked: Asked) -> float:
    """A bare executemany of the rows that Amends kept, with all their indexes, but no tags and no words."""
    from sqlalchemy import create_engine

    from models.store import dialect

    _opened(asked.database, asked.file)[0].close()
    source, engine = create_engine(_native(asked.of)), dialect.engine_for(asked.database)
    rounds = -(-asked.posts // BATCH)
    streams = {}
    for table, order in BARE.items():
        reading = source.connect()
        count = reading.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar()
        rows = reading.execution_options(stream_results=True).exec_driver_sql(
            f"SELECT {table}.* FROM {table} {order}"
        )
        streams[table] = rows.partitions(max(1, -(-count // rounds)))
    took = 0.0
    with engine.connect() as connection:
        for _ in range(rounds):
            parts = {table: next(rows, []) for table, rows in streams.items()}
            began = time.perf_counter()
            with connection.execution_options(amends="refetchable").begin():
                for table, part in parts.items():
                    marks = ", ".join("?" * len(part[0])) if part else ""
                    sql = f"INSERT INTO {table} VALUES ({marks})"
                    dialect.many(connection, sql, map(tuple, part))
            took += time.perf_counter() - began
    return took


def _native(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def row_at_a_time(asked: Asked) -> float:
    """Row by row, as it is usually written first: look whether it is there, predict, add, commit."""
    from sqlmodel import Field, Session, SQLModel, create_engine, select

    from classify.examples import Examples, shipped
    from classify.labels import Labels
    from tests.bench.scoring import words_only

    class Said(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        external_id: str = Field(unique=True)
        text: str
        author: str
        created_at: datetime = Field(index=True)
        complaint: bool
        praise: bool
        credit_request: bool

    labels = Labels.load().main
    pipeline = words_only(Examples(shipped(labels), labels))
    engine = create_engine(_native(asked.database))
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables["said"]])
    began = time.perf_counter()
    with asked.file.open() as lines, Session(engine) as session:
        for line in lines:
            one = json.loads(line)
            if session.exec(select(Said).where(Said.external_id == one["id"])).first():
                continue
            put = pipeline.predict([one["text"]])[0]
            session.add(
                Said(external_id=one["id"], text=one["text"], author=one["author"],
                     created_at=datetime.fromisoformat(one["created_at"]),
                     complaint=bool(put[0]), praise=bool(put[1]), credit_request=bool(put[2]))
            )  # fmt: skip
            session.commit()
    return time.perf_counter() - began


def to_sql(asked: Asked) -> float:
    """pandas: read the lines, `to_sql`; nothing is tagged, nothing is looked up."""
    import pandas as pd
    from sqlalchemy import create_engine

    engine = create_engine(_native(asked.database))
    began = time.perf_counter()
    for part in pd.read_json(asked.file, lines=True, chunksize=BATCH, dtype=False):
        part.to_sql("said", engine, if_exists="append", index=False)
    return time.perf_counter() - began


OBSEI = """version: 1
store: {path: obsei.duckdb, unencrypted: true}
privacy: {redact: true, regions: [global]}
pipelines:
  - name: posts
    sources:
      - key: posts
        type: jsonl
        config:
          path: FILE
          fields: {text: text, id: id, created_at: created_at, author: author, lang: lang}
"""


def obsei(asked: Asked) -> float:
    """obsei, from the same file into its DuckDB, without a classifier; it also redacts."""
    import subprocess

    folder = asked.folder
    Path(folder, "obsei.yaml").write_text(OBSEI.replace("FILE", str(asked.file)))
    command = [str(Path(sys.executable).with_name("obsei")), "run"]
    salt = {"OBSEI_PSEUDONYM_SALT": "only for this measurement"}
    began = time.perf_counter()
    ended = subprocess.run(command, cwd=folder, env=os.environ | salt, capture_output=True,
                           text=True, check=True)  # fmt: skip
    took = time.perf_counter() - began
    if f"stored {asked.posts}" not in ended.stdout:
        sys.exit(f"obsei said: {ended.stdout}")
    return took


WAYS: dict[str, Callable[[Asked], float]] = {
    way.__name__: way for way in (amends, alone, floor, row_at_a_time, to_sql, obsei)
}


def main() -> None:
    """Go one way, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--file", type=Path, required=True, help="posts, one JSON object a line")
    parser.add_argument("--posts", type=int, required=True, help="how many there are in it")
    parser.add_argument("--folder", type=Path, required=True, help="for what it writes")
    parser.add_argument("--database", default="", help="an empty database")
    parser.add_argument("--classifier", type=Path, help="folder of a saved classifier")
    parser.add_argument("--of", default="", help="for the floor: the database whose rows it writes")
    asked = parser.parse_args()
    peaks = [memory()]
    threading.Thread(target=watch, args=(peaks,), daemon=True).start()
    seconds = WAYS[asked.way](asked)
    print(json.dumps({"seconds": seconds, "mb": max(peaks)}))


def watch(peaks: list[int]) -> None:
    """Note again and again how much memory all take."""
    while True:
        time.sleep(LOOK)
        peaks.append(memory())


def memory() -> int:
    """Return the megabytes this process and those it started take; what they share counts once."""
    with suppress(OSError):
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        return sum(pss(pid) for pid in ("self", *children)) // 1024
    return 0


def pss(pid: str) -> int:
    """Return the kilobytes a process takes, its part of what it shares with others included."""
    with suppress(OSError):  # it may just have ended
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


if __name__ == "__main__":
    main()
