"""Spot checks within one transaction: what is drawn of a day, and what people found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from models.columns import to_micros
from models.coverage import Span
from models.spot import DRAWN, FEWEST, Check, Heap
from models.store import dialect
from models.tag import CLASSIFIER

_DAY = """post.posted_at >= :since AND post.posted_at < :until AND NOT post.official
    AND post.scored_by IS NOT NULL AND EXISTS (
        SELECT 1 FROM sighting WHERE sighting.incident_id = :incident AND sighting.post_id = post.id)"""
_PUT = f"""EXISTS (SELECT 1 FROM tag WHERE tag.post_id = post.id AND tag.label = :label
    AND tag.put AND tag.by LIKE '{CLASSIFIER}%')"""  # noqa: S608  our own words
_PERSON = f"""LEFT JOIN tag ON tag.post_id = post.id AND tag.label = :label AND tag.holds
    AND tag.by NOT LIKE '{CLASSIFIER}%'"""

# Multiplied by the golden ratio of what 32 bits hold, numbers that follow each other fall far apart and
# evenly: an order by chance that costs no table and is the same whenever it is asked for.
_ORDER = "(post.id * 2654435761 + :salt) % 4294967296, post.id"

_SIZES = f"""
SELECT SUM(CASE WHEN {_PUT} THEN 1 ELSE 0 END), COUNT(*) FROM post WHERE {_DAY}
"""  # noqa: S608

_DRAWN = f"""
SELECT post.id, post.near, tag.put FROM post {_PERSON}
WHERE {_DAY} AND {{NOT}} {_PUT} ORDER BY {_ORDER} LIMIT :most
"""  # noqa: S608


_FEW = f"""
SELECT COUNT(*) FROM (SELECT 1 FROM tag{{BY}} CROSS JOIN post WHERE tag.by NOT LIKE '{CLASSIFIER}%'
    AND tag.label = :label AND tag.holds AND post.id = tag.post_id AND {_DAY} LIMIT :most) AS said
"""  # noqa: S608
_EVERY = f"SELECT COUNT(*) FROM (SELECT 1 FROM post WHERE {_DAY} LIMIT :most) AS every"  # noqa: S608


class Drawn(NamedTuple):
    """A post that was drawn, and its words; `said`: whether it has the label, None while nobody looked."""

    post_id: int
    near: int
    said: bool | None


class Spots:
    """Spot checks within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def check(self, incident_id: int, window: Span, label: str) -> Check:
        """Return what is known of a label in a window."""
        at = _bounds(incident_id, window, label)
        put, every = self._session.execute(text(_SIZES), at).one()
        put = put or 0
        return Check(
            label=label, put=_heap(put, self._drawn(at, put=True)),
            rest=_heap(every - put, self._drawn(at, put=False)),
        )  # fmt: skip

    def tells(self, incident_id: int, window: Span, label: str) -> bool:
        """Return whether people may have looked at enough posts of a window to say anything of a label."""
        connection = self._session.connection()
        at = _bounds(incident_id, window, label)
        few = text(_FEW.replace("{BY}", dialect.by(connection, "tag_person")))
        said = self._session.execute(few, at | {"most": FEWEST}).scalar_one()
        every = self._session.execute(text(_EVERY), at | {"most": FEWEST}).scalar_one()
        return bool(said >= min(FEWEST, every))

    def open(self, incident_id: int, window: Span, labels: Sequence[str], most: int) -> list[int]:
        """
        Return posts that still have to be looked at, in the order that chance has fixed.

        A post counts as looked at once a person has said of every label whether it has it, of it or
        of its very words; so of posts that say the same only the first is returned.
        """
        found: dict[int, int] = {}
        for label in labels:
            at = _bounds(incident_id, window, label)
            for put in (True, False):
                for one in self._drawn(at, put=put):
                    if one.said is None:
                        found.setdefault(one.near, one.post_id)
        return list(found.values())[:most]

    def _drawn(self, at: dict[str, Any], *, put: bool) -> list[Drawn]:
        sql = _DRAWN.format(NOT="" if put else "NOT")
        rows = self._session.execute(text(sql), at | {"most": DRAWN})
        return [
            Drawn(post_id, near, None if said is None else bool(said))
            for post_id, near, said in rows
        ]


def _heap(size: int, drawn: Sequence[Drawn]) -> Heap:
    # Only the first ones without a gap: those that somebody came across are wrong more often.
    looked = list(takewhile(lambda one: one.said is not None, drawn))
    return Heap(size, len(looked), sum(bool(one.said) for one in looked))


def _bounds(incident_id: int, window: Span, label: str) -> dict[str, Any]:
    since = to_micros(window.since)
    return {
        "incident": incident_id, "since": since, "until": to_micros(window.until), "label": label,
        # Other days draw others, also of posts that are seen on two of them.
        "salt": (since // 1_000_000) * 40_503 % 4_294_967_296,
    }  # fmt: skip
