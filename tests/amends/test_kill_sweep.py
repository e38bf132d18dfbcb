"""Killed before every so manieth call that writes or asks: nothing lost, nothing double, no start refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.amends.lives import Driver, Found, Sweep, look
from tests.amends.swept_server import PLACES, SweptServer
from tests.battery import FULL, Record, tell, times
from tests.conftest import database

ASKING = ["connect", "sendto", "recvfrom"]
WRITING = ["pwrite64", "fdatasync", "ftruncate", "unlink"]


@pytest.fixture
def server() -> Iterator[SweptServer]:
    """Return the four places; X shows the last week only."""
    began = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(
        days=6, hours=8
    )
    with SweptServer(began) as served:
        yield served


def look_into_copy(url: str) -> Found:
    """Look into a copy: opening a database after a kill mends it, and that is the next start's job."""
    path = Path(url.removeprefix("sqlite:///"))
    copy = path.parent / "copy"
    copy.mkdir(exist_ok=True)
    for old in copy.iterdir():
        old.unlink()
    for name in (path.name, f"{path.name}-wal", f"{path.name}-journal"):
        if (path.parent / name).exists():
            shutil.copy(path.parent / name, copy)
    return look(f"sqlite:///{copy / path.name}")


@pytest.mark.faults
def test_killed_at_every_kth_call_on_sqlite(
    server: SweptServer, tmp_path: Path, record_property: Record
) -> None:
    """From the first bytes of an empty database to the last answer of the second stretch."""

    def fresh() -> str:
        shutil.rmtree(tmp_path / "home", ignore_errors=True)
        (tmp_path / "home").mkdir()
        return f"sqlite:///{tmp_path / 'home' / 'amends.db'}"

    with Driver() as driver:
        sweep = Sweep(driver, server, [*WRITING, *ASKING], look_into_copy)
        sweep.undisturbed(fresh(), tmp_path / "log")
        while sweep.kills.total() < times(300):
            sweep.life(fresh())
    assert sweep.kills.keys() == {*WRITING, *ASKING} or not FULL
    tell(record_property, said(sweep, "on SQLite"))


@pytest.mark.faults
def test_client_killed_at_every_kth_call_on_postgresql(
    server: SweptServer, request: pytest.FixtureRequest, tmp_path: Path, record_property: Record
) -> None:
    """Before words to the server and after them: it may finish what nobody waits for any more."""
    url = database("postgresql", request, tmp_path).replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url, poolclass=NullPool)

    def fresh() -> str:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        return url

    with Driver() as driver:
        sweep = Sweep(driver, server, ASKING, look)
        sweep.undisturbed(fresh(), tmp_path / "log")
        while sweep.kills.total() < times(100):
            sweep.life(fresh())
    tell(record_property, said(sweep, "of the client on PostgreSQL"))


def said(sweep: Sweep, where: str) -> str:
    """Return what was counted."""
    calls = ", ".join(f"{call} {kills}" for call, kills in sweep.kills.most_common())
    return (
        f"{sweep.kills.total()} kills {where} ({calls}) over {len(PLACES)} sources: 0 lost, 0 double,"
        f" 0 refused starts, {sweep.again.total()} answers asked again, at most one a source and kill"
    )
