"""Files that are there whole or not at all, and the folders in which they are begun."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_HELD = ".held"


@contextmanager
def begun(parent: Path, name: str) -> Iterator[Path]:
    """
    Make a folder for what isn't whole yet, only for its owner, gone at the end of the `with`.

    What an earlier one of that name left behind when it was killed is cleared away first. OSError
    if `parent` can't be written.
    """
    for path in left_behind(parent, name):
        _clear(path)
    folder, held = _made(parent, name)
    try:
        yield folder
    finally:
        _clear(folder)
        held.close()


def left_behind(parent: Path, name: str) -> list[Path]:
    """Return the folders begun in `parent` under that name whose maker was killed."""
    return [path for path in parent.glob(f".{name}-*") if _is_free(path)]


def in_work(parent: Path, name: str) -> bool:
    """Return whether somebody is at work in a folder begun in `parent` under that name."""
    return any(not _is_free(path) for path in parent.glob(f".{name}-*"))


def sync(path: Path) -> None:
    """Let what was written to a file, or the names in a folder, survive a power cut."""
    if os.name != "posix" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put(new: Path, place: Path, *, replace: bool) -> None:
    """Give a finished file its name, on the same disk; FileExistsError if taken and not `replace`."""
    sync(new)
    if replace:
        new.replace(place)
    else:
        # A rename would silently take the place of whatever came there meanwhile.
        try:
            place.hardlink_to(new)
        except FileExistsError:
            raise
        except OSError:
            if os.path.lexists(place):
                raise FileExistsError(place) from None
            new.rename(place)
    sync(place.parent)


def _made(parent: Path, name: str) -> tuple[Path, BinaryIO]:
    """Return a new folder and what holds it; one that was cleared away before it was held is lost."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
        try:
            held = (folder / _HELD).open("wb")
        except FileNotFoundError:
            continue
        _hold(held, wait=True)
        if os.fstat(held.fileno()).st_nlink:
            return folder, held
        held.close()


def _clear(folder: Path) -> None:
    """Remove a folder; what says that it is one of ours goes last, in case this is cut short."""
    # Somebody else may be clearing it away too.
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _HELD:
                path.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _is_free(folder: Path) -> bool:
    try:
        with (folder / _HELD).open("rb") as held:
            return _hold(held, wait=False)
    except FileNotFoundError:
        return folder.is_dir() and not any(folder.iterdir())


def _hold(file: BinaryIO, *, wait: bool) -> bool:
    """Take hold of a file for as long as it is open; the system lets go when its process dies."""
    if sys.platform == "win32":
        return wait
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        # Held by another one, or on a disk that knows no holding: then nothing counts as left behind.
        return wait
    return True
