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
from models.store.pulse import VOICE

COMPLAINT = "complaint"
THANKS = ("praise", "credit_accepted")
"""Labels of a post in which somebody is content."""

MOST = 200_000
"""Complaints whose next word is looked at, the latest."""


# What each voice said and the replies it got are one line of events, read without any join: both
# databases sort it once by voice. A reply given before somebody first complained is none to that.
_TOLD = f"""
WITH event AS (
    SELECT {VOICE} AS voice, item.post_id AS id, item.posted_at AS at, 0 AS reply,
        CASE WHEN item.labels LIKE ? THEN 1 ELSE 0 END AS complains,
        CASE WHEN {" OR ".join("item.labels LIKE ?" for _ in THANKS)} THEN 1 ELSE 0 END AS thanks
    FROM item JOIN post ON post.id = item.post_id
    WHERE item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?
        AND COALESCE(post.author_id, post.author) IS NOT NULL
    UNION ALL
    SELECT {VOICE}, verdict.post_id, verdict.at, 1, 0, 0
    FROM verdict JOIN post ON post.id = verdict.post_id
    WHERE verdict.incident_id = ? AND verdict.decision = 'reply' AND verdict.undone_at IS NULL
        AND verdict.at < ? AND COALESCE(post.author_id, post.author) IS NOT NULL
), begun AS (
    SELECT *, MIN(CASE WHEN complains = 1 THEN at END) OVER (PARTITION BY voice) AS began FROM event
), told AS (
    SELECT *, MIN(CASE WHEN reply = 1 AND at >= began THEN at END) OVER (PARTITION BY voice) AS told
    FROM begun WHERE began IS NOT NULL
)
"""  # noqa: S608  (our own words; values are bound)

_TURNS = f"""{_TOLD}, later AS (
    SELECT *, CASE WHEN reply = 0 AND at > told THEN 1 ELSE 0 END AS later FROM told
), became AS (
    SELECT MIN(told) AS told, MAX(CASE WHEN later = 1 THEN at END) AS last,
        MAX(CASE WHEN later = 1 AND complains = 1 THEN at END) AS again,
        MAX(CASE WHEN later = 1 AND thanks = 1 THEN at END) AS thanked
    FROM later GROUP BY voice
), turned AS (
    SELECT CASE WHEN told IS NULL THEN 'never'
        WHEN thanked IS NOT NULL AND (again IS NULL OR thanked > again) THEN 'thanked'
        WHEN again IS NOT NULL THEN 'again' WHEN last IS NOT NULL THEN 'otherwise'
        WHEN told <= ? THEN 'silent' ELSE 'early' END AS turn FROM became
)
SELECT turn, COUNT(*) FROM turned GROUP BY turn
"""  # noqa: S608

_SPELLS = f"""{_TOLD}, spell AS (
    SELECT voice, at, complains, told, LEAD(at) OVER (PARTITION BY voice ORDER BY at, id) AS next,
        MIN(told) OVER () AS first, MAX(told) OVER () AS last
    FROM told WHERE reply = 0
)
SELECT voice, at, next, told FROM spell
WHERE complains = 1 AND at >= first - ? AND at < last ORDER BY at DESC, voice LIMIT {MOST}
"""  # noqa: S608


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """
    Voices that complained: those that were never answered, and which way the others went later.

    `thanked` didn't complain again after they thanked, `again` complained last, `otherwise` said something
    that is neither, `silent` said nothing for at least the time asked for, and for `early` it isn't over.
    """

    never: int = 0
    thanked: int = 0
    again: int = 0
    otherwise: int = 0
    silent: int = 0
    early: int = 0

    @property
    def answered(self) -> int:
        """Those that were answered."""
        return self.thanked + self.again + self.otherwise + self.silent + self.early

    @property
    def complained(self) -> int:
        """All of them."""
        return self.answered + self.never


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
