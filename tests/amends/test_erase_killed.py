"""Canaries erased by a process that is killed again and again: not a byte of them is left, nor comes back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classify import history
from models.home import Home
from tests.amends import canaries
from tests.amends.canaries import Aviary, furnish
from tests.amends.conftest import Amends
from tests.battery import FULL, Record, tell, times
from tests.conftest import database
from tests.grounds import KINDS

BIRDS, SONGS = (100, 20) if FULL else (6, 6)
KILLS = times(30)


@pytest.fixture(params=KINDS)
def aviary(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Aviary:
    """Return the scene on each of the two databases, with a classifier that learnt from canaries."""
    url = Home(home).database_url
    if request.param == "postgresql":
        url = database("postgresql", request, tmp_path, request.getfixturevalue("postgresql_mould"))
    return furnish(Home(home), url, BIRDS, SONGS, taught=True)


def erased_with_kills(aviary: Aviary, done: Path) -> tuple[int, float]:
    """Erase all canaries, killed so often; return how often it was and how long the last one took."""
    command = [sys.executable, "-m", "tests.amends.eraser", str(aviary.home.path), aviary.url,
               str(BIRDS), str(done)]  # fmt: skip
    moments = random.Random(881)
    killed = 0
    while True:
        since = time.monotonic()
        running = subprocess.Popen(command, env=os.environ | {"PYTHONWARNINGS": "ignore"})
        if killed < KILLS:
            while running.poll() is None and not aviary.home.erasing.exists():
                time.sleep(0.005)
            # So that each gets a little further than the one before.
            time.sleep(moments.uniform(0, 0.6 if FULL else 0.25))
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
                killed += 1
        if running.wait() == 0:
            return killed, time.monotonic() - since


def test_canaries_are_gone_for_good(
    amends: Amends, aviary: Aviary, tmp_path: Path, record_property: Record
) -> None:
    """After kills, three backfills and a restore of an older backup: no byte, and the same totals."""
    env = {} if aviary.url.startswith("sqlite") else {"AMENDS_DATABASE_URL": aviary.url}
    inside = aviary.home.path / "out"
    assert amends("export", "discs-late", str(inside), **env).code == 0
    backup = tmp_path / "older.zst"
    assert amends("backup", str(backup)).code == 0
    before = aviary.facts()
    learnt = history.read(aviary.home.classifiers)[-1].fingerprint
    assert canaries.still_singing(aviary.home.path)

    killed, _ = erased_with_kills(aviary, tmp_path / "done")

    assert canaries.still_singing(aviary.home.path) == []
    store = aviary.open()
    assert canaries.rows_that_sing(store) == []
    assert aviary.facts() == before
    assert canaries.digests_kept(store) == before
    assert not inside.exists()
    assert amends("classify", "rollback", learnt).code == 2
    for _ in range(3):
        aviary.sing(store)
    assert canaries.rows_that_sing(store) == []
    store.close()

    said = amends("restore", str(backup), "--replace")
    assert said.code == 0, said.err
    assert "erased again" in said.err

    store = aviary.open()
    assert canaries.rows_that_sing(store) == []
    assert canaries.still_singing(aviary.home.path) == []
    aviary.sing(store)
    assert canaries.rows_that_sing(store) == []
    assert aviary.facts() == before
    store.close()
    kind = aviary.url.partition(":")[0]
    tell(
        record_property,
        f"{BIRDS} authors × {SONGS} posts on {kind}, {killed} kills inside the erasure, "
        "3 backfills, 1 restore of an older backup: 0 bytes of them left, totals unchanged",
    )
