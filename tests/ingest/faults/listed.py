"""All eighty faults, and an even choice of some."""

from __future__ import annotations

from tests.ingest.faults import connection, content, encoding, framing, pace, status
from tests.ingest.faults.fault import Fault

LISTED: tuple[Fault, ...] = (
    *connection.FAULTS, *pace.FAULTS, *framing.FAULTS,
    *status.FAULTS, *encoding.FAULTS, *content.FAULTS,
)  # fmt: skip


def chosen(place: int, count: int) -> tuple[Fault, ...]:
    """Return `count` faults evenly over the groups, other ones for each place."""
    step = max(len(LISTED) // count, 1)
    return LISTED[place % step :: step][:count]
