"""
How often a long battery runs: in full under `make trust`, a twentieth of that in `make test`.

A battery tells what came of it with `tell(record_property, "300 kills: 0 lost")`; `python -m tests.trust`
gathers the sentences into `tests/TRUST.md`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

FULL = os.environ.get("AMENDS_TRUST") == "full"
"""Whether this is `make trust`."""

Record = Callable[[str, object], None]


def times(full: int, least: int = 5) -> int:
    """Return how often to do what the full battery does `full` times: a twentieth, never under `least`."""
    return full if FULL else min(full, max(-(-full // 20), least))


def tell(record: Record, sentence: str) -> None:
    """Put a sentence with what was counted into the report."""
    record("trust", sentence)
