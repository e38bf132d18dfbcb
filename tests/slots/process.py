"""One process of the suite, or one that a test starts: its secrets are marked, and it logs all it can."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from tests.slots import MADE, canary

LOGS = "TESTS_SLOTS_LOGS"
"""Names the folder processes log into, each into a file of its own."""

_URL, _HEX = secrets.token_urlsafe, secrets.token_hex
_BEFORE = 12
"""Characters or, in hex, twice as many before the mark: the start of a token is shown on purpose."""


def begin() -> logging.FileHandler:
    """Mark what Amends makes from now on, and log everything; return what writes the log."""
    secrets.token_urlsafe = _marked(_URL)
    secrets.token_hex = _marked(_HEX)
    return logged(Path(os.environ[LOGS]) / f"{os.getpid()}.log")


def logged(file: Path) -> logging.FileHandler:
    """Log everything, libraries' innermost included, into a file."""
    root, log = logging.getLogger(), logging.FileHandler(file, encoding="utf-8")
    log.setFormatter(logging.Formatter("%(name)s %(message)s"))
    # What the browser of a test says of itself isn't said by Amends.
    log.addFilter(lambda record: not record.name.startswith("httpx2"))
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    return log


def _marked(make: Callable[[int | None], str]) -> Callable[[int | None], str]:
    def made(nbytes: int | None = None) -> str:
        fresh = make(nbytes)
        caller = sys._getframe(1)
        slot = MADE.get((caller.f_globals.get("__name__", ""), caller.f_code.co_name))
        if slot is None or len(fresh) < 2 * _BEFORE:
            return fresh
        said = canary(slot) if make is _URL else canary(slot).encode().hex()
        return fresh[:_BEFORE] + said + fresh[_BEFORE + len(said) :]

    return made
