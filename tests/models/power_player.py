"""
A process whose power will be cut: `python -m tests.models.power_player HOME`.

It opens the store three times, as three commands would. In between come answers of a source with
troubles, of a recorded incident's X and blog, the classifier's tags, and what people do, and after
each transaction it tells that it is kept, and what all of the database looked like then. What the
database refuses is tried once more; unless that is expected (`--faults`) it ends with 3 then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from urllib.parse import parse_qsl, urlsplit

import msgspec

from amends.incident_server import IncidentServer
from amends.outage import heard
from ingest.collector import collect
from ingest.keep import keep
from ingest.registry import all_sources
from ingest.source import Request, Response, Source
from models.campaign import ActRow
from models.errors import StoreError
from models.incident import WatchRow
from models.monitor import Alert
from models.post import Post
from models.store import Store, Transaction
from models.tag import CLASSIFIER, Tag
from tests.factories import NOW, an_incident
from tests.fake import Fake

TOLD = "told.jsonl"
INCIDENT = Path(__file__).parents[2] / "fixtures" / "incidents" / "discs-down"
ROUNDS = (9, 2, 2)
"""Rounds each time the store is open; the first often enough for SQLite to begin its log anew."""


class Kept(msgspec.Struct, kw_only=True):
    """
    One transaction that was acknowledged: `state` is the whole database after it.

    Of an answer, `watch` is whose it was, `stands` what the watch's row said then, `posts` its ids.
    """

    durable: bool
    state: str
    watch: int = 0
    stands: str = ""
    posts: list[str] = []


def state_of(tx: Transaction) -> str:
    """Return a fingerprint of every row of every table, in the order the tables hold them."""
    # By SQLite's own cursor: rows are many, and this is done after each transaction.
    raw, digest = tx.session.connection().connection, sha256()
    cursor = raw.cursor()
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    for (table,) in cursor.execute(tables).fetchall():
        digest.update(table.encode())
        digest.update(repr(cursor.execute(f'SELECT * FROM "{table}"').fetchall()).encode())
    cursor.close()
    return digest.hexdigest()


def stands(tx: Transaction, watch: int) -> str:
    """Return where a watch goes on, as its row says; no two answers leave it saying the same."""
    row = tx.session.connection().exec_driver_sql("SELECT * FROM watch WHERE id = ?", (watch,))
    return repr(tuple(row.one()))


class Played:
    """Brings questions to the fake, or to the recorded incident's server without a network."""

    def __init__(self, fake: Fake, server: IncidentServer) -> None:
        self._fake, self._server = fake, server

    def ask(self, request: Request, now: datetime) -> Response:
        """Answer one question."""
        parts = urlsplit(request.url)
        if parts.scheme == "fake":
            return self._fake.fetch(request, now)
        asked = dict(parse_qsl(parts.query)) | dict(request.params)
        body, status, headers = self._server.answer(
            parts.path, asked, bearer=request.secret is not None
        )
        return Response(
            request=request, status=status, url=request.url, at=now,
            body=body.encode() if isinstance(body, str) else msgspec.json.encode(body),
            headers={name.lower(): value for name, value in headers.items()},
        )  # fmt: skip


class Player:
    """Does what an installation does, and tells of each thing that is kept."""

    def __init__(self, home: Path) -> None:
        self.url = f"sqlite:///{home / 'amends.db'}"
        self.told = os.open(home / TOLD, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.chance = Random(17)
        self.fake = Fake()
        self.server = IncidentServer(INCIDENT)
        self.sources: Mapping[str, Source] = all_sources() | {"fake": self.fake}
        self.at = NOW
        self.people = 0
        self.refused = 0

    def clock(self) -> datetime:
        """Return the time, twenty seconds later whenever it is asked, so that troubles pass."""
        self.at += timedelta(seconds=20)
        return self.at

    def transact(
        self,
        store: Store,
        act: Callable[[], object],
        *,
        durable: bool = False,
        watch: int = 0,
        posts: tuple[Post, ...] = (),
    ) -> None:
        """Do something in one transaction, once more if the database refuses, and tell that it is kept."""
        try:
            act()
        except StoreError:
            # The very same: what was refused may yet be there after a power cut.
            self.refused += 1
            act()
        with store.read() as tx:
            kept = Kept(
                durable=durable, state=state_of(tx), watch=watch,
                stands=stands(tx, watch) if watch else "", posts=[post.external_id for post in posts],
            )  # fmt: skip
        os.write(self.told, msgspec.json.encode(kept) + b"\n")

    def by_hand(self, store: Store, act: Callable[[Transaction], object]) -> None:
        """Do one thing that can't be fetched again."""

        def durably() -> None:
            with store.begin() as tx:
                act(tx)

        self.transact(store, durably, durable=True)

    def begin(self, store: Store) -> None:
        """Open the incident and its watches."""
        aims = [
            {"source": "fake"},
            {"source": "x", "terms": list(self.server.script.terms), "settings": {"api": self.server.url}},
            {"source": "wordpress", "address": f"{self.server.url}/2026/03/outage-diary/"},
        ]  # fmt: skip
        self.by_hand(store, lambda tx: tx.incidents.add(an_incident()))
        self.by_hand(store, lambda tx: tx.monitors.add(
            "belts", "json", company="Reelpost", tz="UTC", terms=[], watches=[], settings={},
            now=self.at,
        ))  # fmt: skip
        for aim in aims:
            row = WatchRow(incident_id=1, key="", created_at=self.at, **aim)
            self.by_hand(store, lambda tx, row=row: tx.watches.add(row))

    def somebody(self, store: Store) -> None:
        """Let somebody do something: correct a tag, apologise, open an incident; or a monitor call."""
        self.people += 1
        number, now = self.people, self.clock()

        def corrects(tx: Transaction) -> None:
            tx.tags.put(
                [Tag(post_id=number, label="complaint", put=True, score=1.0, by="ana")], now
            )
            tx.audit.note("corrected", f"post:{number}", by="ana", now=now, incident_id=1)

        def apologises(tx: Transaction) -> None:
            tx.acts.add(ActRow(incident_id=1, kind="apology", text=f"Sorry, {number}.", at=now,
                               by="bo", recorded_at=now))  # fmt: skip

        def opens(tx: Transaction) -> None:
            tx.incidents.add(an_incident(title=f"Discs late again, {number}"))

        def calls(tx: Transaction) -> None:
            alert = Alert(key="belt", event=f"e{number}", state="down", title="It stands", at=now)
            heard(tx, tx.monitors.named("belts"), [alert], {}, now)

        self.by_hand(store, (corrects, apologises, opens, calls)[number % 4])

    def listen(self, store: Store) -> None:
        """Ask every watch once and keep what comes; people and the classifier go on meanwhile."""
        with store.read() as tx:
            watches = tx.watches.due(1, self.clock())
        asker = Played(self.fake, self.server)
        for watch in watches:
            for outcome in collect([watch], self.sources, asker, self.clock):
                posts = outcome.answer.posts if outcome.answer else ()
                self.transact(
                    store, partial(keep, store, outcome, self.clock()), watch=watch.id, posts=posts
                )
                if self.chance.random() < 0.3:
                    self.somebody(store)
            self.classify(store)

    def classify(self, store: Store) -> None:
        """Tag what is new, as if by a classifier."""
        now, by = self.clock(), f"{CLASSIFIER}abc"

        def tags() -> None:
            with store.begin(refetchable=True) as tx:
                rows = tx.posts.unscored(4_000)
                found = [Tag(post_id=row.post_id, label="praise", put=True, score=0.9, by=by)
                         for row in rows]  # fmt: skip
                tx.tags.put_scored(rows, found, by=by, at=now)

        self.transact(store, tags)

    def play(self) -> None:
        """Open the store three times and live through some rounds each time."""
        for opening, rounds in enumerate(ROUNDS):
            store = Store.open(self.url)
            self.transact(store, lambda: None, durable=True)
            if opening == 0:
                self.begin(store)
            for _ in range(rounds):
                for _ in range(5):
                    self.fake.says(f"{self.chance.randint(5, 60)} posts, more")
                self.fake.says(self.chance.choice(["40 posts", "429 in 30s", "html", "0 posts"]))
                self.listen(store)
            store.close()


if __name__ == "__main__":
    player = Player(Path(sys.argv[1]))
    player.play()
    sys.exit(3 if player.refused and "--faults" not in sys.argv else 0)
