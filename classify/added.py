"""Examples people add: the home keeps them in a file for each file they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from classify.examples import Labelled, read
from classify.labels import Labels
from models.errors import SetupError


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """Where examples are kept, how many, and (text, file) for each that another file has already."""

    place: Path
    count: int
    already: list[tuple[str, str]]


def keep(folder: Path, source: Path, rows: Sequence[Labelled], labels: Labels) -> Added:
    """
    Keep the examples read from the file `source` in `folder`, in place of what it gave before.

    SetupError if another file there is bad, or nothing can be written.
    """
    # Two files may have one name: what tells them apart is where they lie.
    where = hashlib.sha256(str(source.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    place = folder / f"{source.stem[:60]}-{where[:8]}.jsonl"
    holder = {
        one.text: path.name
        for path in sorted(folder.glob("*.jsonl"))
        if path != place
        for one in read([path], labels)
    }
    fresh = [one for one in rows if one.text not in holder]
    already = [(one.text, holder[one.text]) for one in rows if one.text in holder]
    lines = (msgspec.json.encode({"text": one.text, "labels": one.labels}) for one in fresh)
    begun = place.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if fresh:
            begun.write_bytes(b"".join(line + b"\n" for line in lines))
            begun.replace(place)
        else:
            place.unlink(missing_ok=True)
    except OSError as error:
        message = f"can't write {place}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error
    return Added(place=place, count=len(fresh), already=already)
