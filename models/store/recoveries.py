"""
What became of those who complained: who was answered, and what each said later.

An author is who the source says they are; posts without one tell nothing of what somebody said later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from sqlmodel import Session

from models.columns import to_micros
from models.coverage import Span
from models.store import dialect

COMPLAINT = "complaint"
THANKS = ("praise", "accepted")
"""Labels of a post in which somebody is content."""

MOST = 200_000
"""Complaints whose next word is looked at, the latest."""

_VOICE = "post.source || ' ' || COALESCE(post.author_id, post.author)"

# A reply given before somebody first complained, or to somebody else, is none to their complaint.
_SAID = f"""
WITH said AS (
    SELECT {_VOICE} AS voice, item.post_id AS id, item.posted_at AS at,
        CASE WHEN item.labels LIKE ? THEN 1 ELSE 0 END AS complains,
        CASE WHEN {" OR ".join("item.labels LIKE ?" for _ in THANKS)} THEN 1 ELSE 0 END AS thanks
    FROM item JOIN post ON post.id = item.post_id
    WHERE item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?
        AND COALESCE(post.author_id, post.author) IS NOT NULL
), began AS (
    SELECT voice, MIN(at) AS at FROM said WHERE complains = 1 GROUP BY voice
), told AS (
    SELECT said.voice AS voice, MIN(verdict.at) AS at
    FROM verdict JOIN said ON said.id = verdict.post_id JOIN began ON began.voice = said.voice
    WHERE verdict.incident_id = ? AND verdict.decision = 'reply' AND verdict.undone_at IS NULL
        AND verdict.at >= began.at AND verdict.at < ?
    GROUP BY said.voice
)
"""  # noqa: S608  (our own words; values are bound)

_TURNS = f"""{_SAID}, later AS (
    SELECT told.at AS at, MAX(said.at) AS last,
        MAX(CASE WHEN said.complains = 1 THEN said.at END) AS again,
        MAX(CASE WHEN said.thanks = 1 THEN said.at END) AS thanked
    FROM told LEFT JOIN said ON said.voice = told.voice AND said.at > told.at
    GROUP BY told.voice, told.at
), turned AS (
    SELECT CASE WHEN thanked IS NOT NULL AND (again IS NULL OR thanked > again) THEN 'thanked'
        WHEN again IS NOT NULL THEN 'again' WHEN last IS NOT NULL THEN 'otherwise'
        WHEN at <= ? THEN 'silent' ELSE 'early' END AS turn FROM later
)
SELECT turn, COUNT(*) FROM turned GROUP BY turn
UNION ALL SELECT 'complained', COUNT(*) FROM began
"""  # noqa: S608

_SPELLS = f"""{_SAID}, spell AS (
    SELECT voice, at, complains, LEAD(at) OVER (PARTITION BY voice ORDER BY at, id) AS next FROM said
)
SELECT spell.voice, spell.at, spell.next, told.at
FROM spell LEFT JOIN told ON told.voice = spell.voice
WHERE spell.complains = 1 AND spell.at >= (SELECT MIN(at) FROM told) - ?
    AND spell.at < (SELECT MAX(at) FROM told)
ORDER BY spell.at DESC, spell.voice LIMIT {MOST}
"""  # noqa: S608


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """
    Voices that complained, and of those that were answered how many went which way later.

    `thanked` didn't complain again after they thanked, `again` complained last, `otherwise` said something
    that is neither, `silent` said nothing for at least the time asked for, and for `early` it isn't over.
    """

    complained: int = 0
    thanked: int = 0
    again: int = 0
    otherwise: int = 0
    silent: int = 0
    early: int = 0

    @property
    def answered(self) -> int:
        """Those that were answered."""
        return self.thanked + self.again + self.otherwise + self.silent + self.early


class Spell(NamedTuple):
    """A complaint, when its voice next said anything, and when it was first answered, if ever; in µs."""

    voice: str
    at: int
    next: int | None
    told: int | None


class Recoveries:
    """What became of those who complained, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def turns(self, incident_id: int, window: Span, silence: timedelta) -> Turns:
        """Count voices by what they did after our answer; one statement."""
        enough = to_micros(window.until - silence)
        found = self._rows(_TURNS, incident_id, window, (enough,))
        return Turns(**{turn: int(count) for turn, count in found})

    def spells(self, incident_id: int, window: Span, before: timedelta) -> list[Spell]:
        """Return the complaints from so long before our first answer up to the last; one statement."""
        back = before // timedelta(microseconds=1)
        return [Spell(*row) for row in self._rows(_SPELLS, incident_id, window, (back,))]

    def _rows(self, sql: str, incident_id: int, window: Span, behind: Sequence[int]) -> list[Any]:
        since, until = to_micros(window.since), to_micros(window.until)
        labels = (f"%,{label},%" for label in (COMPLAINT, *THANKS))
        values = (*labels, incident_id, since, until, incident_id, until, *behind)
        return dialect.rows(self._session.connection(), sql, values)
