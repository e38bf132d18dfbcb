"""Looking at the store's rows, and holding them against what ought to be there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, text

from ingest.source import Request
from models.columns import from_micros, to_micros
from models.coverage import Span, holes, merge
from models.hole import MOST
from models.store import Store
from models.tag import CLASSIFIER
from tests.amends.machine.ought import Key, Ought
from tests.amends.machine.places import Place, Said
from tests.amends.machine.sources import Where, seen

_POSTS = "SELECT id, source, external_id, text, version, as_of, likes FROM post"
_TAGS = "SELECT post_id, label, put, by, copied_from FROM tag WHERE holds"
_WATCHES = """
SELECT id, source, terms, since, until, bookmark, chain, trouble, not_before, paused_at FROM watch ORDER BY id
"""
_STRETCHES = """
SELECT watch_id, since, until, 'covered' AS what FROM coverage
UNION ALL SELECT watch_id, since, until, CASE WHEN lost_at IS NULL THEN 'open' ELSE 'lost' END FROM hole
"""
_DECIDED = "SELECT post_id, decision, by FROM verdict ORDER BY id"
_LEASE = "SELECT holder, token FROM lease"


class Heard(NamedTuple):
    """A watch's row, and its stretches of time."""

    id: int
    source: str
    terms: tuple[str, ...]
    since: datetime
    until: datetime | None
    bookmark: str | None
    chain: str | None
    covered: list[Span]
    open: list[Span]
    lost: list[Span]

    @property
    def where(self) -> Where | None:
        """Where its unfinished chain stands."""
        if self.chain is None:
            return None
        return msgspec.convert(msgspec.json.decode(self.chain, type=Request).state, Where)


class Rows(NamedTuple):
    """Everything that is looked at, read in one moment."""

    posts: Sequence[Any]
    sightings: Sequence[Any]
    tags: Sequence[Any]
    verdicts: Sequence[Any]
    spent: Sequence[Any]
    lease: Sequence[Any]
    watches: Sequence[Any]
    stretches: Sequence[Any]

    @classmethod
    def read(cls, store: Store) -> Rows:
        """Read them."""
        with store.read() as tx:
            connection = tx.session.connection()
            return cls(
                *(_rows(connection, sql) for sql in (
                    _POSTS, "SELECT watch_id, post_id FROM sighting", _TAGS, _DECIDED,
                    "SELECT watch_id, day, requests, reads FROM spent", _LEASE, _WATCHES, _STRETCHES,
                ))
            )  # fmt: skip

    def heard(self) -> list[Heard]:
        """Return the watches with their stretches."""
        spans: dict[tuple[int, str], list[Span]] = {}
        for watch_id, since, until, what in self.stretches:
            span = Span(from_micros(since), from_micros(until))
            spans.setdefault((watch_id, what), []).append(span)
        return [
            Heard(row[0], row[1], _terms(row[2]), from_micros(row[3]),
                  None if row[4] is None else from_micros(row[4]), row[5], row[6],
                  *(spans.get((row[0], what), []) for what in ("covered", "open", "lost")))
            for row in self.watches
        ]  # fmt: skip


def compare(rows: Rows, ought: Ought) -> None:
    """Each post once, in its newest version; each sighting, tag, verdict and request."""
    keys: dict[int, Key] = {row[0]: (row[1], row[2]) for row in rows.posts}
    assert len(keys) == len(set(keys.values())), "no post stands there twice"
    stored = {keys[row[0]]: tuple(row[3:]) for row in rows.posts}
    wanted = {
        key: (post.text, post.version, to_micros(post.as_of or post.posted_at), post.likes)
        for key, post in ought.posts.items()
    }
    _same("posts", stored, wanted)
    _same("sightings", {(watch, keys[post]) for watch, post in rows.sightings}, ought.sightings)
    held = {
        (keys[post], label): (bool(put), by, copied is None)
        for post, label, put, by, copied in rows.tags
    }
    said = {at: tag for at, tag in held.items() if not tag[1].startswith(CLASSIFIER)}
    people = {at: tuple(tag) for at, tag in ought.held.items() if tag.by_person}
    _same("what people said", said, people)
    _same("tags", held, {at: tuple(tag) for at, tag in ought.held.items()})
    _same("verdicts", [(keys[row[0]], row[1], row[2]) for row in rows.verdicts], ought.verdicts)
    spent = {(watch, day): requests for watch, day, requests, _ in rows.spent}
    _same("requests", spent, {at: number for at, number in ought.spent.items() if number})
    reads = {(watch, day): number for watch, day, _, number in rows.spent}
    too_few = {at: number for at, number in ought.charged.items() if reads.get(at, 0) < number}
    assert not too_few, f"more was charged than counted: {too_few}, {reads}"
    _same("the lease", [tuple(row) for row in rows.lease],
          [(ought.turn.holder, ought.turn.token)] if ought.turn.token else [])  # fmt: skip


def account(heard: Heard, ought: Ought, place: Place) -> None:
    """All of a watch's time is proved, open, lost or not yet asked for; what is proved is there."""
    name = f"watch {heard.id} ({heard.source} {' '.join(heard.terms)})"
    claimed = merge(claim.span for claim in ought.claims[heard.id])
    _same(f"{name} has heard", _times(sorted(heard.covered)), _times(claimed))
    lost = merge(ought.lost[heard.id])
    _same(f"{name} has lost", _times(merge(heard.lost)), _times(lost))
    assert len(heard.open) <= MOST, f"{name} has {len(heard.open)} open holes"
    known = [*heard.covered, *heard.lost]
    where, began = heard.where, seen(heard.bookmark)
    if began is not None:
        gaps = holes(Span(heard.since, began), [*known, *heard.open])
        assert not gaps, f"{name} has forgotten {_times(gaps)}"
    if where is not None and where.edge is not None:
        read = (where.start, where.edge) if not place.newest_first else (where.edge, where.top)
        gaps = holes(Span(*read), known)  # type: ignore[arg-type]  a walk that has an edge has a top
        assert not gaps, f"{name}'s chain has left out {_times(gaps)}"
    for said in missing(heard, ought, place):
        claims = [claim for claim in ought.claims[heard.id] if _within(said.at, [claim.span])]
        late = said.shown > said.at and not any(said.shown <= claim.at for claim in claims)
        assert late or not _within(said.at, heard.covered), (
            f"{name} claims {said}, and hasn't got it"
        )


def missing(heard: Heard, ought: Ought, place: Place) -> Iterable[Said]:
    """Yield what has come to light at a place, belongs to the watch, and isn't there."""
    for said in place.posts:
        asked_for = said.term in heard.terms and said.at >= heard.since
        shown = said.shown <= place.clock.true
        if asked_for and shown and (heard.id, (heard.source, said.key)) not in ought.sightings:
            yield said


def _within(when: datetime, spans: Iterable[Span]) -> bool:
    return any(span.since <= when < span.until for span in spans)


def _times(spans: Iterable[Span]) -> str:
    return ", ".join(f"{span.since:%d %H:%M:%S}-{span.until:%d %H:%M:%S}" for span in spans)


def _terms(stored: Any) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(stored) if isinstance(stored, str) else stored)


def _rows(connection: Connection, sql: str) -> Sequence[Any]:
    return connection.execute(text(sql)).all()


def _same(what: str, found: Any, wanted: Any) -> None:
    if found == wanted:
        return
    if isinstance(found, dict):
        found, wanted = set(found.items()), set(wanted.items())
    if isinstance(found, set):
        message = f"{what}: too much is {found - wanted}, too little is {wanted - found}"
    else:
        message = f"{what}: found {found}, wanted {wanted}"
    raise AssertionError(message)
