"""
Distinct complaints as texts: what is said in an incident, each thing once for all its copies.

Texts that say the same are one (`item.near`). Where there are more than can be looked at, a part is drawn
by the hash that names them: always the same part, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlmodel import Session

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.store import dialect
from models.store.days import LONGEST_EXCERPT, REACH, Found, found_of
from models.store.gathered import Gathered, numbers, strung
from models.store.pulse import LONGEST_TEXT, VOICE, Crowd
from models.store.views import Views

if TYPE_CHECKING:
    from models.copies import Numbers

LONGEST_READ = 2_000
"""Characters of a text that leave the database to be read for what it says."""

PART = 5_000
"""Posts that are asked for at once."""

LAST = 2**62
"""Later than any time, and above any id."""

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Between these lie all times that posts may carry."""

_VOICE = f"COALESCE({VOICE}, '#' || item.near)"

_MINE = """item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?
    AND item.labels LIKE ?"""

_AMONG = f"SELECT {{NEARS}} FROM item{{BY}} WHERE {_MINE}"  # noqa: S608  (our own words)

_HEARD = f"""
SELECT item.near, (item.posted_at - ?) / {HOUR} AS hour, MIN(item.posted_at), MIN(item.post_id),
    COUNT(DISTINCT {_VOICE})
FROM item{{BY}} JOIN post ON post.id = item.post_id
WHERE {_MINE} AND item.near = {{KEYS}} GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608

_TEXTS = f"""
SELECT item.post_id, {_VOICE}, SUBSTR(post.text, 1, {LONGEST_TEXT})
FROM item JOIN post ON post.id = item.post_id WHERE item.incident_id = ? AND item.post_id = {{KEYS}}
"""  # noqa: S608

_CROWDS = f"""
WITH part (near, number) AS (VALUES {{PARTS}})
SELECT part.number, COUNT(*), COUNT(DISTINCT {_VOICE})
FROM item JOIN part ON part.near = item.near JOIN post ON post.id = item.post_id
WHERE {_MINE} GROUP BY 1
"""  # noqa: S608

# By the index over an incident's times, from the newest back, and no further than is needed.
_NEWEST = f"""
SELECT item.near, item.post_id, item.posted_at, {_VOICE}
FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?
    AND (item.posted_at, item.post_id) < (?, ?) AND ({{LABELS}})
ORDER BY item.posted_at DESC, item.post_id DESC LIMIT ?
"""  # noqa: S608

_UNDATED = f"""
SELECT item.near, item.post_id, post.first_seen, {_VOICE}
FROM item{{BY}} JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.posted_at IS NULL AND item.post_id < ? AND ({{LABELS}})
ORDER BY item.post_id DESC LIMIT ?
"""  # noqa: S608

_WORDS = f"""
SELECT id, SUBSTR(text, 1, {LONGEST_READ}) FROM post WHERE id = {{KEYS}}
"""  # noqa: S608

_SHOWN = f"""
SELECT post.id, post.source, post.author, SUBSTR(post.text, 1, {LONGEST_EXCERPT}), post.url,
    post.posted_at, post.first_seen, {REACH}, (SELECT COUNT(*) FROM item AS other
        WHERE other.incident_id = item.incident_id AND other.near = item.near)
FROM item JOIN post ON post.id = item.post_id WHERE item.incident_id = ? AND item.post_id = {{KEYS}}
"""  # noqa: S608


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One complaint: its cluster, a post that says it, who says it there, and hour by hour how many voices."""

    near: int
    post_id: int
    voice: str
    text: str
    hours: tuple[tuple[datetime, int], ...]


class Utterance(NamedTuple):
    """A post of a voice, with when it was made or else first seen, and which text it says."""

    near: int
    post_id: int
    at: datetime
    voice: str


class Newest(msgspec.Struct, frozen=True, kw_only=True):
    """The newest posts of a stretch, the newest first, and their distinct texts; `cut` if there are more."""

    posts: tuple[Utterance, ...] = ()
    texts: dict[int, str] = {}
    cut: bool = False


class Complaints:
    """Distinct complaints within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def heard(
        self,
        incident_id: int,
        window: Span,
        label: str,
        most: int,
        items: Gathered | None = None,
    ) -> tuple[list[Heard], int]:
        """
        Return at most `most` of what has a label in a window, and how many there are.

        `items` are those of the window's last part, for who has gathered them already.
        """
        connection, mine = self._session.connection(), _of(incident_id, window, label)
        every = self._every(incident_id, window, label, items)
        each: dict[int, list[tuple[int, datetime, int]]] = {}
        heard = _HEARD.replace("{BY}", dialect.by(connection, "item_near"))
        for near, _, at, post_id, voices in dialect.within(
            connection, heard, (to_micros(window.since), *mine), every[:most].tolist()
        ):
            each.setdefault(near, []).append((post_id, from_micros(at), voices))
        keys = [hours[0][0] for hours in each.values()]
        rows = dialect.within(connection, _TEXTS, (incident_id,), keys)
        texts = {post_id: (voice, text) for post_id, voice, text in rows}
        return [
            Heard(
                near=near, post_id=hours[0][0], voice=texts[hours[0][0]][0],
                text=texts[hours[0][0]][1], hours=tuple((at, count) for _, at, count in hours),
            )
            for near, hours in each.items()
        ], len(every)  # fmt: skip

    def _every(self, incident_id: int, window: Span, label: str, items: Gathered | None) -> Numbers:
        """Return all that has a label in a window, in the order of its hashes."""
        import numpy as np

        connection, known = self._session.connection(), numbers(None)
        if items is not None:
            passed = to_micros(window.until) - to_micros(items.window.since)
            known = items.clusters[items.having([label]) & (items.at < passed)]
            window = Span(window.since, items.window.since)
        nears = _AMONG.replace("{NEARS}", strung(connection, "item.near"))
        nears = nears.replace("{BY}", dialect.by(connection, "item_posted"))
        ((said,),) = dialect.rows(connection, nears, _of(incident_id, window, label))
        return np.unique(np.hstack([known, numbers(said)]))

    def crowds(
        self, incident_id: int, window: Span, label: str, parts: Mapping[int, int]
    ) -> dict[int, Crowd]:
        """Count posts and voices of each part; `parts` are numbers of parts by cluster."""
        if not parts:
            return {}
        listed = ", ".join(f"({near}, {part})" for near, part in parts.items())
        rows = dialect.rows(
            self._session.connection(), _CROWDS.replace("{PARTS}", listed),
            _of(incident_id, window, label),
        )  # fmt: skip
        return {part: Crowd(posts, voices) for part, posts, voices in rows}

    def newest(
        self,
        incident_id: int,
        within: Span | None,
        labels: Sequence[str],
        most: int,
        most_posts: int,
    ) -> Newest:
        """
        Return the newest posts with one of `labels`, up to `most` distinct texts and `most_posts` posts.

        Without a stretch those without a time are there as well, behind the others. Read in parts of
        `PART` posts; of each text the words of its earliest post here are told.
        """
        found: dict[int, list[Utterance]] = {}
        left, cut = most_posts, False
        for part in self._parts(incident_id, within, labels):
            for one in part:
                if not left or (one.near not in found and len(found) == most):
                    cut = True
                    break
                found.setdefault(one.near, []).append(one)
                left -= 1
            if cut:
                break
        first = {min(said, key=lambda one: (one.at, one.post_id)).post_id: near
                 for near, said in found.items()}  # fmt: skip
        rows = dialect.within(self._session.connection(), _WORDS, (), list(first))
        posts = sorted(
            (one for said in found.values() for one in said), key=lambda one: (one.at, one.post_id)
        )
        return Newest(
            posts=tuple(reversed(posts)), texts={first[key]: text for key, text in rows}, cut=cut
        )

    def _parts(
        self, incident_id: int, within: Span | None, labels: Sequence[str]
    ) -> Iterator[list[Utterance]]:
        stretch = Span(EARLIEST, LATEST) if within is None else within
        bounds = (incident_id, to_micros(stretch.since), to_micros(stretch.until))
        yield from self._walk(_NEWEST, bounds, labels, (LAST, LAST))
        if within is None:
            yield from self._walk(_UNDATED, (incident_id,), labels, (LAST,))

    def _walk(
        self, sql: str, bounds: tuple[int, ...], labels: Sequence[str], end: tuple[int, ...]
    ) -> Iterator[list[Utterance]]:
        """Yield posts from the newest back, part by part; `end` lies behind the last of all."""
        wanted = tuple(f"%,{label},%" for label in labels)
        connection = self._session.connection()
        whole = sql.replace("{LABELS}", " OR ".join(["item.labels LIKE ?"] * len(labels)))
        whole = whole.replace("{BY}", dialect.by(connection, "item_posted"))
        rows: list[Any] = [None] * PART
        while len(rows) == PART:
            rows = dialect.rows(connection, whole, (*bounds, *end, *wanted, PART))
            yield [Utterance(near, post, from_micros(at), voice) for near, post, at, voice in rows]
            if rows:
                end = (rows[-1][2], rows[-1][1])[-len(end) :]

    def shown(self, incident_id: int, post_ids: Sequence[int]) -> dict[int, Found]:
        """Return posts as a digest shows them, by their ids."""
        rows = dialect.within(self._session.connection(), _SHOWN, (incident_id,), list(post_ids))
        tags = Views(self._session).labels([row[0] for row in rows])
        return {row[0]: found_of(row, tuple(sorted(tags.get(row[0], {})))) for row in rows}


def _of(incident_id: int, window: Span, label: str) -> tuple[int, int, int, str]:
    return incident_id, to_micros(window.since), to_micros(window.until), f"%,{label},%"
