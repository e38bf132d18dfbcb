"""What the machine stands on: a database that is soon fresh again, with an incident and its watches."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import delete

from models.home import Home
from models.incident import IncidentRow, WatchRow
from models.store import Store
from models.store.growing import may_shrink, only_grows
from models.store.schema import TABLES
from tests.amends.machine.places import BEGAN, HOUR

CARDS, APP, LEDGER, WINDOW, ARCHIVE, FILE = (
    "https://stream.example/cards", "https://stream.example/app", "https://ledger.example/all",
    "https://window.example/all", "https://stream.example/archive", "file.jsonl",
)  # fmt: skip
"""What is listened to, by address: the last two once, as a backfill does."""

_WATCHES: dict[str, tuple[str, ...]] = {
    CARDS: ("cards",), APP: ("app",), LEDGER: ("cards", "app"), WINDOW: ("cards",),
    ARCHIVE: ("cards", "app"), FILE: (),
}  # fmt: skip


def settle(store: Store) -> None:
    """Put an incident and its watches into an empty store."""
    with store.begin() as tx:
        incident = tx.incidents.add(
            IncidentRow(slug="cards-down", title="Cards down", company="Lumabank", began=BEGAN,
                        opened_at=BEGAN)
        )  # fmt: skip
        for address, terms in _WATCHES.items():
            once = address in (ARCHIVE, FILE)
            tx.watches.add(
                WatchRow(incident_id=incident.id or 0, key="", source=place_of(address),
                         address=address, terms=list(terms), since=BEGAN, created_at=BEGAN,
                         until=BEGAN + 2 * HOUR if once else None, once=once,
                         canary="cards" if address == APP else None)
            )  # fmt: skip


def place_of(address: str) -> str:
    """Return whom an address belongs to."""
    return urlsplit(address).netloc.partition(".")[0] or "file"


class Ground:
    """A database of which every example gets a fresh one; `home` where it lies in one."""

    kind = ""
    home: Home | None = None

    def fresh(self) -> str:
        """Return the address of a database with an incident, its watches, and nothing else."""
        raise NotImplementedError

    def tidy(self) -> None:
        """Throw away what an example has left."""


class OnSqlite(Ground):
    """A file, copied from one that was made once."""

    kind = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, folder / "made.db"
        store = Store.open(f"sqlite:///{self._made}")
        settle(store)
        store.close()

    def fresh(self) -> str:
        """Copy the file into a home."""
        self.home = Home(self._folder / "home").make()
        shutil.copyfile(self._made, self.home.path / "amends.db")
        return self.home.database_url

    def tidy(self) -> None:
        """Delete the home."""
        shutil.rmtree(self._folder / "home", ignore_errors=True)


class OnPostgresql(Ground):
    """One database, emptied."""

    kind = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self._url = url

    def fresh(self) -> str:
        """Empty all tables: deleting a few rows is quicker than truncating so many tables."""
        store = Store.open(self._url)
        with store.begin() as tx:
            may_shrink(tx.session.connection())
            for table in reversed(TABLES):
                tx.session.execute(delete(table))
            only_grows(tx.session.connection())
        settle(store)
        store.close()
        return self._url
