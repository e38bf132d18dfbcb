"""`amends backup`: one whole file, made while Amends runs, or none."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.crafted import members
from tests.battery import times
from tests.slots import odd
from tests.writing import writing

TOKEN = odd("X token")
BACKUPS = times(20)


def keep(path: Path, text: str) -> None:
    """Write a file of the home."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.sqlite(
    "reads, damages or fills the disk of SQLite's file; copies of both are in tests/models/test_backup.py"
)
def test_backups_while_another_process_writes(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """Each is put back: sound, and its bookmark says exactly as many posts as it has."""
    amends("watch", "add", incident, "x", "--yes", X_BEARER_TOKEN=TOKEN)
    marks = []
    with writing(f"sqlite:///{home / 'amends.db'}"):
        for number in range(BACKUPS):
            file, new = tmp_path / f"{number}.zst", tmp_path / str(number)
            made = amends("backup", str(file), "--as", "json")
            assert made.code == 0, made.err
            assert amends("restore", str(file), AMENDS_HOME=str(new)).code == 2, (
                "this home is taken"
            )
            back = amends("--home", str(new), "restore", str(file), "--as", "json")
            assert back.code == 0, back.err
            store = Store.open(f"sqlite:///{new / 'amends.db'}")
            with store.read() as tx:
                mark, posts = int(tx.watches.of(1)[0].bookmark or 0), tx.views.count(1)
            store.close()
            assert mark == posts == json.loads(made.out)[0]["posts"]
            marks.append(mark)
    assert marks == sorted(marks) and marks[-1] > marks[0], "it went on writing"


def test_a_backup_holds_what_makes_a_home_and_no_secret(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """Labels, examples, vectors, past incidents and the classifier in use with its history; never secrets.env."""
    keep(home / "secrets.env", f"X_BEARER_TOKEN={TOKEN}\n")
    (home / "secrets.env").chmod(0o600)
    keep(home / "labels.toml", (Path(__file__).parents[2] / "classify/labels.toml").read_text())
    keep(home / "examples" / ("é" * 60 + ".jsonl"), "{}\n")
    (home / "examples" / "sly.jsonl").symlink_to(home / "secrets.env")
    keep(home / "vectors.npz", "vectors")
    keep(home / "shelf.jsonl", "{}\n")
    keep(home / "rejects.jsonl", "not wanted")
    (home / "classifiers" / "aaaaaaaaaaaa").mkdir()
    keep(home / "classifiers" / "aaaaaaaaaaaa" / "card.json", "an older classifier")
    fingerprint = (home / "classifiers" / "current").read_text().strip()

    assert amends("backup", str(tmp_path / "b.zst")).code == 0

    held = {info.name: data for info, data in members(tmp_path / "b.zst")}
    assert next(iter(held)) == "manifest.json"
    assert set(held) == {
        "manifest.json", "amends.db", "labels.toml", "vectors.npz", "shelf.jsonl",
        "examples/" + "é" * 60 + ".jsonl", "classifiers/current", "classifiers/history.jsonl",
        f"classifiers/{fingerprint}/card.json", f"classifiers/{fingerprint}/classifier.skops",
        f"classifiers/{fingerprint}/learnt",
    }  # fmt: skip
    assert not any(TOKEN.encode() in data for data in held.values())
    said = json.loads(held["manifest.json"])
    assert said["facts"]["rows"]["incident"] == 1
    assert set(said["versions"]) == {"amends", "python", "database"}


def test_a_backup_is_its_owners_alone(amends: Amends, incident: str, tmp_path: Path) -> None:
    """Nobody else reads people's posts, and nothing else is left beside it."""
    (tmp_path / "safe").mkdir()

    said = amends("backup", str(tmp_path / "safe" / "b.zst"))

    assert said.code == 0
    assert names(tmp_path / "safe") == ["b.zst"]
    assert stat.S_IMODE((tmp_path / "safe" / "b.zst").stat().st_mode) == 0o600
    assert "erasure" in said.err


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("home/b.zst", "lies in the home"),
        ("home/examples/b.zst", "lies in the home"),
        ("link/b.zst", "lies in the home"),
        ("nowhere/b.zst", "there is no folder"),
        ("there.txt", "is there already"),
        (".", "is there already"),
    ],
)
def test_a_place_that_will_not_do(
    amends: Amends, incident: str, home: Path, tmp_path: Path, place: str, said: str
) -> None:
    """It says why, ends with 2, and touches nothing."""
    (home / "examples").mkdir()
    (tmp_path / "link").symlink_to(home)
    keep(tmp_path / "there.txt", "mine")

    ended = amends("backup", str(tmp_path / place))

    assert (ended.code, said in ended.err) == (2, True), ended.err
    assert (tmp_path / "there.txt").read_text() == "mine"


def test_only_a_backup_is_replaced(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """With --replace a backup of that name goes; a database, a list, a link or a folder stays."""
    file, mine, link = tmp_path / "b.zst", tmp_path / "mine.txt", tmp_path / "link.zst"
    amends("backup", str(file))
    before = file.read_bytes()
    keep(mine, "mine")
    link.symlink_to(file)
    amends("act", "add", incident, "apology", "We are sorry", "--at", "2026-03-04T14:00")

    assert amends("backup", str(file)).code == 2
    assert file.read_bytes() == before
    assert [amends("backup", str(one), "--replace").code for one in (mine, link)] == [2, 2]
    assert mine.read_text() == "mine" and link.is_symlink()
    assert amends("backup", str(file), "--replace").code == 0
    assert json.loads(members(file)[0][1])["facts"]["rows"]["act"] == 1


@pytest.mark.sqlite(
    "reads, damages or fills the disk of SQLite's file; copies of both are in tests/models/test_backup.py"
)
def test_a_damaged_database_makes_no_backup(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """It says so, and leaves no file that looks like one."""
    database = home / "amends.db"
    pages = bytearray(database.read_bytes())
    pages[4096 * 4 : 4096 * 8] = b"\xa5" * (4096 * 4)
    database.write_bytes(pages)
    (tmp_path / "safe").mkdir()

    said = amends("backup", str(tmp_path / "safe" / "b.zst"))

    assert said.code == 1
    assert "Traceback" not in said.err
    assert names(tmp_path / "safe") == []


@pytest.mark.sqlite(
    "reads, damages or fills the disk of SQLite's file; copies of both are in tests/models/test_backup.py"
)
@pytest.mark.parametrize("room", [20_000, 400_000])
def test_a_full_disk_leaves_nothing(
    amends: Amends, incident: str, home: Path, tmp_path: Path, room: int
) -> None:
    """Neither half a backup nor half a home, and a sentence that says what is wrong."""

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "amends", *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, preexec_fn=small
        )

    (tmp_path / "safe").mkdir()
    assert amends("backup", str(tmp_path / "b.zst")).code == 0
    new = tmp_path / "new"
    for said in (
        run("--home", str(home), "backup", str(tmp_path / "safe" / "b.zst")),
        run("--home", str(new), "restore", str(tmp_path / "b.zst")),
    ):
        assert said.returncode in (1, 2)
        assert "disk" in said.stderr and "Traceback" not in said.stderr
    assert names(tmp_path / "safe") == names(new) == []


def test_killed_at_any_moment_there_is_a_whole_backup_or_none(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """The old one stays until the new one is whole, and the next clears away what was left."""
    safe = tmp_path / "safe"
    safe.mkdir()
    assert amends("backup", str(safe / "b.zst")).code == 0
    command = [sys.executable, "-m", "amends", "--home", str(home), "backup", str(safe / "b.zst")]
    killed, left = 0, 0
    for number in range(8):
        running = subprocess.Popen(
            [*command, "--replace"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        until = time.monotonic() + 20
        while len(names(safe)) == 1 and running.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(number * 0.02)
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.wait()
        left += len(names(safe)) > 1
        assert members(safe / "b.zst"), "it can be read to its end"
    assert killed and left

    assert amends("backup", str(safe / "b.zst"), "--replace").code == 0
    assert names(safe) == ["b.zst"]
    assert amends("--home", str(tmp_path / "new"), "restore", str(safe / "b.zst")).code == 0
