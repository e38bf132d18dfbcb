"""
On which database the tests live: each where it is needed, or all on PostgreSQL.

`make test` runs what touches SQL, or is marked `both`, on both databases and the rest on SQLite;
`make test DATABASE=postgresql` runs everything on PostgreSQL but what is marked `sqlite`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ON = os.environ.get("TESTS_ON") or "sqlite"
"""Where stores and homes lie that tests are given."""

KINDS = ["sqlite", "postgresql"] if ON == "sqlite" else [ON]
"""On what those tests run that are about SQL."""


class Grounds:
    """Which database belongs to which home."""

    def __init__(self) -> None:
        self._fresh: Callable[[], str] | None = None
        self._of: dict[Path, str] = {}

    @contextmanager
    def on(self, fresh: Callable[[], str]) -> Iterator[Callable[[], list[str]]]:
        """Let `fresh` make the databases of homes meanwhile; afterwards what is yielded lists them."""
        self._fresh = fresh
        made: list[str] = []
        try:
            yield lambda: made
        finally:
            made += self._of.values()
            self._of.clear()
            self._fresh = None

    def of(self, home: Path) -> str:
        """Return where a home's database lies; beside it if it is SQLite's."""
        if self._fresh is None:
            home.mkdir(parents=True, exist_ok=True)
            return f"sqlite:///{home / 'amends.db'}"
        if home not in self._of:
            self._of[home] = self._fresh()
        return self._of[home]


grounds = Grounds()


def url_of(home: Path) -> str:
    """Return where a home's database lies."""
    return grounds.of(home)
