"""
What somebody pasted or uploaded, on its way into an incident: one after the other, beside the board.

A paste is put aside as a file in the home, read as `amends backfill` reads files, and taken away
again: its posts are in the store then.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock, Thread

import msgspec
from fastapi import Request

from amends.backfill import Sofar, Stretch, backfill, begin
from amends.board.place import Place
from amends.wanted import watch_row
from ingest.source import Reject
from models.errors import AmendsError
from models.incident import IncidentRow, Watch
from models.store import Store

LARGEST = 20 * 1024 * 1024
"""Bytes of one paste or file."""

MOST_POSTS = 50_000
"""Posts taken from one; a file may be packed, and then its size says little."""

MOST_NAMED = 50
"""Rejects that are named one by one; the rest is counted, and all are in the home."""

MOST_KEPT = 100


class Paste(msgspec.Struct, kw_only=True):
    """One paste and what became of it so far. `name` is what people call it."""

    incident_id: int
    name: str
    by: str
    at: datetime
    sofar: Sofar = msgspec.field(default_factory=Sofar)
    rejects: list[Reject] = []
    wrong: str = ""
    over: bool = False
    cut: bool = False


class Pastes:
    """The pastes of a board since it was started, by a name nobody can guess."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Paste] = OrderedDict()
        self._turn = Lock()

    def get(self, key: str) -> Paste | None:
        """Return one, or None if it isn't known any more."""
        return self._found.get(key)

    def begin(
        self,
        place: Place,
        incident: IncidentRow,
        body: bytes,
        settings: dict[str, str],
        *,
        name: str,
        by: str,
    ) -> str:
        """Put a paste aside and begin to read it; returns its key. SetupError for odd settings."""
        now = place.now()
        path = _put_aside(place.home, incident, body)
        source = place.sources["file"]
        wanted = watch_row(
            source, incident_id=incident.id or 0, now=now, address=str(path), terms=(),
            settings={"tz": incident.tz} | settings,
        )  # fmt: skip
        wanted.once = True
        # The file's own settings are looked at before anything is promised.
        source.ask(wanted.as_watch(), now)
        watch, _ = begin(place.store, wanted, "pasted", by=by, now=now, bytes=len(body))
        # What was pasted before is known by another name; it still lies where it was put aside.
        watch = msgspec.structs.replace(watch, address=str(path))
        paste = Paste(incident_id=incident.id or 0, name=name, by=by, at=now)
        key = token_urlsafe(16)
        self._found[key] = paste
        while len(self._found) > MOST_KEPT:
            self._found.popitem(last=False)
        Thread(
            target=self._read, args=(place, paste, watch, path), name=f"paste-{key}", daemon=True
        ).start()
        return key

    def _read(self, place: Place, paste: Paste, watch: Watch, path: Path) -> None:
        aside = path.with_suffix(".rejects")
        with self._turn:
            try:
                with place.asker() as asker:
                    stretch = Stretch(
                        store=place.store, source=place.sources["file"], asker=asker,
                        classifier=place.classifier(), clock=place.now, sleep=time.sleep,
                        rejects=aside, labels=frozenset(place.labels.names),
                    )  # fmt: skip
                    for sofar in backfill(stretch, watch):
                        notes = [note.replace(str(path), paste.name) for note in sofar.notes]
                        paste.sofar = msgspec.structs.replace(sofar, notes=notes)
                        if sofar.posts >= MOST_POSTS:
                            paste.cut = True
                            break
            except AmendsError as error:
                paste.wrong = f"{error.message}: {error.remedy}" if error.remedy else error.message
                paste.wrong = paste.wrong.replace(str(path), paste.name)
            except Exception as error:  # noqa: BLE001  whoever waits for it must hear that it ended
                paste.wrong = f"it can't be read ({type(error).__name__})"
            finally:
                paste.rejects = _rejects(aside, path, paste.name)
                _keep(aside, place.home / "rejects.jsonl")
                path.unlink(missing_ok=True)
                _name(place.store, watch, paste)
                paste.over = True


def pastes_of(request: Request) -> Pastes:
    """Return the pastes of an application."""
    state = request.app.state
    if not hasattr(state, "pastes"):
        state.pastes = Pastes()
    found: Pastes = state.pastes
    return found


def _name(store: Store, watch: Watch, paste: Paste) -> None:
    """Call a watch by what was pasted: where that lay is nobody's business, and it is gone."""
    with suppress(AmendsError), store.begin() as tx:
        row = tx.watches.get(watch.id)
        row.address = f"{paste.name} ({paste.by})"
        tx.watches.save(row)


def _put_aside(home: Path, incident: IncidentRow, body: bytes) -> Path:
    """Write a paste to a file that only the owner reads; the same words have the same name."""
    folder = home / "pasted"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{incident.id}-{hashlib.sha256(body).hexdigest()[:24]}"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
    return path.absolute()


def _rejects(aside: Path, path: Path, name: str) -> list[Reject]:
    if not aside.is_file():
        return []
    found = []
    with aside.open("rb") as file:
        for line, _ in zip(file, range(MOST_NAMED), strict=False):
            one = msgspec.json.decode(line, type=Reject)
            found.append(msgspec.structs.replace(one, where=one.where.replace(str(path), name)))
    return found


def _keep(aside: Path, rejects: Path) -> None:
    """Move rejects to where those of other files are."""
    if not aside.is_file():
        return
    with aside.open("rb") as file, rejects.open("ab") as kept:
        for line in file:
            kept.write(line)
    aside.unlink()
