"""
The store: the only place that opens a session, and one `with` is one transaction.

    with store.begin() as tx:            # everything below is kept together, or nothing
        tx.posts.add(watch, posts, now)
        tx.watches.went_on(watch.id, chain, bookmark, now)

No method commits. `begin()` survives a power cut; `begin(refetchable=True)` is for what a source
can give again, which may roll back with its bookmark; `read()` sees one unchanging moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session

from models.errors import AmendsError, StoreError
from models.store import dialect
from models.store.acts import Acts
from models.store.audit import Audit
from models.store.changes import Happenings
from models.store.coverage import Coverage
from models.store.days import Days
from models.store.dialect import engine_for
from models.store.digests import Digests
from models.store.exports import Exports
from models.store.gauges import Gauges
from models.store.holes import Holes
from models.store.incidents import Incidents
from models.store.items import Items
from models.store.leases import Leases
from models.store.outbox import Outbox
from models.store.people import People
from models.store.posts import Posts
from models.store.pulse import Pulse
from models.store.queue import Queue
from models.store.replies import Replies
from models.store.samples import Samples
from models.store.saved_views import SavedViews
from models.store.schema import upgrade
from models.store.tags import Tags
from models.store.views import Views
from models.store.watches import Watches


class Transaction:
    """One transaction, by noun. Lives as long as its `with`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def incidents(self) -> Incidents:
        """Incidents: open, find, change."""
        return Incidents(self.session)

    @cached_property
    def watches(self) -> Watches:
        """Watches, their bookmarks and troubles."""
        return Watches(self.session)

    @cached_property
    def posts(self) -> Posts:
        """Posts and sightings, in batches."""
        return Posts(self.session)

    @cached_property
    def tags(self) -> Tags:
        """Tags by classifiers and people, in batches."""
        return Tags(self.session)

    @cached_property
    def coverage(self) -> Coverage:
        """Stretches of time proved complete."""
        return Coverage(self.session)

    @cached_property
    def holes(self) -> Holes:
        """Stretches of time still to be read, or lost."""
        return Holes(self.session)

    @cached_property
    def samples(self) -> Samples:
        """Stretches of which only a known share was read."""
        return Samples(self.session)

    @cached_property
    def items(self) -> Items:
        """Posts as the team works on them."""
        return Items(self.session)

    @cached_property
    def pulse(self) -> Pulse:
        """What is said just now."""
        return Pulse(self.session)

    @cached_property
    def queue(self) -> Queue:
        """Items in the order in which they should be worked on."""
        return Queue(self.session)

    @cached_property
    def happenings(self) -> Happenings:
        """What happened since a moment, for pages that are kept fresh."""
        return Happenings(self.session)

    @cached_property
    def people(self) -> People:
        """Who may do what, and how they get in."""
        return People(self.session)

    @cached_property
    def leases(self) -> Leases:
        """Who may do a job that must not be done twice at once."""
        return Leases(self.session)

    @cached_property
    def outbox(self) -> Outbox:
        """What is on its way to the world outside."""
        return Outbox(self.session)

    @cached_property
    def digests(self) -> Digests:
        """Which digests were made to be sent."""
        return Digests(self.session)

    @cached_property
    def acts(self) -> Acts:
        """What the company said or did."""
        return Acts(self.session)

    @cached_property
    def replies(self) -> Replies:
        """Saved replies: what people start an answer from."""
        return Replies(self.session)

    @cached_property
    def saved_views(self) -> SavedViews:
        """Views of the queue under a name."""
        return SavedViews(self.session)

    @cached_property
    def exports(self) -> Exports:
        """All that is kept of an incident, in the order it came."""
        return Exports(self.session)

    @cached_property
    def audit(self) -> Audit:
        """Who changed what."""
        return Audit(self.session)

    @cached_property
    def views(self) -> Views:
        """Read-only views for lists and digests."""
        return Views(self.session)

    @cached_property
    def gauges(self) -> Gauges:
        """Figures for those who watch over us."""
        return Gauges(self.session)

    @cached_property
    def days(self) -> Days:
        """Counts of one stretch of time, for digests."""
        return Days(self.session)


class Store:
    """One database. Open it with `Store.open`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Store:
        """Return the store at `url`, made or brought up to date; StoreError if it can't be."""
        store = cls(engine_for(url))
        try:
            with _plainly():
                upgrade(store.engine)
        except AmendsError:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def begin(
        self, *, refetchable: bool = False, patience: int | None = None
    ) -> Iterator[Transaction]:
        """
        Open a transaction that writes: kept whole at the end of the `with`, or not at all.

        StoreError if other writers keep us waiting longer than `patience`, in milliseconds.
        """
        mode = "refetchable" if refetchable else "durable"
        options = {} if patience is None else {"patience": patience}
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

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that only reads, and sees the same moment throughout."""
        with self._transaction("read") as tx:
            yield tx

    @contextmanager
    def _transaction(self, mode: str, **options: int) -> Iterator[Transaction]:
        bind = self.engine.execution_options(amends=mode, **options)
        with _plainly(), Session(bind, expire_on_commit=False) as session, session.begin():
            yield Transaction(session)


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
    "disk is full": "make room on the disk, then try again",
    "disk I/O error": "the disk fails to write; look at it and at the system's log",
    "malformed": "the file is damaged; restore a backup, or move it away and backfill again",
    "not a database": "the file isn't a SQLite database; move it away or name another home",
    "readonly": "the file or its folder can't be written; check who owns them",
    "unable to open": "check that the home exists and can be written",
    "connection": "check that PostgreSQL runs and that AMENDS_DATABASE_URL is right",
    "authentication": "check user and password in AMENDS_DATABASE_URL",
    "does not exist": "create the database, or mend AMENDS_DATABASE_URL",
}


def _remedy(said: str) -> str:
    return next((text for sign, text in _REMEDIES.items() if sign in said), "see `amends doctor`")
