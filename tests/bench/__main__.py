"""
`make bench`: how fast and how good, beside what people would use instead, all in one run.

    python -m tests.bench [--part NAME]... [--eval FILE] [--beside PYTHON] [--sizes N,N]

Each part is a section of BENCHMARKS.md, written anew when it has run; a part by itself leaves the others
as they are. EVAL is a labelled file of one's own to judge on instead of the hard set. BESIDE is the Python
of an environment with obsei 1.1.1 and pandas, which ours does without.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

# One core for everybody: figures of one core are asked for, and threads would blur them.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

DOCUMENT = Path("BENCHMARKS.md")
PACKAGES = ("scikit-learn", "numpy", "sqlalchemy", "sqlmodel", "msgspec", "psycopg", "dask",
            "vaderSentiment", "textblob", "fasttext-numpy2")  # fmt: skip

HEAD = """# Benchmarks

Written by `make bench` (`tests/bench/`), not by hand. Each section tells when and on what it was measured;
figures beside each other in one table were measured in turn in one run. Compare the ratios: another
machine has other figures, and a machine that others share has other figures an hour later.
"""


class Part(NamedTuple):
    """A section: its title, and the module that measures it with these arguments."""

    title: str
    module: str
    arguments: tuple[str, ...] = ()


PARTS = {
    "scoring": Part("Scoring: text in, scores out", "scoring"),
    "races": Part("The whole corridor: file to stored, tagged and searchable", "races"),
    "stages": Part("Where the corridor's time goes", "corridor"),
    "queries": Part("Asking 5,000,000 stored posts", "queries", ("--posts", "5000000")),
    "day": Part("The digest of a day of 1,000,000 posts", "day"),
    "spike": Part("A spike: 25,000 posts a minute into a board under use", "spike"),
    "archive": Part("Archives on Dask", "archive", ("2000000",)),
    "workers": Part("Several workers on PostgreSQL", "workers"),
    "curve": Part("What corrections bring", "curve"),
}


def main() -> None:
    """Run the parts asked for, and write their sections."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--part", choices=PARTS, action="append")
    asked.add_argument("--eval", default="", help="a labelled file, JSON Lines or CSV")
    asked.add_argument("--beside", default="", help="a Python with obsei and pandas")
    asked.add_argument("--sizes", default="10000,100000,1000000", help="posts of the races")
    options = asked.parse_args()
    sections = _read()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.part or PARTS:
            part = PARTS[name]
            more = {
                "scoring": ("--eval", options.eval),
                "curve": ("--eval", options.eval),
                "races": ("--beside", options.beside, "--sizes", options.sizes,
                          "--folder", folder),
            }.get(name, ())  # fmt: skip
            sections[part.title] = _measured(part, more)
            _write(sections)


def _measured(part: Part, more: tuple[str, ...]) -> str:
    """Run a part in a process of its own; return its section's text."""
    print(f"== {part.title}", file=sys.stderr, flush=True)
    load, began = os.getloadavg()[0], time.monotonic()
    command = [sys.executable, "-m", f"tests.bench.{part.module}", *part.arguments, *more]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{part.module} ended with {ended.returncode}: {ended.stdout}")
    print(ended.stdout, flush=True)
    took = (time.monotonic() - began) / 60
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}; load average {load:.1f} before"
        f" it began; took {took:.0f} min; `python {' '.join(command[1:3])}`.\n\n{ended.stdout.strip()}\n"
    )


def _machine() -> str:
    cores, memory = os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{cores} cores, {memory / 2**30:.0f} GiB, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}"
    )


def _read() -> dict[str, str]:
    """Return the document's sections by their title."""
    text = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    pieces = re.split(r"^## (.*)\n\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def _write(sections: dict[str, str]) -> None:
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    told = [f"{HEAD}\nVersions: {versions}.\n"]
    told += [f"## {part.title}\n\n{sections[part.title].strip()}\n" for part in PARTS.values()
             if part.title in sections]  # fmt: skip
    DOCUMENT.write_text("\n".join(told))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
