"""A restore that is killed at any moment leaves the old home or the new one, and can be run again."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from models.home import Home
from models.store import Store
from tests.amends.conftest import Amends
from tests.battery import FULL, times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch

pytestmark = pytest.mark.sqlite(
    "SQLite's file is put into place; one test goes from there into PostgreSQL"
)

OLD = {f"old {number}" for number in range(5)}
NEW = {f"new {number}" for number in range(40)}
CALLS = {"rename": 1, "link": 1, "fsync": 2, "unlink": 4, "fdatasync": 4, "mkdir": 5, "rmdir": 1}
"""The calls that change what is on disk, and every how many of them one run is killed."""

SPARSE = 1 if FULL else 10
"""In the short form only every tenth of these is tried."""

MOST = 30
KILLS = times(8, 3)


class Scene(NamedTuple):
    """A home with the old posts, and a backup with the new ones."""

    home: Path
    file: Path
    template: Path

    def again(self) -> None:
        """Set the home back to the old one."""
        shutil.rmtree(self.home)
        shutil.copytree(self.template, self.home)

    def command(self) -> list[str]:
        """Return what is killed."""
        words = [sys.executable, "-m", "amends", "--home", str(self.home)]
        return [*words, "restore", str(self.file), "--replace"]


def keep(home: Path, ids: set[str]) -> None:
    """Open an incident with posts of these ids."""
    store = Store.open(Home(home).database_url)
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(external_id=one) for one in sorted(ids)], NOW)
        tx.watches.went_on(watch.id, None, str(len(ids)), NOW)
    store.close()


@pytest.fixture
def scene(amends: Amends, home: Path, trained: Path, tmp_path: Path) -> Scene:
    """Return the scene; the old home has labels and examples, the new one other examples."""
    new = tmp_path / "new"
    shutil.copytree(trained, new / "classifiers")
    (new / "examples").mkdir()
    (new / "examples" / "new.jsonl").write_text("")
    keep(new, NEW)
    assert amends("--home", str(new), "backup", str(tmp_path / "b.zst")).code == 0
    (home / "examples").mkdir()
    (home / "examples" / "old.jsonl").write_text("")
    shutil.copy(Path(__file__).parents[2] / "classify" / "labels.toml", home)
    keep(home, OLD)
    shutil.copytree(home, tmp_path / "template")
    return Scene(home, tmp_path / "b.zst", tmp_path / "template")


def posts(amends: Amends) -> set[str]:
    """Return the ids of all posts listed."""
    said = amends("posts", "discs-late", "--as", "jsonl")
    assert said.code == 0, said.err
    return {json.loads(line)["external_id"] for line in said.out.splitlines()}


def check(amends: Amends, scene: Scene) -> str:
    """Assert that the home can be used and restored again; return which of the two it was."""
    found = posts(amends)
    assert found in (OLD, NEW)
    assert amends("act", "add", "discs-late", "apology", "We are sorry").code == 0
    doctor = amends("doctor", "--as", "json")
    assert doctor.code == 0, doctor.out

    assert amends("restore", str(scene.file), "--replace").code == 0
    assert posts(amends) == NEW
    assert [path.name for path in (scene.home / "examples").iterdir()] == ["new.jsonl"]
    assert not list(scene.home.glob(".amends-restore-*"))
    kept = [path.parent for path in scene.home.glob("before-restore-*/amends.db")]
    if found == OLD:
        assert any(posts_of(amends, folder) == OLD for folder in kept), "the old ones lie aside"
    return "old" if found == OLD else "new"


def posts_of(amends: Amends, home: Path) -> set[str]:
    """Return the ids of all posts listed in another home."""
    said = amends("--home", str(home), "posts", "discs-late", "--as", "jsonl")
    return {json.loads(line)["external_id"] for line in said.out.splitlines()}


def killed_at(call: str, number: int, scene: Scene) -> subprocess.CompletedProcess[bytes]:
    """Restore, and kill it before its so manieth call of that name; exit code 0 if it has fewer."""
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
             f"inject={call}:signal=KILL:when={number}"]  # fmt: skip
    return subprocess.run(
        [*trace, *scene.command()], capture_output=True, check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@pytest.mark.faults
def test_killed_at_the_calls_that_change_the_disk(amends: Amends, scene: Scene) -> None:
    """Before each rename and link, and before many a write that must reach the disk."""
    ended = []
    for call, step in CALLS.items():
        for number in range(1, MOST, step * SPARSE):
            scene.again()
            run = killed_at(call, number, scene)
            if run.returncode == 0:
                break
            ended.append(check(amends, scene))
    assert len(ended) > 20 // SPARSE
    assert {"old", "new"} == set(ended)


@pytest.mark.faults
def test_killed_while_rows_go_into_postgresql(
    amends: Amends, scene: Scene, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Before every so manieth word to the server: its rows are the old ones or the new ones."""
    url = database("postgresql", request, tmp_path)
    old = str(tmp_path / "old.zst")
    assert amends("backup", old).code == 0
    ended = []
    for number in range(3, 400, 20 * SPARSE):
        assert amends("restore", old, "--replace", AMENDS_DATABASE_URL=url).code == 0
        assert posts(amends) == OLD
        run = killed_at("sendto", number, scene)
        found = posts(amends)
        assert found in (OLD, NEW)
        assert run.returncode or found == NEW
        if run.returncode == 0:
            break
        ended.append(found == NEW)
    assert len(ended) > 5 // SPARSE
    assert ended == sorted(ended), "once they are the new ones they stay"


def test_killed_at_random_moments(amends: Amends, scene: Scene) -> None:
    """From its first trace in the home on."""
    moments = random.Random(881)
    killed = 0
    for _ in range(KILLS * 4):
        scene.again()
        running = subprocess.Popen(
            scene.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        while running.poll() is None and not list(scene.home.glob(".amends-restore-*")):
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.15))
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.wait()
        check(amends, scene)
        if killed == KILLS:
            break
    assert killed == KILLS
