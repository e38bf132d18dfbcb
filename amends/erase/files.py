"""Files of a home that may hold what erased posts said: looked through, and freed of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from amends import exported
from amends.exported import Exported
from amends.restore import BEGUN
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


def rejects(home: Home, quotes: Quotes, source: str | None, *, drop: bool) -> int:
    """Drop rejected lines that quote or name them, or are of a source as a whole; return how many."""

    def is_theirs(line: bytes) -> bool:
        try:
            said = msgspec.json.decode(line)
        except msgspec.MsgspecError:
            # Cut short by a crash; nobody can tell what it would have said.
            return quotes.found_in(line.decode("utf-8", "replace"))
        if source is not None and said.get("source") == source:
            return True
        return any(isinstance(one, str) and quotes.found_in(one) for one in said.values())

    return _without(home.rejects, is_theirs, drop=drop)


def examples(home: Home, quotes: Quotes, texts: set[int], *, drop: bool) -> list[int]:
    """Drop examples that say what they said; return the fingerprints of those examples."""
    found: list[int] = []

    def is_theirs(line: bytes) -> bool:
        try:
            text = msgspec.json.decode(line, type=_Example).text
        except msgspec.MsgspecError:
            return False
        mine = near(text)
        if mine in texts or quotes.share(text) >= MOSTLY:
            found.append(mine)
            return True
        return False

    for path in sorted(home.examples.glob("*.jsonl")):
        _without(path, is_theirs, drop=drop)
    return found


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


def _without(path: Path, is_theirs: Callable[[bytes], bool], *, drop: bool) -> int:
    try:
        with path.open("rb") as file:
            lines = file.readlines()
    except FileNotFoundError:
        return 0
    except OSError as error:
        message = f"can't read {path}: {error.strerror or error}"
        raise SetupError(message, "check who may read it") from error
    kept = [line for line in lines if not is_theirs(line)]
    if drop and len(kept) < len(lines):
        _replace(path, kept)
    return len(lines) - len(kept)


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
