"""A backup that was cut, changed or forged is refused before anything is changed."""

from __future__ import annotations

import io
import random
import resource
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import zstandard

from models.home import Home
from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.crafted import Member, described, member, members, write
from tests.factories import NOW, a_post, a_watch

CUTS, FLIPS = 40, 120


@pytest.fixture
def file(amends: Amends, home: Path, tmp_path: Path) -> Path:
    """Return a sound backup of a home with a few posts."""
    store = Store.open(Home(home).database_url)
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(external_id=str(n)) for n in range(30)], NOW)
        tx.watches.went_on(watch.id, None, "30", NOW)
    store.close()
    # A classifier is large, and what is tried here needs none.
    (home / "classifiers" / "current").unlink()
    (home / "labels.toml").write_text("# mine")
    assert amends("backup", str(tmp_path / "b.zst")).code == 0
    return tmp_path / "b.zst"


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def unpacked(packed: bytes) -> bytes | None:
    """Return what a packed file holds, None if it can't be unpacked."""
    try:
        return zstandard.ZstdDecompressor().stream_reader(packed).read()
    except zstandard.ZstdError:
        return None


def refused(amends: Amends, bad: Path, home: Path, *words: str) -> str:
    """Assert that a file is refused, in a sentence and without a change; return the sentence."""
    outside = {path.name for path in bad.parent.iterdir()}
    before = tree(home)
    said = amends("restore", str(bad), "--replace", *words)
    assert said.code in (1, 2), f"it was taken: {said}"
    assert "Traceback" not in said.err
    assert tree(home) == before
    assert {path.name for path in bad.parent.iterdir()} == outside
    return said.err


def test_cut_anywhere(amends: Amends, home: Path, file: Path) -> None:
    """From nothing to all but the last byte."""
    whole = file.read_bytes()
    bad = file.with_name("cut.zst")
    places = {0, 1, 4, len(whole) - 1, len(whole) - 4, *range(1, len(whole), len(whole) // CUTS)}
    for place in sorted(places):
        bad.write_bytes(whole[:place])
        refused(amends, bad, home)


def test_a_bit_changed_anywhere(amends: Amends, home: Path, file: Path) -> None:
    """Wherever a disk or a person changes what is in it, it shows."""
    whole = file.read_bytes()
    bad = file.with_name("flipped.zst")
    chance = random.Random(7)
    harmless = 0
    for place in [*range(12), *(chance.randrange(len(whole)) for _ in range(FLIPS))]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        # A few bits, such as how much memory to take, change nothing of what is unpacked.
        if unpacked(bytes(changed)) == unpacked(whole):
            harmless += 1
            continue
        bad.write_bytes(changed)
        refused(amends, bad, home)
    assert harmless < FLIPS / 4


@pytest.mark.parametrize("more", [b"\0", b"more", zstandard.compress(b"more")])
def test_something_after_its_end(amends: Amends, home: Path, file: Path, more: bytes) -> None:
    """Nothing rides along."""
    bad = file.with_name("longer.zst")
    bad.write_bytes(file.read_bytes() + more)

    assert "isn't a whole backup" in refused(amends, bad, home)


def links_out(parts: list[Member]) -> list[Member]:
    """A link, then a file through it."""
    link = member("examples/out", b"", type=tarfile.SYMTYPE, linkname="/tmp")
    return [*parts, link, member("examples/out/pwned", b"x")]


CHANGED: dict[str, Callable[[list[Member]], list[Member]]] = {
    "another database": lambda parts: [parts[0], member("amends.db", b"x" * parts[1][0].size)],
    "another word in a post": lambda parts: [
        parts[0],
        (parts[1][0], parts[1][1].replace(b"still no discs", b"still no DISCS")),
        *parts[2:],
    ],
    "another list of labels": lambda parts: [*parts[:-1], member("labels.toml", b"# MINE")],
    "a part less": lambda parts: parts[:-1],
    "a part more": lambda parts: [*parts, member("vectors.npz", b"x")],
    "a part twice": lambda parts: [*parts, parts[1]],
    "another order": lambda parts: [parts[0], *reversed(parts[1:])],
    "no manifest": lambda parts: parts[1:],
    "a manifest of another size": lambda parts: [member("manifest.json", b"{}"), *parts[1:]],
    "a manifest that is none": lambda parts: [member("manifest.json", b"[" * 50_000), *parts[1:]],
    "a link": links_out,
}


@pytest.mark.sqlite("damages the file in a backup of SQLite's")
@pytest.mark.parametrize("what", CHANGED)
def test_parts_that_its_manifest_does_not_know(
    amends: Amends, home: Path, file: Path, what: str
) -> None:
    """Names, sizes, order and content are held to the manifest."""
    bad = file.with_name("changed.zst")
    write(bad, CHANGED[what](members(file)))

    assert "isn't a whole backup" in refused(amends, bad, home)


@pytest.mark.parametrize(
    "name",
    [
        "../out", "/tmp/out", "examples/../../out", "examples/./a", "examples/a/b", "examples/..",
        "examples//a", "examples\\..\\out", "C:/out", "secrets.env", "examples/", "examples/a\n",
        "classifiers/../../out", "classifiers/aaaaaaaaaaaa/../../x.y", "amends.db-wal", "", ".",
        "labels.toml/a", "examples/.hidden", "rejects.jsonl", "before-restore-1/a",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere(amends: Amends, home: Path, file: Path, name: str) -> None:
    """Even where the manifest is forged to agree: only the parts of a backup are written."""
    parts = [*members(file), member(name, b"x")]
    bad = file.with_name("forged.zst")
    write(bad, [described(parts), *parts[1:]])

    said = refused(amends, bad, home)
    assert "isn't a whole backup" in said
    assert not (home.parent / "out").exists() and not Path("/tmp/out").exists()


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
        tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGLINK,
    ],
)  # fmt: skip
def test_anything_but_plain_files(amends: Amends, home: Path, file: Path, kind: bytes) -> None:
    """No links, no devices, no folders, nothing that changes what follows."""
    parts = [*members(file), member("vectors.npz", b"x")]
    parts[-1][0].type = kind
    parts[-1][0].linkname = "/etc/passwd"
    bad = file.with_name("forged.zst")
    write(bad, [described(parts), *parts[1:]])

    assert "isn't a plain file" in refused(amends, bad, home)


def say(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return what changes one word of a manifest, or of its facts."""

    def change(said: dict[str, Any]) -> None:
        (said if name in said else said["facts"])[name] = value

    return change


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("format", 2, "newer Amends"),
        ("format", "1", "manifest can't be read"),
        ("shape", "9999", "isn't the one its manifest describes"),
        ("rows", {"post": 31}, "isn't the one its manifest describes"),
        ("rows", {'post" --': 1}, "isn't the one its manifest describes"),
        ("bookmarks", "0" * 64, "isn't the one its manifest describes"),
        ("parts", [], "no database"),
        ("parts", [{"name": "amends.db", "size": -1, "sha256": ""}], "manifest can't be read"),
        ("parts", [{"name": "amends.db", "size": 2**60, "sha256": ""}], "the disk has room for"),
        ("made_at", "yesterday", "manifest can't be read"),
    ],
)
def test_a_manifest_that_is_not_true(
    amends: Amends, home: Path, file: Path, name: str, value: object, why: str
) -> None:
    """What it says of the database is held to the database."""
    parts = members(file)
    bad = file.with_name("forged.zst")
    write(bad, [described(parts, say(name, value)), *parts[1:]])

    assert why in refused(amends, bad, home)


def test_a_database_from_a_newer_amends(amends: Amends, home: Path, file: Path) -> None:
    """It is whole, and this Amends doesn't know its shape."""
    parts, database = members(file), file.with_name("newer.db")
    database.write_bytes(parts[1][1])
    with closing(sqlite3.connect(database)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    parts[1] = member("amends.db", database.read_bytes())
    database.unlink()
    bad = file.with_name("forged.zst")
    write(bad, [described(parts, say("shape", "9999")), *parts[1:]])

    assert "newer Amends" in refused(amends, bad, home)


def test_a_file_made_to_explode(home: Path, file: Path) -> None:
    """Terabytes of zeros in a few kilobytes are refused in little memory."""
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(level=19).stream_writer(packed, closefd=False) as out:
        out.write(member("manifest.json", bytes(8 << 20))[0].tobuf())
        for _ in range(4_000):
            out.write(bytes(1 << 20))
    bad = file.with_name("bomb.zst")
    bad.write_bytes(packed.getvalue())
    assert len(packed.getvalue()) < 1 << 20

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    words = [sys.executable, "-m", "amends", "--home", str(home), "restore", str(bad), "--replace"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=small)

    assert said.returncode == 2
    assert "isn't a whole backup" in said.stderr
