"""Scoring one piece: what a worker does, whole or not at all."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import msgspec

from classify.archive import posts
from classify.archive.keep import CLASSIFIER, Note, note_of
from classify.archive.parts import Parts
from classify.archive.pieces import Piece
from classify.archive.place import Place
from classify.classifier import Classifier
from classify.labels import Labels
from models.errors import SetupError

TOLD = 50
"""Bad lines of a piece that are told; the rest are counted."""

_loaded: dict[tuple[str, str], Classifier] = {}


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What every piece needs to know: two addresses, and which classifier to score with."""

    source: str
    dest: str
    fingerprint: str
    labels: Labels
    now: datetime


def score(piece: Piece, work: Work) -> Note:
    """
    Return the note of a piece, scoring and writing it first unless that is done already.

    The note is written last: without it the piece counts as not begun.
    """
    dest = Place(work.dest)
    found = note_of(dest, piece)
    if found is not None:
        return found
    rejects: list[tuple[int, str]] = []
    told = {"lines": 0, "rejected": 0}

    def reject(number: int, why: str) -> None:
        if not why:
            told["lines"] = -number
            return
        told["rejected"] += 1
        if len(rejects) < TOLD:
            rejects.append((number, why[:150]))

    parts = Parts(dest, piece.id, _classifier(dest, work))
    read = posts.rows if piece.parquet else posts.lines
    for batch in read(Place(work.source), piece, work.now, reject):
        parts.add(batch)
    parts.flush()
    note = Note(
        piece=piece,
        posts=parts.posts,
        undated=parts.undated,
        unsupported=parts.unsupported,
        lines=told["lines"],
        rejected=told["rejected"],
        rejects=rejects,
        put=dict(parts.put),
        parts=parts.names,
    )
    dest.write(note.name, msgspec.json.encode(note))
    return note


def _classifier(dest: Place, work: Work) -> Classifier:
    key = (work.dest, work.fingerprint)
    if key not in _loaded:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in dest.read(list(CLASSIFIER)).items():
                Path(folder, name.rsplit("/", 1)[-1]).write_bytes(data)
            classifier = Classifier.load(Path(folder), work.labels)
        if classifier.fingerprint != work.fingerprint:
            message = f"the classifier there is {classifier.fingerprint}, not {work.fingerprint}"
            raise SetupError(message, "run the command again")
        _loaded.clear()
        _loaded[key] = classifier
    return _loaded[key]
