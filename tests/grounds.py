"""
On which database the tests live: each where it is needed, or all on PostgreSQL.

`make test` runs what touches SQL on both databases and the rest on SQLite, which is there at once;
`make test DATABASE=postgresql` runs everything on PostgreSQL but what is marked `sqlite`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

ON = os.environ.get("TESTS_ON") or "sqlite"
"""Where stores and homes lie that tests are given."""

KINDS = ["sqlite", "postgresql"] if ON == "sqlite" else [ON]
"""On what those tests run that are about SQL."""


class Grounds:
    """Which database belongs to which home; `fresh` makes one in the newest shape."""

    def __init__(self) -> None:
        self.fresh: Callable[[], str] | None = None
        self._of: dict[Path, str] = {}

    def of(self, home: Path) -> str:
        """Return where a home's database lies; beside it if it is SQLite's."""
        if self.fresh is None:
            home.mkdir(parents=True, exist_ok=True)
            return f"sqlite:///{home / 'amends.db'}"
        if home not in self._of:
            self._of[home] = self.fresh()
        return self._of[home]

    def leave(self) -> list[str]:
        """Forget all homes; return where their databases lie."""
        left = list(self._of.values())
        self._of.clear()
        return left


grounds = Grounds()


def url_of(home: Path) -> str:
    """Return where a home's database lies."""
    return grounds.of(home)
