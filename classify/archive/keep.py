"""What lies beside the output: by which classifier it is, and which pieces are done."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import msgspec

from classify.archive.pieces import Piece, Plan
from classify.archive.place import BEGUN, Place
from classify.classifier import Classifier
from models.errors import SetupError

MANIFEST = "_archive.json"
REJECTED = "_rejected.jsonl"
CLASSIFIER = ("_classifier/card.json", "_classifier/classifier.skops")
NONE = "none"
"""Where posts lie that carry no label."""

_NOTES = "_pieces/"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Whose scores lie here: all are by one classifier, of one source cut in one way."""

    version: int = 1
    classifier: str
    source: str
    piece_bytes: int
    labels: tuple[str, ...]
    made_at: datetime


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """
    A piece that is done: what became of it, and the files it became.

    `lines` are those of the piece, blank ones too; the first `rejects` come with line and reason.
    """

    piece: Piece
    posts: int
    undated: int
    unsupported: int
    lines: int
    rejected: int
    rejects: list[tuple[int, str]]
    put: dict[str, int]
    parts: list[str]

    @property
    def name(self) -> str:
        """Where it lies."""
        return _name(self.piece)


def begun(dest: Place, wanted: Manifest) -> Manifest | None:
    """
    Return the manifest that lies there; None where the folder is empty or isn't there yet.

    SetupError if it was scored by another classifier, from another source, or isn't ours.
    """
    said = dest.read([MANIFEST]).get(MANIFEST)
    if said is None:
        if any(name not in CLASSIFIER for name in dest.sizes() if not name.startswith(BEGUN)):
            message = f"{dest.url} has something else in it"
            raise SetupError(message, "name a folder that is empty or isn't there yet")
        return None
    try:
        found = msgspec.json.decode(said, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"{dest.url}/{MANIFEST} can't be read: {error}"
        raise SetupError(message, "name another folder for the output") from error
    if found.classifier != wanted.classifier:
        message = (
            f"{dest.url} holds scores of classifier {found.classifier}; this is {wanted.classifier}"
        )
        remedy = f"name another folder, or amends classify rollback {found.classifier}"
        raise SetupError(message, remedy)
    if found.source != wanted.source:
        message = f"{dest.url} holds scores of {found.source}"
        raise SetupError(message, "name another folder for this source")
    return found


def begin(dest: Place, manifest: Manifest, classifier: Classifier) -> None:
    """Put the classifier where every worker finds it, then the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        classifier.save(Path(folder, "it"), manifest.made_at)
        for name in CLASSIFIER:
            dest.write(name, Path(folder, "it", name.rsplit("/", 1)[-1]).read_bytes())
    dest.write(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))


def done(dest: Place, plan: Plan) -> dict[str, Note]:
    """
    Return the notes of the pieces that are done, by id.

    What was made of a file that has changed since is removed, notes last; what was made of one that
    is gone stays. So does what a try left behind that was cut short: the next one replaces it.
    """
    there = set(dest.sizes())
    wanted = {piece.id for piece in plan.pieces}
    files = {piece.file for piece in plan.pieces}
    found = {}
    stays: set[str] = set()
    for note in _read(dest, [name for name in there if name.startswith(_NOTES)]):
        if note.piece.id in wanted and there.issuperset(note.parts):
            found[note.piece.id] = note
        elif note.piece.id not in wanted and note.piece.file not in files:
            stays.update(note.parts)
        else:
            dest.remove([*note.parts, note.name])
    # Of a try that was cut short: nobody replaces the parts of a file that has changed since.
    parts = {name for name in there - stays if name.startswith("day=")}
    dest.remove([name for name in parts if _key(name) not in wanted])
    dest.remove([name for name in there if name.startswith(BEGUN)])
    return found


def note_of(dest: Place, piece: Piece) -> Note | None:
    """Return the note of a piece that is done, else None."""
    return next(iter(_read(dest, [_name(piece)])), None)


def rejected(notes: list[Note]) -> list[tuple[str, int, str]]:
    """Return (file, line, reason) of the bad lines that are told, with lines counted in the file."""
    found = []
    before: dict[str, int] = {}
    for note in sorted(notes, key=lambda one: (one.piece.file, one.piece.start)):
        start = before.get(note.piece.file, 0)
        found += [(note.piece.file, start + line, why) for line, why in note.rejects]
        before[note.piece.file] = start + note.lines
    return found


def _read(dest: Place, names: list[str]) -> list[Note]:
    found = []
    for data in dest.read(names).values():
        try:
            found.append(msgspec.json.decode(data, type=Note))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return found


def _name(piece: Piece) -> str:
    return f"{_NOTES}{piece.id}.json"


def _key(part: str) -> str:
    return part.rsplit("/part-", 1)[-1].split("-", 1)[0]
