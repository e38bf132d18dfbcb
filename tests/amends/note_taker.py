"""
Listens to one address until it has all, and takes notes: `python -m tests.amends.note_taker HOME URL`.

The corridor without the classifier, which would take longer to begin than all of the rest. A line is
printed for each note once it is kept. Like the command, it ends with a sentence when it can't go on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ingest.collector import collect
from ingest.guard import named
from ingest.http import Web
from ingest.keep import keep
from ingest.registry import all_sources
from models.errors import AmendsError
from models.home import Home, Secrets
from models.incident import WatchRow
from models.store import Store
from tests.factories import an_incident


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def begin(store: Store, address: str) -> int:
    """Open the incident and its watch, unless an earlier run has; return the incident's id."""
    with store.begin() as tx:
        known = tx.incidents.every()
        incident = (known[0] if known else tx.incidents.add(an_incident())).id or 0
        tx.watches.add(WatchRow(incident_id=incident, key="", source="wordpress", address=address,
                                created_at=now()))  # fmt: skip
    return incident


def listen(home: Path, address: str, tell: Callable[[str], object]) -> None:
    """Ask until there is no more; tell of every note that is kept."""
    store = Store.open(Home(home).database_url)
    web = Web(Secrets({}), "amends-tests", private=named(urlsplit(address).netloc))
    try:
        incident = begin(store, address)
        with store.read() as tx:
            watches = tx.watches.due(incident, now())
        for outcome in collect(watches, all_sources(), web, now):
            keep(store, outcome, now())
            for _ in range(2):
                note = f"note:{now():%H%M%S%f}"
                with store.begin() as tx:
                    tx.audit.note("noted", note, by="ana", now=now(), incident_id=incident)
                tell(note)
    finally:
        web.close()
        store.close()


if __name__ == "__main__":
    try:
        listen(Path(sys.argv[1]), sys.argv[2], lambda note: os.write(1, f"{note}\n".encode()))
    except AmendsError as error:
        sys.exit(f"amends: {error.message}: {error.remedy}")
