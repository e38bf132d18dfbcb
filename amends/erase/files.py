"""Files of a home that may hold what erased posts said: looked through, and freed of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from amends import exported
from amends.exported import Exported
from amends.restore import ASIDE, BEGUN
from models.errors import SetupError
from models.home import Home
from models.quote import Quotes
from models.voice import near
from models.whole import left_behind, put

MOSTLY = 0.5
"""Share of an example's letters that must be quoted for it to be somebody's post with a change."""

_ENDINGS = (".part", ".rejects")


class _Example(msgspec.Struct):
    text: str


def rejected(home: Home, quotes: Quotes, source: str | None) -> list[bytes]:
    """Return rejected lines that quote or name them, or are of a source as a whole."""

    def is_theirs(line: bytes) -> bool:
        try:
            said = msgspec.json.decode(line)
        except msgspec.MsgspecError:
            # Cut short by a crash; nobody can tell what it would have said.
            return quotes.found_in(line.decode("utf-8", "replace"))
        if source is not None and said.get("source") == source:
            return True
        return any(isinstance(one, str) and quotes.found_in(one) for one in said.values())

    return [line for line in _lines(home.rejects) if is_theirs(line)]


def examples_of(home: Home, quotes: Quotes, texts: set[int]) -> list[str]:
    """Return examples that say what they said: in the same words, or mostly."""
    found = []
    for path in sorted(home.examples.glob("*.jsonl")):
        for line in _lines(path):
            text = _text(line)
            if near(text) in texts or quotes.share(text) >= MOSTLY:
                found.append(text)
    return found


def drop_rejected(home: Home, lines: list[bytes]) -> None:
    """Take lines out of those that were rejected."""
    gone = set(lines)
    if gone:
        _replace(home.rejects, [line for line in _lines(home.rejects) if line not in gone])


def drop_examples(home: Home, texts: list[str]) -> None:
    """Take examples out of the files they lie in."""
    gone = set(texts)
    for path in sorted(home.examples.glob("*.jsonl")) if gone else ():
        lines = _lines(path)
        kept = [line for line in lines if _text(line) not in gone]
        if len(kept) < len(lines):
            _replace(path, kept)


def asides(home: Home) -> list[Home]:
    """Return what restores have moved aside in the home."""
    return [Home(path) for path in sorted(home.path.glob(f"{ASIDE}-*")) if path.is_dir()]


def sweep(home: Home) -> None:
    """Delete what was begun and never ended: nobody reads it, and it holds posts."""
    for folder in left_behind(home.path, BEGUN):
        shutil.rmtree(folder, ignore_errors=True)
    for ending in _ENDINGS:
        for path in home.examples.glob(f"*{ending}"):
            path.unlink(missing_ok=True)
    for path in (home.path / "pasted").glob("*"):
        path.unlink(missing_ok=True)
    for path in home.classifiers.glob(".begun-*"):
        shutil.rmtree(path, ignore_errors=True)


def inside(home: Home, files: list[Exported]) -> Iterator[Exported]:
    """Yield those exports that lie in the home."""
    root = home.path.resolve()
    return (one for one in files if Path(one.path).resolve().is_relative_to(root))


def delete(home: Home, files: list[Exported]) -> None:
    """Delete exports, and let the register say nothing of what is no longer there."""
    for one in files:
        path = Path(one.path)
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"can't delete {path}: {error.strerror or error}"
            raise SetupError(message, "delete it, then run the same command again") from error
    kept = exported.still_there(home)
    if home.exports.exists():
        _replace(home.exports, [msgspec.json.encode(one) + b"\n" for one in kept])


def _text(line: bytes) -> str:
    try:
        return msgspec.json.decode(line, type=_Example).text
    except msgspec.MsgspecError:
        return ""


def _lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            return file.readlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"can't read {path}: {error.strerror or error}"
        raise SetupError(message, "check who may read it") from error


def _replace(path: Path, lines: list[bytes]) -> None:
    fresh = path.with_name(f".{path.name}.erasing")
    try:
        with suppress(FileNotFoundError):
            fresh.unlink()
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(lines)
        put(fresh, path, replace=True)
    except OSError as error:
        message = f"can't write {path}: {error.strerror or error}"
        raise SetupError(message, "make room, then run the same command again") from error
