"""Posts and who saw them, written in batches below the ORM: this is the widest part of the corridor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col

from models.columns import from_micros, to_micros
from models.errors import SetupError
from models.incident import Watch
from models.post import Post, PostRow
from models.ready import COLUMNS, Foresight, Ready, covered, ready
from models.store import bulk, dialect, sharing
from models.store.authors import Authors
from models.store.edits import Edits
from models.store.holding import Held, Holding, changed, written
from models.store.items import Items
from models.store.mentions import Mentions, Text
from models.store.sharing import STRETCH
from models.store.tombstones import Tombstones
from models.store.words import Spoken, Words
from models.tag import CLASSIFIER

_NEAR = COLUMNS.index("near")
_COLUMNS = [*COLUMNS, "first_seen", "verified_at", "generation", "scored_by", "unsupported"]
_IDENTITY = ("source", "external_id")
_FIXED = {*_IDENTITY, "first_seen", "verified_at", "scored_by", "unsupported"}
_SET = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _FIXED)

# The newest version wins whatever arrives first; what its item stands on has to be looked at again.
_NEWER = f"""
ON CONFLICT (source, external_id) DO UPDATE SET {_SET}, untold = FALSE, asked_at = NULL,
    verified_at = CASE WHEN excluded.verified_at > COALESCE(post.verified_at, 0)
                       THEN excluded.verified_at ELSE post.verified_at END,
    scored_by = CASE WHEN excluded.text = post.text AND excluded.official = post.official
        AND COALESCE(excluded.posted_at, 0) = COALESCE(post.posted_at, 0) THEN post.scored_by END,
    changed_at = CASE WHEN excluded.text = post.text THEN post.changed_at
                      ELSE excluded.first_seen END
WHERE (excluded.version, excluded.as_of) > (post.version, post.as_of)
"""

_FIND = (
    "SELECT external_id, id, near, charged_at, version, as_of FROM post"
    " WHERE source = ? AND external_id = {KEYS}"
)

# What people said was said of other words, and no `undo` may bring it back.
_UNSAY = f"""
UPDATE tag SET holds = FALSE, undone_at = ?
WHERE undone_at IS NULL AND by NOT LIKE '{CLASSIFIER}%' AND post_id = ?
"""  # noqa: S608  (our own words)

_WAITING = """
SELECT id, text, as_of, near FROM post WHERE scored_by IS NULL {WITHIN}ORDER BY id LIMIT ?
"""
_WITHIN = "AND id >= ? AND id < ? "

_SEEN = ("watch_id", "post_id", "incident_id", "seen_at")


class Unscored(NamedTuple):
    """A post no classifier has looked at since its text last changed."""

    post_id: int
    text: str
    as_of: datetime
    near: int


class Foreseen(NamedTuple):
    """A new post of which is known already what the classifier makes of it."""

    post_id: int
    text: str
    near: int
    foresight: Foresight


class Kept(NamedTuple):
    """
    What became of a batch: ids by (source, external id), and how many of them are new.

    `charged` counts those the source charged: it does so once a day. What was `foreseen` counts as scored
    already: its tags have to be put in the same transaction.
    """

    ids: dict[tuple[str, str], int]
    new: int
    charged: int
    foreseen: Sequence[Foreseen] = ()


class Posts:
    """Posts within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def edits(self) -> Edits:
        """What posts said before they were edited."""
        return Edits(self._session)

    def add(
        self, watch: Watch, posts: Sequence[Post], now: datetime, charges: datetime | None = None
    ) -> Kept:
        """Keep a batch of posts, as `keep` does those made ready before."""
        return self.keep(watch, ready(posts), now, charges)

    def keep(
        self, watch: Watch, posts: Sequence[Ready], now: datetime, charges: datetime | None = None
    ) -> Kept:
        """
        Keep a batch of posts that `watch` saw at `now`; known ones are updated if newer.

        For a source that charges, `charges` is when its day began: what it hasn't charged since, it
        charges now.

        What people said of a post no longer holds once it says something else. What was erased is left
        out: SetupError if that can't be told. Where authors have pseudonyms, this is where they get them;
        the ids returned are by what the source calls a post.
        """
        # Of one that comes in twice, nobody knows here which of its texts will stand.
        times = Counter(post.key for post in posts if post.foreseen is not None)
        twice = {key for key, count in times.items() if count > 1}
        authors = Authors(self._session)
        names = authors.at_the_door(now)
        foreseen: list[Foreseen] = []
        ids: dict[tuple[str, str], int] = {}
        new = charged = 0
        for start in range(0, len(posts), dialect.BATCH):
            given = posts[start : start + dialect.BATCH]
            batch = given = Tombstones(self._session).living(given, names)
            if names is not None:
                batch = [covered(post, names) for post in given]
                authors.bring([post.key for post in given], names)
            sights = [None if post.key in twice else post.foreseen for post in given]
            generation = None if names is None else names.generation
            known, held = self._put(batch, sights, generation, now)
            self._follow(batch, known, held, now)
            self._see(watch, known, held, now)
            if charges is not None:
                charged += self._charge(held.values(), charges, now)
            foreseen += [
                Foreseen(held[post.key].post_id, post.text, held[post.key].near, sight)
                for post, sight in zip(batch, sights, strict=True)
                if sight is not None and post.key not in known
            ]
            new += len(held) - len(known)
            ids |= {
                post.key: held[kept.key].post_id for post, kept in zip(given, batch, strict=True)
            }
        return Kept(ids, new, charged, foreseen)

    def _put(
        self,
        batch: Sequence[Ready],
        sights: Sequence[Foresight | None],
        generation: int | None,
        now: datetime,
    ) -> tuple[Holding, Holding]:
        """Write posts as they came, the newer over the older; return what was held before, and what is now."""
        known, at = self._find(batch), to_micros(now)
        said_before = self._said_before(batch, known)
        # Whoever brings a post saw that it was there, as of when its source said so.
        rows = (
            (*post.values, at, post.age[1], generation,
             None if sight is None else sight.by, sight is not None and sight.unread)
            for post, sight in zip(batch, sights, strict=True)
        )  # fmt: skip
        bulk.upsert(self._session.connection(), "post", _COLUMNS, rows, _NEWER, _IDENTITY)
        held = self._find(batch)
        edits = {one: said_before[one] for one in changed(known, held) if one in said_before}
        self.edits.put(edits, {before.post_id: before.near for before in known.values()})
        return known, held

    def _follow(self, batch: Sequence[Ready], known: Holding, held: Holding, now: datetime) -> None:
        """Bring in line what is kept of what posts say: their words, what they mention, what was said of them."""
        said = list(written(batch, known, held))
        at = to_micros(now)
        Words(self._session).put(
            Spoken(one.post_id, post.words, (post.made or at) if one.new else None)
            for one, post in said
        )
        Mentions(self._session).put(Text(one.post_id, post.mentions, one.new) for one, post in said)
        unsaid = [(at, post_id) for post_id in changed(known, held)]
        dialect.many(self._session.connection(), _UNSAY, unsaid)

    def _see(self, watch: Watch, known: Holding, held: Holding, now: datetime) -> None:
        """Note that a watch saw posts, and let those be tagged that are new to its incident."""
        connection, at = self._session.connection(), to_micros(now)
        seen = ((watch.id, i, watch.incident_id, at) for i, *_ in sorted(held.values()))
        bulk.upsert(connection, "sighting", _SEEN, seen, "ON CONFLICT DO NOTHING")
        # What another incident has seen already is tagged, but not in this one's queue yet.
        known_ids = [post_id for post_id, *_ in known.values()]
        missing = Items(self._session).missing(watch.incident_id, known_ids)
        again = "UPDATE post SET scored_by = NULL WHERE id = ?"
        dialect.many(connection, again, [(post_id,) for post_id in missing])

    def _find(self, posts: Sequence[Ready]) -> dict[tuple[str, str], Held]:
        """Return what is kept already."""
        by_source: dict[str, list[str]] = {}
        for post in posts:
            by_source.setdefault(post.source, []).append(post.external_id)
        connection = self._session.connection()
        return {
            (source, external_id): Held(*held)
            for source, keys in by_source.items()
            for external_id, *held in dialect.within(connection, _FIND, (source,), keys)
        }

    def _said_before(self, posts: Sequence[Ready], known: Holding) -> dict[int, str]:
        """Return what those posts say that may be about to say something else."""
        held = ((known.get(post.key), post.values[_NEAR]) for post in posts)
        other = {one.post_id for one, near in held if one is not None and one.near != near}
        return self.edits.texts(other) if other else {}

    def _charge(self, found: Collection[Held], since: datetime, now: datetime) -> int:
        """Note which posts the source charges now, in a day that began at `since`; return how many."""
        day, at = to_micros(since), to_micros(now)
        due = [one.post_id for one in found if one.charged_at is None or one.charged_at < day]
        charge = "UPDATE post SET charged_at = ? WHERE id = ?"
        dialect.many(self._session.connection(), charge, [(at, post_id) for post_id in due])
        return len(due)

    def known(self, ids: Collection[int]) -> set[int]:
        """Return those of the ids that belong to a post."""
        find = "SELECT id FROM post WHERE id = {KEYS}"
        return {row[0] for row in dialect.within(self._session.connection(), find, (), sorted(ids))}

    def text(self, post_id: int) -> str:
        """Return a post's text; SetupError if there is no such post."""
        found = self._session.get(PostRow, post_id)
        if found is None:
            message = f"there is no post {post_id}"
            raise SetupError(message, "amends posts lists them with their numbers")
        return found.text

    def unscored(self, most: int, stretch: int | None = None) -> list[Unscored]:
        """Return up to `most` posts that wait for the classifier, oldest first; or those of a stretch."""
        within = ""
        values: tuple[int, ...] = (most,)
        if stretch is not None:
            within, values = _WITHIN, (stretch * STRETCH, (stretch + 1) * STRETCH, most)
        rows = dialect.rows(
            self._session.connection(), _WAITING.replace("{WITHIN}", within), values
        )
        return [
            Unscored(post_id, text, from_micros(as_of), near) for post_id, text, as_of, near in rows
        ]

    def stretches(self) -> list[int]:
        """Return the stretches, of `STRETCH` numbers each, in which posts wait for the classifier."""
        return sharing.stretches(self._session.connection())

    def take(self, rows: Sequence[Unscored]) -> list[Unscored]:
        """Return those that still wait for the classifier; nobody else takes them meanwhile."""
        ids = [row.post_id for row in rows]
        wait = sharing.waiting(self._session.connection(), ids)
        return [row for row in rows if (row.post_id, to_micros(row.as_of)) in wait]

    def mark_scored(
        self, rows: Sequence[Unscored], by: str, unsupported: Collection[int] = ()
    ) -> None:
        """Say who scored these posts, unless their text has changed meanwhile."""
        unread = set(unsupported)
        bulk.update(
            self._session.connection(),
            "post", ("scored_by", "unsupported"), ("id", "as_of"),
            ((by, row.post_id in unread, row.post_id, to_micros(row.as_of)) for row in rows),
        )  # fmt: skip

    def rescore(self, by: str) -> None:
        """Let every post that another classifier scored wait for the new one."""
        query = update(PostRow).where(col(PostRow.scored_by) != by).values(scored_by=None)
        self._session.execute(query)
