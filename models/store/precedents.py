"""
Past incidents on one scale: voices by the hour, each author once, of many incidents in one statement.

Per thousand voices of the same hours, so that a company with ten times the customers, or a source with
ten times the posts, stands beside another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlmodel import Session

from models.columns import to_micros
from models.incident import IncidentRow
from models.store import dialect
from models.store.pulse import VOICE

LONGEST = timedelta(days=21)
"""How long an incident is followed."""

BUSY = 3
"""Hours that are taken together for the height."""

FEWEST = 30
"""Voices in those hours, or in all, below which a share of them means nothing."""

_HOUR = 3_600_000_000
_VOICE = f"COALESCE({VOICE}, '#' || item.near)"

_SAID = f"""
WITH window_ (incident_id, since, until) AS ({{WINDOWS}}), said AS (
    SELECT item.incident_id AS incident_id, (item.posted_at - window_.since) / {_HOUR} AS hour,
        {_VOICE} AS voice,
        CASE WHEN item.labels LIKE '%,complaint,%' THEN 1 END AS complains,
        CASE WHEN item.labels LIKE '%,credit_request,%' THEN 1 END AS asks
    FROM window_ JOIN item ON item.incident_id = window_.incident_id
        AND item.posted_at >= window_.since AND item.posted_at < window_.until
    JOIN post ON post.id = item.post_id
)
"""  # noqa: S608  (our own words; values are numbers)
_HEARD = f"""{_SAID}
SELECT incident_id, hour, COUNT(DISTINCT voice),
    COUNT(DISTINCT CASE WHEN complains = 1 THEN voice END) FROM said GROUP BY incident_id, hour
"""  # noqa: S608
_ALL = f"""{_SAID}
SELECT incident_id, COUNT(DISTINCT voice), COUNT(DISTINCT CASE WHEN asks = 1 THEN voice END)
FROM said GROUP BY incident_id
"""  # noqa: S608
_MISSED = f"""
SELECT COUNT(DISTINCT {_VOICE}) FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.labels LIKE '%,credit_mail_missing,%' AND item.posted_at >= ?
"""  # noqa: S608


class Heights(msgspec.Struct, frozen=True, kw_only=True):
    """
    Of 1,000 voices, how many complained in the three busiest hours, and how many ever asked for a credit.

    None where there were too few voices.
    """

    voices: int = 0
    complaints: float | None = None
    requests: float | None = None


class Precedents:
    """What past incidents were like, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def heights(self, incidents: Sequence[IncidentRow]) -> dict[int, Heights]:
        """Return how high complaints and requests went, by the incident's id; two statements."""
        if not incidents:
            return {}
        windows = ", ".join(
            str((one.id or 0, to_micros(one.began), to_micros(one.began + LONGEST)))
            for one in incidents
        )
        hours: dict[int, dict[int, tuple[int, int]]] = {}
        for key, hour, voices, complain in self._counted(_HEARD, windows):
            hours.setdefault(key, {})[hour] = (voices, complain)
        return {
            key: Heights(
                voices=voices, complaints=_height(hours[key]),
                requests=round(1_000 * asking / voices, 1) if voices >= FEWEST else None,
            )
            for key, voices, asking in self._counted(_ALL, windows)
        }  # fmt: skip

    def missed(self, incident_id: int, since: datetime) -> int:
        """Return how many voices said from `since` on that the mail with the offer never reached them."""
        values = (incident_id, to_micros(since))
        ((voices,),) = dialect.rows(self._session.connection(), _MISSED, values)
        return int(voices)

    def _counted(self, sql: str, windows: str) -> list[tuple[int, ...]]:
        said = sql.replace("{WINDOWS}", f"VALUES {windows}")
        return [tuple(map(int, row)) for row in dialect.rows(self._session.connection(), said)]


def _height(hours: dict[int, tuple[int, int]]) -> float | None:
    """Return complaining voices of 1,000 in the three hours on end in which most complained."""
    best = (0, 0)
    for first in hours:
        there = [hours.get(first + step, (0, 0)) for step in range(BUSY)]
        best = max(best, (sum(one[1] for one in there), sum(one[0] for one in there)))
    return round(1_000 * best[0] / best[1], 1) if best[1] >= FEWEST else None
