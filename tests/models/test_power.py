"""The power fails at any moment: what was acknowledged for good is there, and nothing claims too much."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

import msgspec
import pytest

from models.errors import AmendsError
from models.store import Store, Transaction
from models.store.soundness import damage, faults
from tests.battery import Record, tell, times
from tests.models.power_cut import Disk
from tests.models.power_player import TOLD, Kept, stands, state_of
from tests.models.write_log import Did, watched

FILES = ("amends.db", "amends.db-wal", "amends.db-journal")
SEED = 20_260_304

pytestmark = [
    pytest.mark.faults,
    pytest.mark.sqlite("what a power failure leaves of SQLite's file"),
]


def life(home: Path, *words: str, inject: str = "") -> list[Did]:
    """Return all that a process did to its home."""
    home.mkdir()
    player = [sys.executable, "-m", "tests.models.power_player", str(home), *words]
    return watched(home, FILES, TOLD, player, inject)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Did], Path]:
    """Return all that a process did to its home, and the home it left."""
    home = tmp_path_factory.mktemp("power") / "home"
    return life(home), home


def test_the_log_replayed_whole_gives_the_very_files(
    lived: tuple[list[Did], Path], tmp_path: Path
) -> None:
    """Without a power cut the replay ends with what the process left, byte for byte."""
    log, home = lived
    disk = Disk()

    for did in log:
        disk.do(did)
    disk.cut(tmp_path, None)

    left = {path.name: path.read_bytes() for path in home.iterdir() if path.name in FILES}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == left
    assert (home / TOLD).read_bytes() == b"".join(did.data for did in log if did.kind == "told")


class Found(NamedTuple):
    """What an image was found to be: sound, back (sound, but earlier), or in one word what is wrong."""

    kind: Literal["sound", "back", "lost", "ahead", "unsound", "refused", "unknown"]
    said: str = ""


def test_whatever_moment_the_power_fails_nothing_acknowledged_for_good_is_lost(
    lived: tuple[list[Did], Path], tmp_path: Path, record_property: Record
) -> None:
    """Each image opens by itself, sound, as the database was after some transaction, none too early."""
    found, said = judged_after_cuts(lived[0], times(1_000), tmp_path / "image")

    tell(record_property, said)
    assert [one for one in found if one.kind not in ("sound", "back")] == []
    assert found.count(Found("back")) > len(found) / 20, "taking nothing back proves nothing"


def test_after_a_sync_that_failed_the_power_may_fail_too(
    tmp_path: Path, record_property: Record
) -> None:
    """What a failing sync lost in the log is never what an acknowledged transaction stands on."""
    log = life(tmp_path / "home", "--faults", inject="fdatasync:error=EIO:when=12..60+6")
    failures = sum(did.kind == "not synced" for did in log)

    found, said = judged_after_cuts(log, times(200), tmp_path / "image")

    tell(record_property, f"with {failures} syncs that failed, {said}")
    assert failures >= 5
    assert [one for one in found if one.kind not in ("sound", "back")] == []


def judged_after_cuts(log: list[Did], images: int, folder: Path) -> tuple[list[Found], str]:
    """Return what each power cut left, and a sentence that counts."""
    acknowledged = [msgspec.json.decode(did.data, type=Kept) for did in log if did.kind == "told"]
    durable = sum(kept.durable for kept in acknowledged)
    found = [judged(left, acknowledged, told) for left, told in cuts(log, images, folder)]
    kinds = Counter(one.kind for one in found)
    return found, (
        f"{len(found):,} power cuts over {len(acknowledged)} transactions ({durable} for good), seed"
        f" {SEED}: {kinds['lost']} acknowledged for good and lost, {kinds['ahead']} bookmarks ahead of"
        f" rows, {kinds['unsound'] + kinds['unknown']} unsound, {kinds['refused']} refused to open;"
        f" {kinds['back']} went back to an earlier answer, which is asked again"
    )


def cuts(log: list[Did], images: int, folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield a folder for each power cut, and how many transactions were acknowledged before it."""
    chance = Random(SEED)
    # It hurts most right after an acknowledgement, and while SQLite carries its log into the file.
    delicate = [at + 1 for at, did in enumerate(log) if did.kind == "told" or did.name == FILES[0]]
    moments = sorted(
        chance.choice(delicate) if chance.random() < 0.5 else chance.randint(1, len(log))
        for _ in range(images)
    )
    disk, at, told = Disk(), 0, 0
    for number, moment in enumerate(moments):
        while at < moment:
            disk.do(log[at])
            told += log[at].kind == "told"
            at += 1
        folder.mkdir()
        disk.cut(folder, Random(SEED * 1_000_000 + number))
        yield folder, told
        shutil.rmtree(folder)


def judged(folder: Path, acknowledged: list[Kept], told: int) -> Found:
    """Open what a power cut left and say what it is; `told` were acknowledged before it."""
    try:
        store = Store.open(f"sqlite:///{folder / 'amends.db'}")
    except AmendsError as error:
        return Found("refused", str(error))
    try:
        with store.read() as tx:
            connection = tx.session.connection()
            wrong = [damage(connection), *(fault.what for fault in faults(connection))]
            state, missing = state_of(tx), unkept(tx, acknowledged)
    except AmendsError as error:
        return Found("unsound", str(error))
    finally:
        store.close()
    for_good = max((at for at, kept in enumerate(acknowledged[:told]) if kept.durable), default=0)
    # What was being kept when the power failed may be there too.
    states = {kept.state: at for at, kept in enumerate(acknowledged[: told + 1])}
    at = states.get(state)
    when = f"{told} transactions were acknowledged, the last for good was {for_good}"
    if any(wrong):
        found = Found("unsound", f"{when}: {wrong}")
    elif missing:
        found = Found("ahead", f"{when}: {len(missing)} posts are claimed that aren't there")
    elif at is None:
        found = Found("unknown", f"{when}: no transaction left the database like this")
    elif at < for_good:
        found = Found("lost", f"{when}: it went back to {at}")
    else:
        found = Found("back" if at < told - 1 else "sound")
    return found


def unkept(tx: Transaction, acknowledged: list[Kept]) -> set[tuple[int, str]]:
    """Return what the watches, standing where they do, say they have brought and isn't there."""
    claims: set[tuple[int, str]] = set()
    for row in tx.watches.of(1):
        watch = row.id or 0
        own = [kept for kept in acknowledged if kept.watch == watch]
        here = stands(tx, watch)
        until = max((at for at, kept in enumerate(own) if kept.stands == here), default=-1)
        claims |= {(watch, post) for kept in own[: until + 1] for post in kept.posts}
    rows = tx.session.connection().exec_driver_sql(
        "SELECT watch_id, external_id FROM sighting JOIN post ON post.id = post_id"
    )
    return claims - {(watch, external_id) for watch, external_id in rows}
