"""
A backup put back: looked through first, then all of it, what was there moved aside.

The database comes last and in one step. At any moment before it a home can be cut short and is
still a home: without a classifier it trains one, without labels it takes the shipped ones.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from amends.archive import DATABASE, Manifest, Tell, read_manifest
from amends.backup import read_back
from models import whole
from models.errors import SetupError
from models.home import Home
from models.store import Store, soundness, trail
from models.store import restore as database

BEGUN = "amends-restore"
"""What the folder in the home is called in which a restore is begun."""

ASIDE = "before-restore"
"""How the folder, or the schema of PostgreSQL, begins to which a restore moves what was there."""

PARTS = ("classifiers", "labels.toml", "vectors.npz", "examples", "shelf.jsonl")
"""What lies beside the database. The classifier goes first and comes last: it has to fit the rest."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """
    A backup that was put back; `aside` says where what was there lies, `faults` what is odd in it.

    `foreign` counts rows of its audit trail that were sealed with a key that isn't here. `erased` posts
    were in it that had been erased since; they were again.
    """

    manifest: Manifest
    aside: tuple[str, ...]
    faults: tuple[str, ...]
    foreign: int
    erased: int = 0


def restore(
    home: Home,
    url: str,
    file: Path,
    *,
    replace: bool,
    now: datetime,
    tell: Tell,
    by: str = "amends",
) -> Restored:
    """
    Put a backup into a home and the database at `url`, which has none yet unless `replace`.

    Its audit trail goes on with a row that says who put it back, and from when it is.

    SetupError or StoreError, and nothing was changed, if the file isn't whole or the place not free.
    """
    file = file.expanduser().absolute()
    # What is quickly said is said before anything large is unpacked.
    read_manifest(file)
    _check_free(home, url, replace=replace)
    try:
        with ExitStack() as stack:
            fresh = stack.enter_context(whole.begun(home.path, BEGUN)) / "fresh"
            manifest = read_back(file, fresh, tell)
            copy = fresh / DATABASE
            database.bring_up_to_date(copy, manifest.facts, home.seal)
            erased = _erase_again(home, fresh, now)
            head = database.signed(copy, home.seal, by=by, made_at=manifest.made_at, now=now)
            place = database.file_of(url)
            if place is not None and place.parent != home.path.resolve():
                # Only on its own disk can a file take another one's place in one step.
                near = stack.enter_context(whole.begun(place.parent, BEGUN)) / DATABASE
                copy = shutil.copyfile(copy, near)
            aside = _unused(home.path, now)
            moved: list[str] = []

            def put() -> None:
                if place is not None:
                    database.put_file(copy, place, aside, replace=replace)
                elif database.put_rows(copy, url, aside.name, partial(tell, "putting back"),
                                       home.seal):  # fmt: skip
                    moved.append(f"the schema “{aside.name}” of the database")

            _swap(home.path, fresh, aside, put)
            home.seal.remember(head)
    except OSError as error:
        message = f"can't restore into {home.path}: {error}"
        raise SetupError(message, "check the disk's space and who may write there") from error
    if aside.exists():
        moved.insert(0, str(aside))
    faults, foreign = _faults(home, url, tell)
    return Restored(
        manifest=manifest, aside=tuple(moved), faults=faults, foreign=foreign, erased=erased
    )


def _check_free(home: Home, url: str, *, replace: bool) -> None:
    if not replace and database.is_taken(url):
        message = f"there is a database already: {database.file_of(url) or 'in PostgreSQL'}"
        raise SetupError(message, "add --replace, and it is moved aside; or name another home")
    if whole.in_work(home.path, BEGUN):
        message = f"another restore is at work in {home.path}"
        remedy = f"wait until it has ended; if none runs, delete {home.path}/.{BEGUN}-*"
        raise SetupError(message, remedy)


def _unused(folder: Path, now: datetime) -> Path:
    name = f"{ASIDE}-{now:%Y%m%d-%H%M%S}"
    number, path = 1, folder / name
    while os.path.lexists(path):
        number += 1
        path = folder / f"{name}-{number}"
    return path


def _swap(home: Path, fresh: Path, aside: Path, put: Callable[[], None]) -> None:
    """Move the old parts aside and the fresh ones in, then `put` the database; undone if that fails."""
    done: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        source.rename(target)
        done.append((source, target))

    for folder in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
        whole.sync(folder)
    try:
        for name in PARTS:
            if os.path.lexists(home / name):
                aside.mkdir(mode=0o700, exist_ok=True)
                move(home / name, aside / name)
        for name in reversed(PARTS):
            if (fresh / name).exists():
                move(fresh / name, home / name)
        whole.sync(home)
        put()
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        if aside.exists() and not any(aside.iterdir()):
            aside.rmdir()
        raise


def _erase_again(home: Home, fresh: Path, now: datetime) -> int:
    """Erase in the copy what was erased since it was made, before anybody can read it."""
    # An erasure looks into what restores have moved aside, so it stands on this file.
    from amends.erase.replay import erase_again

    copy = fresh / DATABASE
    erased = erase_again(home, fresh, copy, now)
    database.fold(copy)
    return erased


def _faults(home: Home, url: str, tell: Tell) -> tuple[tuple[str, ...], int]:
    """Look through what is now there; return what is odd, and the rows of the trail no key here is for."""
    tell("looking through", 0, 0)
    store = Store.open(url, home.seal, home.marks, home.authors())
    try:
        with store.read() as tx:
            if tx.tombstones.misses_key():
                why = (
                    "posts were erased in it, and the key that keeps them out is missing: "
                    "put the erasure.key of the home it was made in into this one"
                )
                return (why,), 0
            if tx.authors.misses_key():
                why = (
                    "authors stand under pseudonyms in it, and the key of those is missing: "
                    "put the authors.key of the home it was made in into this one"
                )
                return (why,), 0
            connection = tx.session.connection()
            broken = soundness.damage(connection)
            if broken is not None:
                return (broken,), 0
            odd = [fault.what for fault in soundness.faults(connection)]
            proof = trail.prove(connection, home.seal)
            if proof.broken is not None:
                odd.append(f"the audit trail is broken: {proof.broken.what}")
            return tuple(odd), proof.restores[-1].foreign if proof.restores else 0
    finally:
        store.close()
