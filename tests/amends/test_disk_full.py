"""The disk is full, or can't be synced: it ends or waits with a sentence, and heals by itself."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from models.store import Store
from models.store.soundness import damage, faults
from tests.amends.collecting import collecting, listens_to
from tests.amends.long_thread import LongThread
from tests.amends.note_taker import listen
from tests.battery import Record, tell, times

pytestmark = [pytest.mark.faults, pytest.mark.sqlite("a disk that is full under SQLite's file")]

FILES = ("amends.db", "amends.db-wal", "amends.db-shm", "amends.db-journal")
WRITES, SYNCS = "pwrite64,ftruncate", "fdatasync,fsync"
COMMENTS = 1_200
FAULTS, REFUSALS = 5, 3
"""Calls that fail under `amends run`, and how often at least that must be heard of."""

REFUSED = "the database refused"


class Inside(NamedTuple):
    """What is in a database: numbers of comments, notes, and what is wrong with it."""

    comments: list[int]
    notes: set[str]
    wrong: list[str]


def inside(store: Store) -> Inside:
    """Look into a database."""
    with store.read() as tx:
        connection = tx.session.connection()
        posts = connection.exec_driver_sql("SELECT external_id FROM post").scalars().all()
        notes = connection.exec_driver_sql("SELECT about FROM audit").scalars().all()
        wrong = [*filter(None, [damage(connection)]), *(one.what for one in faults(connection))]
    return Inside(sorted(int(post.rpartition("-")[2]) for post in posts), set(notes), wrong)


def inside_of(home: Path) -> Inside:
    """Look into the database of a home where nothing runs."""
    store = Store.open(f"sqlite:///{home / 'amends.db'}")
    try:
        return inside(store)
    finally:
        store.close()


def strace(home: Path, calls: str, *words: str) -> list[str]:
    """Return the words before a command that has its calls to the home's database watched."""
    paths = [f"-P{home / name}" for name in FILES]
    return ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(home / "calls"),
            "-e", f"trace={calls}", *words, *paths]  # fmt: skip


def listened(
    home: Path, blog: LongThread, calls: str, *words: str
) -> subprocess.CompletedProcess[str]:
    """Let a listener run to its end in a new home, its calls watched."""
    home.mkdir()
    command = [sys.executable, "-m", "tests.amends.note_taker", str(home), blog.article]
    return subprocess.run(
        [*strace(home, calls, *words), *command], capture_output=True, text=True, check=False
    )


def after_a_fault(
    home: Path, blog: LongThread, calls: str, fault: str, sentence: str
) -> Counter[str]:
    """Return what came of one fault, and of running once more when the disk is well again."""
    blog.asked.clear()
    ended = listened(home, blog, calls, "-e", f"inject={calls}:error={fault}")
    said = ended.stderr.strip()
    assert ended.returncode == 0 or re.fullmatch("amends: the database .*", said), said
    notes = set(ended.stdout.split())
    before = inside_of(home)
    listen(home, blog.article, notes.add)
    after = inside_of(home)
    return Counter(
        {
            "told": int(sentence in said),
            "lost": len({*range(1, COMMENTS + 1)} - {*after.comments}) + len(notes - after.notes),
            "double": len(after.comments) - len({*after.comments}),
            "unsound": len(before.wrong) + len(after.wrong),
            "asked again": blog.asked_again,
        }
    )


@pytest.mark.parametrize(
    ("calls", "error", "sentence"),
    [(WRITES, "ENOSPC", "disk is full"), (SYNCS, "EIO", "disk I/O error")],
    ids=["full", "failing fsync"],
)
def test_it_ends_with_a_sentence_and_the_next_run_heals_it(
    calls: str, error: str, sentence: str, tmp_path: Path, record_property: Record
) -> None:
    """At the n-th call the disk says no, for good or just once; afterwards it is well again."""
    points = times(50)
    with LongThread(tmp_path / "blog", COMMENTS) as blog:
        whole = listened(tmp_path / "whole", blog, calls)
        assert whole.returncode == 0, whole.stderr
        seen = (tmp_path / "whole" / "calls").read_text()
        count = len(re.findall(calls.partition(",")[0], seen))
        came = [
            after_a_fault(tmp_path / f"home{at}", blog, calls,
                          f"{error}:when={1 + at * count // points}{'+' if at % 2 else ''}", sentence)
            for at in range(points)
        ]  # fmt: skip

    total = sum(came, Counter())
    tell(
        record_property,
        f"{error} at {points} points of {count} calls of {calls}: healed by itself {len(came)} times,"
        f" {total['lost']} lost, {total['double']} double, {total['unsound']} unsound,"
        f" {total['asked again']} answers asked again; {total['told']} ended with a sentence",
    )
    assert (total["lost"], total["double"], total["unsound"]) == (0, 0, 0)
    assert max(one["asked again"] for one in came) <= 1
    assert total["told"] >= points // 2


@pytest.mark.parametrize(
    ("calls", "fault", "sentence"),
    [
        (WRITES, f"pwrite64:error=ENOSPC:when=300..{299 + FAULTS}", "make room on the disk"),
        (SYNCS, f"fdatasync:error=EIO:when=2..{2 * FAULTS}+2", "disk I/O error"),
    ],
    ids=["full for a while", "now and then a failing fsync"],
)
def test_amends_run_says_so_and_goes_on_in_the_same_process(
    calls: str, fault: str, sentence: str, home: Path, tmp_path: Path, record_property: Record
) -> None:
    """It doesn't end: it tries again, and once the disk is well it goes on where it was."""
    store = Store.open(f"sqlite:///{home / 'amends.db'}")
    with LongThread(tmp_path / "blog", COMMENTS) as blog:
        listens_to(store, blog)
        # Detached, so that Ctrl-C goes to the command itself.
        before = strace(home, calls, "-D", "-e", f"inject={fault}")
        with collecting(home, blog, tmp_path / "said.txt", before) as running:
            running.until(lambda: running.said.count(REFUSED) >= REFUSALS)
            running.until(lambda: len(inside(store).comments) == COMMENTS)
            said = running.said
    found = inside(store)
    store.close()

    refused = said.count(REFUSED)
    tell(
        record_property,
        f"amends run with {fault}: refused {refused} times, went on by itself,"
        f" {COMMENTS - len(found.comments)} of {COMMENTS:,} posts lost,"
        f" {blog.asked_again} answers asked again",
    )
    assert (found.comments, found.wrong) == (list(range(1, COMMENTS + 1)), [])
    assert refused >= REFUSALS and sentence in said and "Traceback" not in said
    assert blog.asked_again <= refused
