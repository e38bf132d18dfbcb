"""
`make planted`: plant every bug of `tests/planted.toml` in a copy, see its test fail, write the list.

`python -m tests.planted WORD…` plants only the bugs whose description or test has one of these words in
it, and writes no list.

A test that can't fail is worse than none; each bug here is one somebody could write on a tired day.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
LIST = ROOT / "tests" / "planted.toml"
REPORT = ROOT / "tests" / "PLANTED.md"
AT_ONCE = 3
"""Copies of the tree, each with one bug at a time."""

COPIED = ("amends", "classify", "fixtures", "ingest", "models", "tests", "pyproject.toml")

HEAD = """# Bugs planted on purpose, and the test that catches each

Written by `make planted`, which plants them one by one in a copy of the tree (`tests/planted.toml` holds
the exact change) and runs the test: it must pass without the bug and fail with it.

| bug | file | test |
|---|---|---|
"""


class Bug(NamedTuple):
    """One change for the worse: `old` becomes `new` in `file`, and `test` must fail."""

    what: str
    file: str
    old: str
    new: str
    test: str


def bugs() -> list[Bug]:
    """Return all bugs of the list."""
    with LIST.open("rb") as file:
        return [Bug(**bug) for bug in tomllib.load(file)["bug"]]


def fails(copy: Path, *tests: str) -> bool:
    """Return whether a test fails in the copy; one that can't be found is no failure."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-n", "0", *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = str(copy)
    ended = subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode in (0, 1):
        return ended.returncode == 1
    sys.exit(f"{', '.join(tests)} can't be run:\n{ended.stdout[-2000:]}")


def caught(copy: Path, bug: Bug) -> bool:
    """Plant one bug, run its test, and take the bug away again."""
    path = copy / bug.file
    whole = path.read_text()
    if whole.count(bug.old) != 1:
        sys.exit(f"“{bug.what}”: {bug.file} no longer holds its line once: {bug.old!r}")
    path.write_text(whole.replace(bug.old, bug.new))
    try:
        return fails(copy, bug.test)
    finally:
        path.write_text(whole)


def grown(folder: Path) -> Path:
    """Return a copy of the tree to plant bugs in."""
    folder.mkdir()
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, folder / name)
    return folder


def _whole(copy: Path, tests: Sequence[str]) -> bool:
    return fails(copy, *tests)


def main() -> int:
    """Go through the list, three bugs at a time, each in a copy of its own."""
    words = sys.argv[1:]
    found = [
        bug for bug in bugs() if not words or any(word in bug.what + bug.test for word in words)
    ]
    missed = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            free.put(grown(Path(folder) / f"tree{number}"))

        def within(do: Callable[[Path], bool]) -> bool:
            copy = free.get()
            try:
                return do(copy)
            finally:
                free.put(copy)

        # All tests in as many runs as there are copies: what takes long to make is made once in each.
        tests = sorted({bug.test for bug in found})
        parts = (tests[number::AT_ONCE] for number in range(AT_ONCE))
        alone = [partial(within, partial(_whole, tests=part)) for part in parts if part]
        if any(pool.map(lambda do: do(), alone)):
            sys.exit("a test fails without any bug: `make test` says which")
        planted = (partial(within, partial(caught, bug=bug)) for bug in found)
        for bug, good in zip(found, pool.map(lambda do: do(), planted), strict=True):
            print(f"{'caught' if good else 'MISSED'}: {bug.what}", flush=True)
            missed += [] if good else [bug]
    lines = [f"| {bug.what} | {bug.file} | {bug.test} |" for bug in found if bug not in missed]
    if not words:
        REPORT.write_text(HEAD + "\n".join(lines) + "\n")
    print(f"{len(found) - len(missed)} of {len(found)} planted bugs caught")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
