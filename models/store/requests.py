"""What is asked about a credit, by the phase of the offer in which it was: open posts and voices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.coverage import Span
from models.phase import PHASES, Course, Phase, Stretch, stretches
from models.store import dialect
from models.store.pulse import VOICE

REQUEST = "credit_request"

NOTHING_MORE = ""
"""Stands where a label would, for requests of which no label tells more."""

_ASKED = f"""
WITH stretch (phase, since, until) AS ({{STRETCHES}}), kind (label, pattern) AS ({{KINDS}}), asked AS (
    SELECT COALESCE(post.posted_at, post.first_seen) AS at, item.labels AS labels,
        post.first_seen AS seen, item.decision AS decision,
        COALESCE({VOICE}, '#' || item.near) AS voice,
        item.labels LIKE ? AS requested, ({{TOLD}}) AS told
    FROM item JOIN post ON post.id = item.post_id
    WHERE item.incident_id = ? AND item.open AND (item.labels LIKE ? OR {{TOLD}}){{WITHIN}}
)
SELECT stretch.phase, kind.label, COUNT(*), COUNT(DISTINCT asked.voice),
    MIN(CASE WHEN asked.decision IS NULL THEN asked.seen END)
FROM asked
JOIN stretch ON asked.at >= stretch.since AND asked.at < stretch.until
JOIN kind ON CASE WHEN kind.pattern = '' THEN asked.requested AND NOT asked.told
    ELSE asked.labels LIKE kind.pattern END
WHERE asked.requested OR stretch.phase <> {PHASES.index("before")}
GROUP BY stretch.phase, kind.label
"""  # noqa: S608  (our own words; values are numbers or bound)

_WITHIN = " AND item.posted_at >= ? AND item.posted_at < ?"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """
    Open posts of one label that were written in one phase; each author counts once in it.

    Label NOTHING_MORE has the requests of which no label tells more. A post with two labels is in both
    groups. `waits` is since when the one waits that was seen first and is undecided; None if none is.
    """

    phase: Phase
    label: str
    posts: int
    voices: int
    waits: datetime | None


class Requests:
    """What is asked about a credit, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def groups(
        self,
        incident_id: int,
        courses: Mapping[int, Course],
        told: Sequence[str] = (),
        within: Span | None = None,
    ) -> list[Group]:
        """
        Count open posts by the phase they were written in and what they ask, in the order of both.

        The credit requests of a phase come first, then each label of `told`, then those of which none of
        these tells more. Before any offer only requests count: nothing was there to be accepted, or late.
        A post without a time counts by when it was first seen, but in no stretch that
        is asked for with `within`. Groups without any are left out.
        """
        kinds = {REQUEST: _pattern(REQUEST), **{name: _pattern(name) for name in told}}
        if told:
            kinds[NOTHING_MORE] = ""
        tells = " OR ".join(["item.labels LIKE ?"] * len(told)) or "FALSE"
        stretched = ", ".join(map(_number, stretches(dict(courses))))
        sql = _ASKED.replace("{STRETCHES}", f"VALUES {stretched}").replace("{TOLD}", f"({tells})")
        sql = sql.replace("{KINDS}", "VALUES " + ", ".join(["(?, ?)"] * len(kinds)))
        sql = sql.replace("{WITHIN}", _WITHIN if within is not None else "")
        patterns = [_pattern(name) for name in told]
        values: list[int | str] = [part for pair in kinds.items() for part in pair]
        values += [_pattern(REQUEST), *patterns, incident_id, _pattern(REQUEST), *patterns]
        if within is not None:
            values += [to_micros(within.since), to_micros(within.until)]
        order = list(kinds)
        counted = dialect.rows(self._session.connection(), sql, tuple(values))
        found = sorted(map(tuple, counted), key=lambda row: (row[0], order.index(row[1])))
        return [
            Group(phase=PHASES[phase], label=label, posts=posts, voices=voices,
                  waits=None if waits is None else from_micros(waits))
            for phase, label, posts, voices, waits in found
        ]  # fmt: skip


def _pattern(label: str) -> str:
    return f"%,{label},%"


def _number(one: Stretch) -> str:
    return str((PHASES.index(one.phase), to_micros(one.since), to_micros(one.until)))
