"""
A home in which canaries have sung: authors whose every word can be found again by its bytes.

They are tagged, corrected, quoted in notes, drafts and saved replies, digested, exported and moved aside;
beside them Cleo and Dre say ordinary things, which must stay.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import inspect

from amends.digest import build, snapshot
from amends.digest.diff import Facts, facts_of
from amends.outputs.event import Event, Sheet, enqueue
from amends.pulse.themes import Themes
from classify.labels import Labels
from classify.shelf import ready
from classify.tagging import tag_new
from ingest.registry import all_sources
from models.campaign import ActRow
from models.day import local_day
from models.home import Home
from models.incident import IncidentRow, WatchRow
from models.post import Post
from models.reply import ReplyRow, SavedViewRow
from models.store import Store
from models.store.items import Seen, Verdict
from models.tag import Tag
from models.voice import near
from tests.factories import NOW, an_incident

SIGNS = (b"kanari", b"zwitscher", b"murmeltier")
"""Bytes that only canaries use: in their names, in a word of each post, in a phrase of all."""

SOURCES = sorted(all_sources())
LABELS = Labels.load()


class Canary(NamedTuple):
    """An author: where, and called what."""

    source: str
    name: str

    @property
    def said(self) -> str:
        """How the command line names them."""
        return f"{self.source}:{self.name}"


def canaries(count: int) -> list[Canary]:
    """Return so many, over all sources."""
    return [Canary(SOURCES[n % len(SOURCES)], f"kanari{n:03d}") for n in range(count)]


def posts_of(canary: Canary, count: int) -> list[Post]:
    """Return what a canary said, on two days."""
    return [
        Post(
            source=canary.source, external_id=f"{canary.name}-{n}", author=canary.name,
            author_id=f"id-{canary.name}", url=f"https://example.org/{canary.name}/{n}",
            text=(f"my credit for murmeltier number zwitscher{canary.name}n{n} is still missing, "
                  f"the app of Reelpost fails and nobody answers {n}"),
            posted_at=NOW - timedelta(hours=n, minutes=n), as_of=NOW,
        )
        for n in range(count)
    ]  # fmt: skip


def others(count: int) -> list[Post]:
    """Return what Cleo and Dre said."""
    return [
        Post(source="x", external_id=f"c{n}", author=("cleo", "dre")[n % 2], as_of=NOW,
             text=f"day {n} and still no discs, where is my credit, this is a shame number {n}",
             posted_at=NOW - timedelta(hours=n % 30, minutes=n))
        for n in range(count)
    ]  # fmt: skip


class Aviary(NamedTuple):
    """The home, its store's address, and who sang how often."""

    home: Home
    url: str
    birds: list[Canary]
    songs: int

    def open(self) -> Store:
        """Open its store."""
        return Store.open(self.url, self.home.seal, self.home.marks)

    def everything(self) -> list[Post]:
        """Return all that canaries said."""
        return [post for bird in self.birds for post in posts_of(bird, self.songs)]

    def sing(self, store: Store) -> None:
        """Let every watch bring again all that is there to be heard."""
        with store.read() as tx:
            watches = [row.as_watch() for row in tx.watches.of(1)]
        for watch in watches:
            mine = [post for post in self.everything() if post.source == watch.source]
            for start in range(0, len(mine), 1_000):
                with store.begin() as tx:
                    tx.posts.add(watch, mine[start : start + 1_000], NOW)

    def facts(self) -> list[Facts]:
        """Return the totals of the digests of both days, as anybody would see them now."""
        store = self.open()
        with store.read() as tx:
            row = tx.incidents.find("discs-late")
            found = [
                facts_of(build(snapshot(tx, row, day, NOW, list(LABELS), Themes())))
                for day in _days()
            ]
        store.close()
        return found


def _days() -> list[object]:
    return [local_day(NOW - timedelta(days=back), "UTC") for back in (0, 1)]


def furnish(home: Home, url: str, birds: int, songs: int, *, taught: bool = False) -> Aviary:
    """Build the scene in a home; `taught`: its classifier has learnt from canaries."""
    aviary = Aviary(home.make(), url, canaries(birds), songs)
    store = aviary.open()
    with store.begin() as tx:
        tx.incidents.add(an_incident(tz="UTC", began=NOW - timedelta(days=2)))
        for source in SOURCES:
            row, _ = tx.watches.add(WatchRow(incident_id=1, key="", source=source, created_at=NOW))
            tx.watches.went_on(row.id or 0, None, "here", NOW)
    aviary.sing(store)
    with store.begin() as tx:
        cleo = next(row for row in tx.watches.of(1) if row.source == "x").as_watch()
        kept = tx.posts.add(cleo, others(60), NOW)
        reply = Post(source=aviary.birds[0].source, external_id="answer", author="dre", text="same here, no discs",
                     parent_id="kanari000-0", thread_id="kanari000-0", as_of=NOW, posted_at=NOW)  # fmt: skip
        repost = Post(source=aviary.birds[0].source, external_id="rt", author="eve", kind="repost",
                      origin_id="kanari000-0", text=f"RT @kanari000: {posts_of(aviary.birds[0], 1)[0].text}",
                      as_of=NOW, posted_at=NOW)  # fmt: skip
        other = next(row for row in tx.watches.of(1) if row.source == repost.source).as_watch()
        tx.posts.add(other, [reply, repost], NOW)
    _read(aviary, store)
    _work(aviary, store, sorted(kept.ids.values()))
    _files(aviary, store)
    if taught:
        _teach(aviary)
    store.close()
    return aviary


def _teach(aviary: Aviary) -> None:
    """Let the classifier in use have learnt from the first canaries, as its own file says."""
    folder = aviary.home.classifiers
    learnt = folder / (folder / "current").read_text().strip() / "learnt"
    theirs = [near(post.text) for post in aviary.everything()[:3]]
    learnt.write_bytes(learnt.read_bytes() + struct.pack(f"<{len(theirs)}q", *theirs))


def _read(aviary: Aviary, store: Store) -> None:
    classifier = ready(aviary.home.classifiers, lambda _: None, now=NOW, labels=LABELS)
    while tag_new(store, classifier, now=NOW):
        pass


def _work(aviary: Aviary, store: Store, cleos: list[int]) -> None:
    """Let the team work on it, and quote the canaries wherever one can write."""
    with store.begin() as tx:
        sung = [row for row in tx.exports.posts(1) if (row.author or "").startswith("kanari")]
        tx.tags.put([Tag(post_id=one.id, label="complaint", by="ana") for one in sung[::7]], NOW)
        for number, post_id in enumerate(cleos[:20]):
            one = sung[number * 3 % len(sung)]
            seen = Seen(post_id, tx.items.get(1, post_id).version)
            note = f"like @{one.author}, who said “{one.text[:70]}” ({one.url}); call back"
            tx.items.decide(1, [seen], Verdict("follow", note), "ana", NOW)
        mine = Seen(sung[0].id, tx.items.get(1, sung[0].id).version)
        tx.items.decide(1, [mine], Verdict("escalate", f"urgent: {sung[0].text}"), "bo", NOW)
        tx.session.add(
            ActRow(incident_id=1, kind="status", text=f"To {sung[1].author}: {sung[1].text}",
                   at=None, recorded_at=NOW)
        )  # fmt: skip
        tx.session.add(ReplyRow(title="sorry", text=f"you wrote {sung[2].text}", by="ana", at=NOW))
        tx.session.add(
            SavedViewRow(incident_id=1, title=sung[3].author, query=f"q={sung[3].author}",
                         by="ana", at=NOW)
        )  # fmt: skip
        tx.session.flush()
        tx.clusters.merge(1, sung[4].id, cleos[0], "ana", NOW)


def _files(aviary: Aviary, store: Store) -> None:
    """Keep digests, rejected lines and examples that hold canaries."""
    home = aviary.home
    with store.begin() as tx:
        row = tx.incidents.find("discs-late")
        for day in _days():
            digest = build(snapshot(tx, row, day, NOW, list(LABELS)))
            event = Event(id=f"digest.discs-late.{day}.1", kind="digest", at=NOW, slug=row.slug,
                          incident_id=row.id, value=Sheet(digest=digest))  # fmt: skip
            enqueue(tx, event, ["team"])
    lines = [{"source": "file", "incident": 1, "where": "line 3", "reason": "no time",
              "raw": json.dumps({"author": bird.name, "text": "?"})} for bird in aviary.birds]  # fmt: skip
    lines.append({"source": "file", "incident": 1, "where": "line 9", "reason": "bad", "raw": "?"})
    home.rejects.write_text("".join(json.dumps(line) + "\n" for line in lines))
    home.examples.mkdir(exist_ok=True)
    texts = [posts_of(bird, 1)[0].text for bird in aviary.birds[:5]]
    texts.append("where is the credit that was promised to everybody on Monday")
    (home.examples / "mine.jsonl").write_text(
        "".join(json.dumps({"text": text, "labels": ["complaint"]}) + "\n" for text in texts)
    )


def still_singing(folder: Path, but: Iterable[Path] = ()) -> list[str]:
    """Return each file under a folder in which a canary's bytes stand, and which."""
    left_out = {path.resolve() for path in but}
    found = []
    for path in _every_file(folder):
        if path.resolve() not in left_out:
            data = path.read_bytes().lower()
            found += [f"{path}: {sign.decode()}" for sign in SIGNS if sign in data]
            found += [f"{path}: in its name" for sign in SIGNS if sign in os.fsencode(path.name)]
    return found


def rows_that_sing(store: Store, signs: Iterable[bytes] = SIGNS) -> list[str]:
    """Return each table of a store in a row of which a canary's word stands, with the row."""
    found = []
    with store.read() as tx:
        connection = tx.session.connection()
        for table in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                said = repr(tuple(row)).lower().encode()
                found += [f"{table}: {row}" for sign in signs if sign in said]
    return found


def digests_kept(store: Store) -> list[Facts]:
    """Return the totals that digests in the outbox tell."""
    with store.read() as tx:
        rows = tx.session.connection().exec_driver_sql("SELECT value FROM outbox ORDER BY id")
        events = [msgspec.json.decode(value, type=Event) for (value,) in rows]
    return [facts_of(one.value.digest) for one in events if isinstance(one.value, Sheet)]


def incident_of(store: Store) -> IncidentRow:
    """Return the incident."""
    with store.read() as tx:
        return tx.incidents.find("discs-late")


def _every_file(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
