"""Workers share the work of a PostgreSQL: some are killed, the database goes away, and nothing is lost or double."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

import pytest
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Status
from procrastinate.testing import InMemoryConnector

from amends.outputs.dispatch import Dispatch
from amends.rounds import Besides
from amends.workers.jobs import Hands, Jobs
from amends.workers.line import line, put, put_backfill
from amends.workers.tables import make_ready
from classify.classifier import Classifier
from models.incident import WatchRow
from models.store import Store
from models.store.sharing import words_of
from tests.amends.conftest import Amends
from tests.amends.crew import MACHINE, Crew, crew
from tests.amends.test_database_gone import PostgresServer, own, take_away
from tests.amends.test_rivals_files import Dead
from tests.battery import FULL, Record, tell, times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch, an_incident
from tests.fake import Fake, FakePlaces

__all__ = ["own"]

WORKERS = 4
KILLS = times(50)
POSTS = 200_000 if FULL else 8_000
AWAY = [60.0, *[5.0] * 5] if FULL else [1.5]
"""Seconds for which the database is away, each time."""


class Counted(NamedTuple):
    """What is in a database: posts, different ones, those tagged, those in the queue; tags and tags taken away again."""

    posts: int
    different: int
    tagged: int
    items: int
    tags: int
    untagged: int


_COUNT = """
SELECT COUNT(*), COUNT(DISTINCT external_id), COUNT(scored_by), (SELECT COUNT(*) FROM item),
    (SELECT COUNT(*) FROM tag WHERE holds),
    (SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'tag') FROM post
"""


def counted(store: Store) -> Counted:
    """Count what is in a database."""
    with store.read() as tx:
        return Counted(*tx.session.connection().exec_driver_sql(_COUNT).one())


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a fresh PostgreSQL database."""
    mould = request.getfixturevalue("postgresql_mould")
    return database("postgresql", request, tmp_path, mould)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return the store that is shared."""
    opened = Store.open(url)
    yield opened
    opened.close()


def hands_over(store: Store, file: Path, posts: int) -> None:
    """Write a file of posts, and let workers bring it."""
    with file.open("w") as out:
        for number in range(posts):
            text = f"post {number}: still no discs for week {number % 97}, where is my credit?"
            out.write(
                json.dumps({"id": str(number), "text": text, "author": f"cleo{number}"}) + "\n"
            )
    with store.begin() as tx:
        incident = tx.incidents.add(an_incident()).id or 0
        wanted = WatchRow(incident_id=incident, key="", source="file", once=True,
                          address=str(file), created_at=NOW)  # fmt: skip
        watch = tx.watches.add(wanted)[0].as_watch()
    make_ready(store)
    with line(SyncPsycopgConnector(kwargs=words_of(store.engine), min_size=1)).open() as app:
        put_backfill(app, watch, MACHINE, None, NOW)


def in_line(store: Store, *tasks: str) -> int:
    """Count the jobs that wait or are in hand."""
    named = ", ".join(f"'amends.{task}'" for task in tasks)
    sql = f"SELECT COUNT(*) FROM procrastinate_jobs WHERE task_name IN ({named})"
    with store.read() as tx:
        return int(tx.session.connection().exec_driver_sql(sql).scalar() or 0)


def in_hand(store: Store) -> bool:
    """Return whether a worker has begun with a job, and not ended it."""
    sql = "SELECT COUNT(*) FROM procrastinate_jobs WHERE status = 'doing'"
    with store.read() as tx:
        return bool(tx.session.connection().exec_driver_sql(sql).scalar())


def all_done(store: Store, posts: int) -> bool:
    """Return whether all is brought and tagged, and no job left."""
    return counted(store).tagged == posts and not in_line(store, "tag", "backfill")


def test_killed_again_and_again_nothing_is_lost_and_nothing_twice(
    home: Path, url: str, store: Store, tmp_path: Path, record_property: Record
) -> None:
    """Kill -9 at random moments of a backfill that four share: every post once, tagged once."""
    hands_over(store, tmp_path / "posts.jsonl", POSTS)
    moments, killed, begun = random.Random(881), 0, time.monotonic()
    with crew(home, url, tmp_path / "said.txt") as workers:
        workers.starts(WORKERS)
        workers.until(lambda: counted(store).posts > 0)
        while killed < KILLS and not all_done(store, POSTS):
            time.sleep(moments.uniform(0.05, 3.0 if FULL else 0.4))
            workers.loses(moments.randrange(WORKERS))
            killed += 1
        # Those may all have been idle, or still beginning. Of all four one has something in hand.
        workers.until(lambda: in_hand(store) or all_done(store, POSTS))
        for _ in range(WORKERS):
            workers.loses(0)
        workers.until(lambda: all_done(store, POSTS))
        took = time.monotonic() - begun
        workers.ends()
        said = workers.said
    found = counted(store)
    tell(record_property,
         f"{killed + WORKERS} kills of {WORKERS} workers in a backfill of {POSTS:,} posts ({took:.0f} s):"
         f" {POSTS - found.different} lost, {found.posts - found.different} double,"
         f" {found.untagged} tags put twice, {said.count('a worker is gone')} jobs done again")  # fmt: skip
    assert killed == KILLS, "it was done before all of them were killed"
    assert found[:4] == (POSTS, POSTS, POSTS, POSTS)
    assert found.tags >= POSTS and found.untagged == 0, "a post was tagged a second time"
    assert "a worker is gone" in said and "Traceback" not in said


def test_the_database_goes_away_and_comes_back(
    home: Path, own: PostgresServer, tmp_path: Path, record_property: Record
) -> None:
    """The same workers: they say so, wait and go on; nothing lost, nothing twice."""
    store = Store.open(own.get_uri())
    posts = POSTS // 2 if FULL else POSTS
    hands_over(store, tmp_path / "posts.jsonl", posts)
    healed = []
    with crew(home, own.get_uri(), tmp_path / "said.txt") as workers:
        workers.starts(2)
        for seconds in AWAY:
            goes_on(workers, store)
            take_away(own, seconds)
            healed.append(goes_on(workers, store))
        workers.until(lambda: all_done(store, posts))
        alive = [one for one in workers.alive if Path(f"/proc/{one}").exists()]
        workers.ends()
        said = workers.said
    found = counted(store)
    store.close()
    tell(record_property,
         f"PostgreSQL stopped {len(AWAY)} times for up to {max(AWAY):.0f} s under 2 workers:"
         f" {posts - found.different} lost, {found.posts - found.different} double, on again after"
         f" {max(healed):.1f} s at most")  # fmt: skip
    assert found[:4] == (posts, posts, posts, posts)
    assert len(alive) == 2 and "Traceback" not in said
    assert "the database is gone" in said and "the database is back" in said


def goes_on(workers: Crew, store: Store) -> float:
    """Wait until more posts are tagged, or all are; return the seconds it took."""
    before = counted(store)
    return workers.until(
        lambda: (now := counted(store)).tagged > before.tagged or now.tagged == now.posts > 0
    )


def test_a_run_and_workers_stand_by_for_each_other(
    amends: Amends, home: Path, url: str, store: Store, tmp_path: Path
) -> None:
    """Whoever collects for an incident is named, and the other asks nobody."""
    with store.begin() as tx:
        incident = tx.incidents.add(an_incident()).id or 0
        tx.watches.add(WatchRow(incident_id=incident, key="", source="thread_page", created_at=NOW,
                                address="http://127.0.0.1:1/thread"))  # fmt: skip
        row = tx.leases.take(
            "collecting for discs-late", "bo's machine, process 9", datetime.now(UTC)
        )
    with crew(home, url, tmp_path / "said.txt") as workers:
        workers.starts(1)
        workers.until(lambda: "bo's machine, process 9 is collecting" in workers.said)
        with store.read() as tx:
            assert tx.watches.of(incident)[0].asked_at is None
            assert tx.watches.of(incident)[0].trouble is None
    with store.begin() as tx:
        held = tx.leases.take("collecting for discs-late", row.holder, datetime.now(UTC))
        held.holder, held.token = "a worker", held.token + 1
    ours = amends("run", "discs-late", "--once", AMENDS_DATABASE_URL=url)
    assert ours.code == 0 and "a worker is collecting for discs-late; standing by" in ours.err


def test_a_job_that_stands_in_line_already_is_not_put_back(store: Store) -> None:
    """Else its lock would stay with a worker that is gone, and it would never be done."""
    make_ready(store)
    make_ready(store)
    words = words_of(store.engine)

    async def scene(other: App) -> list[str]:
        async with line(PsycopgConnector(kwargs=words, min_size=1)).open_async() as app:
            jobs = app.job_manager
            put(other, "tag", "tag 7", stretch=7)
            await jobs.fetch_job(None, await jobs.register_worker())
            put(other, "tag", "tag 7", stretch=7)
            put(other, "tag", "tag 7", stretch=7)
            await asyncio.sleep(0.05)
            for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=0.01):
                await jobs.retry_job(job)
            return [str(job.status) for job in await jobs.list_jobs_async()]

    with line(SyncPsycopgConnector(kwargs=words, min_size=1)).open() as other:
        assert asyncio.run(scene(other)) == ["todo"]


def test_who_was_taken_for_gone_marks_nothing(store: Store) -> None:
    """Its job is in another's hands; were it marked as done, nobody would know once that one is killed."""
    make_ready(store)
    words = words_of(store.engine)

    async def scene(other: App) -> list[str]:
        async with line(PsycopgConnector(kwargs=words, min_size=1)).open_async() as app:
            jobs = app.job_manager
            put(other, "tag", "tag 7", stretch=7)
            slept = await jobs.fetch_job(None, await jobs.register_worker())
            assert slept is not None
            await jobs.retry_job(slept)
            assert await jobs.fetch_job(None, await jobs.register_worker())
            await jobs.finish_job(slept, Status.SUCCEEDED, delete_job=True)
            await jobs.retry_job(slept)
            return [str(job.status) for job in await jobs.list_jobs_async()]

    with line(SyncPsycopgConnector(kwargs=words, min_size=1)).open() as other:
        assert asyncio.run(scene(other)) == ["doing"]


def test_what_goes_wrong_in_job_after_job_is_said_once(store: Store) -> None:
    """A classifier that can't tag is tried again every few seconds."""
    watch = a_watch(store)
    with store.begin(refetchable=True) as tx:
        tx.posts.add(watch, [a_post()], NOW)
    said: list[str] = []
    hands = Hands(
        store=store, sources={}, asker=FakePlaces(Fake()), classifier=cast(Classifier, Dead()),
        clock=lambda: NOW, say=said.append, besides=cast(Besides, None),
        dispatch=cast(Dispatch, None), rejects=Path(), labels=frozenset(),
    )  # fmt: skip
    jobs = Jobs(App(connector=InMemoryConnector()), hands, 30, 10)

    for _ in range(3):
        jobs.tag(0)

    assert len(said) == 1 and "can't tag" in said[0]


@pytest.mark.sqlite("on PostgreSQL a worker works")
def test_without_postgresql_it_is_a_sentence(amends: Amends) -> None:
    """What, and what to do; exit code 2."""
    lite = amends("worker")
    assert lite.code == 2 and "SQLite" in lite.err and "amends run" in lite.err


def test_without_procrastinate_it_is_a_sentence(
    amends: Amends, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What, and what to install; exit code 2."""
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    bare = amends("worker", AMENDS_DATABASE_URL=url)
    assert bare.code == 2 and "amends[workers]" in bare.err
