"""A large file is read by a process of its own; what is kept of it is what one process keeps."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from amends.backfill import Sofar, Stretch, backfill
from classify.classifier import Classifier
from classify.shelf import ready
from ingest.disk import CHUNK, Disk
from ingest.registry import all_sources
from models.errors import FencedOut
from models.incident import Watch
from models.store import Store
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

COUNT = 6_000
SMALL, LARGE = 1 << 40, 1
HOUR = timedelta(hours=1)

CORRECTED = "give me 3 % off, still no discs  number 5"
"""A text of the file's, of which a person has said something by then."""

KEPT = {
    "post": "external_id, text, author, near, scored_by, unsupported",
    "tag": "post_id, label, put, score, by",
    "item": "post_id, near, labels, points, urgency",
    "tally": "incident_id, quarter, source, labels, posts",
    "sighting": "watch_id, post_id, incident_id",
    "words": "post_id, words",
    "mention": "post_id, place, unit, amount, asked",
    "copied": "near, found, cluster",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """
    Return a file of three answers: complaints, requests, copies, what nobody reads, no post.

    Every hundredth is the company's own; one id comes twice in an answer with another text, and one is
    known before with an older one.
    """
    path = tmp_path / "posts.jsonl"
    padding = "really " * 90
    with path.open("w") as out:
        for number in range(COUNT):
            said = ["where is my credit?", "give me 3 % off, still no discs", "заказ не пришёл"]
            text = f"{said[number % 3]} {padding if number % 2 else ''} number {number // 8}"
            line = {
                "id": str(number),
                "text": text,
                "author": "cleo",
                "official": number % 100 == 0,
            }
            out.write(json.dumps(line) + "\n")
        twice = {
            "id": f"{COUNT - 1}",
            "text": "thank you, my credit is here",
            "author": "cleo",
            "version": 2,
        }
        out.write(f"{json.dumps(twice)}\nno post\n")
    assert path.stat().st_size > 2 * CHUNK
    return path


@contextmanager
def reading(mould: Path, folder: Path, file: Path, trained: Path, large: int) -> Iterator[Any]:
    """Open a store of its own, and begin to read the file into it."""
    folder.mkdir()
    shutil.copy(mould, folder / "amends.db")
    classifier: Classifier = ready(trained, lambda _: None, now=NOW)
    with closing(Store.open(f"sqlite:///{folder}/amends.db")) as store, Disk() as disk:
        watch: Watch = a_watch(store, source="file", once=True, address=str(file))
        with store.begin() as tx:
            older = [a_post(source="file", external_id="7", text="older", as_of=NOW - HOUR),
                     a_post(source="fake", external_id="a", text=CORRECTED)]  # fmt: skip
            ids = tx.posts.add(watch, older, NOW - HOUR).ids
            tx.tags.put([Tag(post_id=ids["fake", "a"], label="praise", by="bo", put=True),
                         Tag(post_id=ids["fake", "a"], label="complaint", by="bo", put=False)], NOW)  # fmt: skip
        stretch = Stretch(
            store=store, source=all_sources()["file"], asker=disk, classifier=classifier,
            clock=lambda: NOW, sleep=time.sleep, rejects=folder / "rejects.jsonl", large=large,
        )  # fmt: skip
        with closing(backfill(stretch, watch)) as steps:
            yield steps, lambda: kept(store), folder / "rejects.jsonl"


def kept(store: Store) -> dict[str, list[Any]]:
    """Return all that came of the posts."""
    with store.read() as tx:
        run = tx.session.connection().exec_driver_sql
        return {
            table: sorted(map(repr, run(f"SELECT {columns} FROM {table}")))
            for table, columns in KEPT.items()
        }


def last(steps: Iterator[Sofar]) -> Sofar:
    """Return how it ended."""
    *_, end = steps
    return end


def begun() -> BaseProcess:
    """Return the other process once it has begun, and waits for us to ask."""
    (other,) = multiprocessing.active_children()
    deadline, spent = time.monotonic() + 60, -1
    while True:
        state, now = stand(other)
        if state == "S" and now == spent and now > 20:
            return other
        assert time.monotonic() < deadline, f"it doesn't begin: {state}, {now} hundredths"
        spent = now
        time.sleep(0.5)


def stand(process: BaseProcess) -> tuple[str, int]:
    """Return what a process does, in Linux's letter, and the hundredths of a second it has worked."""
    said = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
    return said[0], int(said[11]) + int(said[12])


def test_read_ahead_or_not_the_same_is_kept(
    mould: Path, tmp_path: Path, file: Path, trained: Path
) -> None:
    """Posts, tags to the last digit, items, words, mentions, copies, rejects and counts."""
    with reading(mould, tmp_path / "alone", file, trained, SMALL) as (steps, all_kept, rejects):
        alone, one, said = last(steps), all_kept(), rejects.read_text()
    with reading(mould, tmp_path / "ahead", file, trained, LARGE) as (steps, all_kept, rejects):
        next(steps)
        begun()
        next(steps)
        assert len(multiprocessing.active_children()) == 1, "another process reads"
        ahead = last(steps)
        assert (ahead, all_kept(), rejects.read_text()) == (alone, one, said)
    assert (ahead.posts, ahead.new, ahead.tagged, ahead.rejected) == (
        COUNT + 1,
        COUNT - 1,
        COUNT + 1,
        1,
    )
    assert sum("'bo'" in row for row in one["tag"]) > 2, "what a person said is said of copies"
    assert all(one[table] for table in KEPT), "each of them was put to the test"
    assert multiprocessing.active_children() == []


def test_killed_the_other_process_is_not_missed(
    mould: Path, tmp_path: Path, file: Path, trained: Path
) -> None:
    """Ours reads on from what it has kept: nothing lost, nothing read twice."""
    with reading(mould, tmp_path / "killed", file, trained, LARGE) as (steps, all_kept, _):
        first = next(steps).posts
        assert 0 < first < COUNT
        other = begun()
        next(steps)
        other.kill()
        end = last(steps)
        assert (end.posts, end.new, end.tagged, end.rejected) == (
            COUNT + 1,
            COUNT - 1,
            COUNT + 1,
            1,
        )
        assert len(all_kept()["post"]) == COUNT + 1


def test_killed_before_it_has_begun_the_other_process_is_not_missed(
    mould: Path, tmp_path: Path, file: Path, trained: Path
) -> None:
    """Ours has read from the beginning."""
    with reading(mould, tmp_path / "killed", file, trained, LARGE) as (steps, all_kept, _):
        next(steps)
        (other,) = multiprocessing.active_children()
        other.kill()
        other.join()
        assert last(steps).new == COUNT - 1
        assert len(all_kept()["post"]) == COUNT + 1


def test_an_interrupt_reaches_the_one_who_writes_alone(
    mould: Path, tmp_path: Path, file: Path, trained: Path
) -> None:
    """The other process isn't ended by it, not even while it begins, and says nothing of it."""
    with reading(mould, tmp_path / "stopped", file, trained, LARGE) as (steps, _, _):
        next(steps)
        (other,) = multiprocessing.active_children()
        told = Path(f"/proc/{other.pid}/status").read_text()
        blocked = int(told.partition("SigBlk:")[2].split()[0], 16)
        assert blocked & 1 << (signal.SIGINT - 1)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_cut_short_the_other_process_ends_with_ours(
    mould: Path, tmp_path: Path, file: Path, trained: Path
) -> None:
    """Whoever stops reading leaves no process behind."""
    with reading(mould, tmp_path / "cut", file, trained, LARGE) as (steps, _, _):
        next(steps)
        steps.close()
        assert multiprocessing.active_children() == []


def test_who_begins_with_the_same_stretch_ends_the_one_before(
    mould: Path, tmp_path: Path, file: Path, trained: Path
) -> None:
    """What the first one has kept stays, and it is told where it goes on."""
    with reading(mould, tmp_path / "home", file, trained, SMALL) as (steps, found, _):
        next(steps)
        store = Store.open(f"sqlite:///{tmp_path}/home/amends.db")
        with store.begin() as tx:
            tx.leases.take_over("bringing watch 1", "another machine", NOW)
        before = found()

        with pytest.raises(FencedOut, match="another machine"):
            list(steps)

        assert found() == before
        store.close()
