"""`amends db` as a person uses it, and killed in the middle."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from models.errors import StoreError
from models.home import Home
from models.store import Store
from models.store.dialect import engine_for
from models.store.held import held
from models.store.restore import file_of
from tests.amends.conftest import Amends
from tests.battery import Record, tell, times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch

KILLS = times(20)
POSTS = 5_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with nothing in it, not even a classifier."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def keep(home: Path, posts: int) -> None:
    """Open an incident with so many posts."""
    with closing(Store.open(Home(home).database_url)) as store:
        watch = a_watch(store)
        with store.begin() as tx:
            tx.posts.add(watch, [a_post() for _ in range(posts)], NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with nothing in it, of each of the two kinds."""
    (tmp_path / "new").mkdir()
    return database(request.param, request, tmp_path / "new")


def named(target: str) -> str:
    """Return the address as a person types it, without a password."""
    return make_url(target)._replace(password=None).render_as_string()


def test_there_and_back(amends: Amends, home: Path, target: str, tmp_path: Path) -> None:
    """A home goes into the other database and comes back, and digests say that it is the same."""
    keep(home, 30)
    was = json.loads(amends("db", "show", "--digests", "--as", "json").out)

    there = amends("db", "move", named(target), "--as", "jsonl")

    assert there.code == 0, there.err
    assert "each is there, and the same" in there.err
    assert "export AMENDS_DATABASE_URL=" in there.err
    back = amends("db", "move", str(tmp_path / "back.db"), AMENDS_DATABASE_URL=target)
    assert back.code == 0, back.err
    url = f"sqlite:///{tmp_path / 'back.db'}"
    again = json.loads(
        amends("db", "show", "--digests", "--as", "json", AMENDS_DATABASE_URL=url).out
    )
    assert [(row["table"], row["rows"], row["digest"]) for row in again] == [
        (row["table"], row["rows"], row["digest"]) for row in was
    ]
    assert amends("doctor").code == 0, "W and I are no errors"


def test_back_where_a_home_is_by_itself_nothing_need_be_set(
    amends: Amends, home: Path, target: str
) -> None:
    """The person is told to unset, not to set."""
    keep(home, 3)
    assert amends("db", "move", named(target)).code == 0
    for file in home.glob("amends.db*"):
        file.unlink()

    said = amends("db", "move", str(home / "amends.db"), AMENDS_DATABASE_URL=target)

    assert said.code == 0 and "unset AMENDS_DATABASE_URL" in said.err


def test_what_cannot_be_moved_to_is_a_sentence(amends: Amends, home: Path, tmp_path: Path) -> None:
    """What, where, and what to do; exit code 2."""
    keep(home, 3)
    (tmp_path / "letter.txt").write_text("Dear Ana, this is no database at all, sorry. " * 30)
    for to, what in (
        (str(tmp_path / "nowhere" / "a.db"), "No such file"),
        (str(tmp_path / "letter.txt"), "not a database"),
        (str(home / "amends.db"), "already"),
        ("postgresql://ana:secret@127.0.0.1/a", "password"),
        ("postgresql://127.0.0.1:9/a", "can't use the database"),
        ("mysql://127.0.0.1/a", "SQLite or PostgreSQL"),
    ):
        said = amends("db", "move", to)

        assert said.code == 2 and what in said.err, said.err
        assert "→" in said.err and "secret" not in said.err
    assert (tmp_path / "letter.txt").read_text().startswith("Dear Ana")


def test_a_file_of_posts_is_for_its_owner(amends: Amends, home: Path, tmp_path: Path) -> None:
    """Outside the home too."""
    keep(home, 3)
    assert amends("db", "move", str(tmp_path / "new.db")).code == 0
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0


def command(home: Path, target: str) -> list[str]:
    """Return what is killed."""
    words = [sys.executable, "-m", "amends", "--home", str(home)]
    return [*words, "db", "move", named(target)]


def usable(target: str) -> bool:
    """Return whether a database can be used as a home's."""
    try:
        Store.open(target).close()
    except StoreError:
        return False
    return True


def test_killed_again_and_again_it_goes_on(
    home: Path, target: str, request: pytest.FixtureRequest, tmp_path: Path,
    record_property: Record,
) -> None:  # fmt: skip
    """Kill -9 while rows are moved or compared; never half a home in use, and all of it in the end."""
    keep(home, POSTS)
    with closing(Store.open(Home(home).database_url)) as store:
        wanted = held(store, digested=True)
    moments, killed, ended, found = random.Random(881), 0, 0, 0
    for number in count():
        running = subprocess.Popen(
            command(home, target), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        # On a busy machine more of them are killed before they have moved anything.
        if killed < KILLS or (not found and killed < 4 * KILLS):
            _kill_within(running, target, moments.uniform(0, 1))
        _, err = running.communicate()
        if running.returncode == -signal.SIGKILL:
            killed += 1
            if not usable(target) or _is_empty(target):
                continue
        else:
            assert running.returncode == 0, err
        found += "were there already" in err
        with closing(Store.open(target)) as store:
            assert held(store, digested=True).digests == wanted.digests
        ended += 1
        if killed >= KILLS and (found or killed >= 4 * KILLS):
            break
        (tmp_path / f"new{number}").mkdir()
        kind = "sqlite" if target.startswith("sqlite") else "postgresql"
        target = database(kind, request, tmp_path / f"new{number}")
    tell(record_property, f"{killed} kills of a move, {ended} moves ended, each with every row")
    assert killed >= KILLS and found


def _kill_within(running: subprocess.Popen[str], target: str, seconds: float) -> None:
    """Kill a move so many seconds after its mark is on the target."""
    while running.poll() is None and not _is_begun(target):
        time.sleep(0.01)
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        running.kill()


def _is_begun(target: str) -> bool:
    file = file_of(target)
    if file is not None and not file.exists():
        return False
    engine = engine_for(target)
    with engine.connect() as connection:
        begun = inspect(connection).has_table("moving")
    engine.dispose()
    return begun


CALLS = {"sqlite": "pwrite64", "postgresql": "sendto"}


@pytest.mark.faults
def test_killed_before_every_so_manieth_write(home: Path, target: str) -> None:
    """From the first word to the target on, by its number; what is there in between is nobody's."""
    keep(home, POSTS)
    call = CALLS["sqlite" if target.startswith("sqlite") else "postgresql"]
    empty = []
    for number in range(3, 4_000, 4_000 // KILLS):
        trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                 f"inject={call}:signal=KILL:when={number}"]  # fmt: skip
        run = subprocess.run([*trace, *command(home, target)], capture_output=True, check=False)
        if run.returncode == 0:
            break
        empty.append(not usable(target) or _is_empty(target))
    else:
        subprocess.run(command(home, target), capture_output=True, check=True)
    assert empty and all(empty), "a part of a home could be used"
    with (
        closing(Store.open(target)) as there,
        closing(Store.open(Home(home).database_url)) as here,
    ):
        assert held(there, digested=True).digests == held(here, digested=True).digests


def _is_empty(target: str) -> bool:
    """Return whether nothing was brought yet."""
    with closing(Store.open(target)) as store:
        return not any(held(store).rows.values())
