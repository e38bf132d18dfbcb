"""
Distinct complaints as texts: what is said in an incident, each thing once for all its copies.

Texts that say the same are one (`item.near`). Where there are more than can be looked at, a part is drawn
by the hash that names them: always the same part, whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlmodel import Session

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.store import dialect
from models.store.days import LONGEST_EXCERPT, REACH, Found, found_of
from models.store.pulse import LONGEST_TEXT, VOICE, Crowd
from models.store.views import Views

_VOICE = f"COALESCE({VOICE}, '#' || item.near)"

_MINE = """item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?
    AND item.labels LIKE ?"""

_AMONG = f"SELECT COUNT(DISTINCT near) FROM item WHERE {_MINE}"  # noqa: S608  (our own words)

_HEARD = f"""
WITH chosen AS (SELECT item.near AS near FROM item WHERE {_MINE} GROUP BY 1 ORDER BY 1 LIMIT ?)
SELECT item.near, (item.posted_at - ?) / {HOUR} AS hour, MIN(item.posted_at), MIN(item.post_id),
    COUNT(DISTINCT {_VOICE})
FROM item JOIN chosen ON chosen.near = item.near JOIN post ON post.id = item.post_id
WHERE {_MINE} GROUP BY 1, 2 ORDER BY 1, 2
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

_SHOWN = f"""
SELECT post.id, post.source, post.author, SUBSTR(post.text, 1, {LONGEST_EXCERPT}), post.url,
    post.posted_at, post.first_seen, {REACH}, (SELECT COUNT(*) FROM item AS other
        WHERE other.incident_id = item.incident_id AND other.near = item.near), 0
FROM item JOIN post ON post.id = item.post_id WHERE item.incident_id = ? AND item.post_id = {{KEYS}}
"""  # noqa: S608


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One complaint: its cluster, a post that says it, who says it there, and hour by hour how many voices."""

    near: int
    post_id: int
    voice: str
    text: str
    hours: tuple[tuple[datetime, int], ...]


class Complaints:
    """Distinct complaints within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def heard(
        self, incident_id: int, window: Span, label: str, most: int
    ) -> tuple[list[Heard], int]:
        """Return at most `most` of what has a label in a window, and how many there are."""
        connection, mine = self._session.connection(), _of(incident_id, window, label)
        among = dialect.rows(connection, _AMONG, mine)[0][0]
        each: dict[int, list[tuple[int, datetime, int]]] = {}
        for near, _, at, post_id, voices in dialect.rows(
            connection, _HEARD, (*mine, most, to_micros(window.since), *mine)
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
        ], int(among)  # fmt: skip

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

    def shown(self, incident_id: int, post_ids: Sequence[int]) -> dict[int, Found]:
        """Return posts as a digest shows them, by their ids."""
        rows = dialect.within(self._session.connection(), _SHOWN, (incident_id,), list(post_ids))
        tags = Views(self._session).labels([row[0] for row in rows])
        return {row[0]: found_of(row, tuple(sorted(tags.get(row[0], {})))) for row in rows}


def _of(incident_id: int, window: Span, label: str) -> tuple[int, int, int, str]:
    return incident_id, to_micros(window.since), to_micros(window.until), f"%,{label},%"
