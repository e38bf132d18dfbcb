"""
The store: the only place that opens a session, and one `with` is one transaction.

    with store.begin() as tx:            # everything below is kept together, or nothing
        tx.posts.add(watch, posts, now)
        tx.watches.went_on(watch.id, chain, bookmark, now)

No method commits. `begin()` survives a power cut; `begin(refetchable=True)` is for what a source
can give again, which may roll back with its bookmark; `read()` sees one unchanging moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session

from models.authors_key import AuthorsKey
from models.errors import AmendsError, StoreError
from models.marks import Marks
from models.seal import Seal
from models.store import dialect, traces
from models.store.authors import AUTHORS
from models.store.dialect import engine_for
from models.store.schema import upgrade
from models.store.tallies import Tallies
from models.store.tombstones import MARKS
from models.store.transaction import Transaction

__all__ = ["Store", "Transaction", "dialect"]


class Store:
    """One database, and what its audit trail is sealed with. Open it with `Store.open`."""

    def __init__(
        self,
        engine: Engine,
        seal: Seal,
        marks: Callable[[], Marks | None] = lambda: None,
        authors: AuthorsKey | None = None,
    ) -> None:
        self.engine = engine
        self.seal = seal
        self.marks = marks
        self.authors = authors or AuthorsKey()

    @classmethod
    def open(
        cls,
        url: str,
        seal: Seal | None = None,
        marks: Callable[[], Marks | None] = lambda: None,
        authors: AuthorsKey | None = None,
    ) -> Store:
        """
        Return the store at `url`, made or brought up to date; StoreError if it can't be.

        Without a `seal` the one beside a SQLite file is used; PostgreSQL has none by itself. `marks` gives
        what tells posts that were erased; it is asked only where there are tombstones. `authors` are the
        keys of pseudonyms, asked only where authors have or are to have one.
        """
        store = cls(engine_for(url), seal or Seal.beside(url), marks, authors)
        try:
            with _plainly():
                upgrade(store.engine, store.seal)
        except AmendsError:
            store.close()
            raise
        return store

    @property
    def many_write(self) -> bool:
        """Whether several of us may write at once, or one after the other as in SQLite."""
        return self.engine.dialect.name != "sqlite"

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def begin(
        self,
        *,
        refetchable: bool = False,
        patience: int | None = None,
        thorough: bool = False,
    ) -> Iterator[Transaction]:
        """
        Open a transaction that writes: kept whole at the end of the `with`, or not at all.

        StoreError if other writers keep us waiting longer than `patience`, in milliseconds. With
        `thorough` what is deleted is overwritten too, where the database can.
        """
        mode = "refetchable" if refetchable else "durable"
        options = {} if patience is None else {"patience": patience}
        if thorough:
            options["thorough"] = True
        with self._transaction(mode, **options) as tx:
            yield tx

    def can_write(self, patience: int) -> bool:
        """Return whether a writer gets its turn within so many milliseconds; nothing is written."""
        try:
            with self.begin(patience=patience) as tx:
                dialect.alone(tx.session.connection(), "lease")
        except StoreError:
            return False
        return True

    def clear_traces(self, patience: float) -> bool:
        """
        Let nothing that was deleted remain in the database's files; return whether that went all the way.

        Where somebody reads on for longer than `patience`, in seconds, the log still has traces.
        """
        with self.begin(thorough=True) as tx:
            tx.words.scrub()
        with _plainly():
            return traces.clear_traces(self.engine, patience)

    def cut_log(self) -> bool:
        """Cut SQLite's log to nothing unless somebody reads it just now; return whether that was done."""
        with _plainly():
            return traces.cut_log(self.engine)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that only reads, and sees the same moment throughout."""
        with self._transaction("read") as tx:
            yield tx

    @contextmanager
    def _transaction(self, mode: str, **options: int) -> Iterator[Transaction]:
        bind = self.engine.execution_options(amends=mode, **options)
        head = None
        with _plainly(), Session(bind, expire_on_commit=False) as session, session.begin():
            session.info[MARKS] = self.marks
            session.info[AUTHORS] = self.authors
            tx = Transaction(session, self.seal)
            yield tx
            Tallies(session).settle()
            head = tx.audit.put_in()
        if head is not None and mode == "durable":
            # Only what no power cut takes back may be known outside the database.
            self.seal.remember(head)


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn what the database says into a sentence for people."""
    try:
        yield
    except AmendsError:
        raise
    except DBAPIError as error:
        said = str(error.orig).strip().split("\n")[0]
        message = f"the database refused: {said}"
        raise StoreError(message, _remedy(said)) from error
    except SQLAlchemyError as error:
        message = f"the database refused: {str(error).splitlines()[0]}"
        raise StoreError(message) from error


_REMEDIES = {
    "locked": "another Amends is writing; wait for it or stop it, then try again",
    "lock timeout": "another Amends is writing; wait for it or stop it, then try again",
    "disk is full": "make room on the disk, then try again",
    "disk I/O error": "the disk fails to write; look at it and at the system's log",
    "malformed": "the file is damaged; restore a backup, or move it away and backfill again",
    "not a database": "the file isn't a SQLite database; move it away or name another home",
    "readonly": "the file or its folder can't be written; check who owns them",
    "unable to open": "check that the home exists and can be written",
    "no such module": "use a Python whose SQLite has FTS5, or PostgreSQL",
    "connection": "check that PostgreSQL runs and that AMENDS_DATABASE_URL is right",
    "authentication": "check user and password in AMENDS_DATABASE_URL",
    "does not exist": "create the database, or mend AMENDS_DATABASE_URL",
}


def _remedy(said: str) -> str:
    return next((text for sign, text in _REMEDIES.items() if sign in said), "see `amends doctor`")
