"""What is asked about a credit, by the phase of the offer in which it was: open posts and voices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.coverage import Span
from models.phase import PHASES, Course, Phase, Stretch, stretches
from models.store import dialect
from models.store.pulse import VOICE
from models.store.tallies import Tallies

if TYPE_CHECKING:
    from models.store.gathered import Gathered

REQUEST = "credit_request"

NOTHING_MORE = ""
"""Stands where a label would, for requests of which no label tells more."""

_ASKED = f"""
WITH stretch (phase, since, until) AS ({{STRETCHES}}), kind (labels, label, requested) AS ({{KINDS}}),
asked AS (
    SELECT COALESCE(post.posted_at, post.first_seen) AS at, item.labels AS labels,
        post.first_seen AS seen, item.decision AS decision, COALESCE({VOICE}, '#' || item.near) AS voice
    FROM item{{BY}} JOIN post ON post.id = item.post_id
    WHERE item.incident_id = ? AND item.open AND item.labels IN ({{LABELS}}){{WITHIN}}
)
SELECT stretch.phase, kind.label, COUNT(*), COUNT(DISTINCT asked.voice),
    MIN(CASE WHEN asked.decision IS NULL THEN asked.seen END)
FROM asked
JOIN stretch ON asked.at >= stretch.since AND asked.at < stretch.until
JOIN kind ON kind.labels = asked.labels
WHERE kind.requested = 1 OR stretch.phase <> {PHASES.index("before")}
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
        order = [REQUEST, *told, *([NOTHING_MORE] if told else [])]
        every = Tallies(self._session).labels(incident_id)
        # Only what is one of a few is told from an index, and sooner than what is in it.
        kinds = {said: groups for said in every if (groups := _kinds(said, told))} or {"": [""]}
        rows = [(said, label, int(_has(said, REQUEST))) for said in kinds for label in kinds[said]]
        connection = self._session.connection()
        sql = _ASKED.replace(
            "{STRETCHES}", f"VALUES {', '.join(map(_number, stretches(dict(courses))))}"
        )
        sql = sql.replace("{KINDS}", "VALUES " + ", ".join(["(?, ?, ?)"] * len(rows)))
        sql = sql.replace("{LABELS}", ", ".join("?" * len(kinds)))
        sql = sql.replace("{WITHIN}", _WITHIN if within is not None else "")
        by = dialect.by(connection, "item_posted") if within is not None else ""
        values = [*chain.from_iterable(rows), incident_id, *kinds]
        if within is not None:
            values += [to_micros(within.since), to_micros(within.until)]
        counted = dialect.rows(connection, sql.replace("{BY}", by), tuple(values))
        found = sorted(map(tuple, counted), key=lambda row: (row[0], order.index(row[1])))
        return [
            Group(phase=PHASES[phase], label=label, posts=posts, voices=voices,
                  waits=None if waits is None else from_micros(waits))
            for phase, label, posts, voices, waits in found
        ]  # fmt: skip


def counted(
    items: Gathered, courses: Mapping[int, Course], told: Sequence[str] = ()
) -> list[Group]:
    """Count those of the items that are open as `Requests.groups` does; `waits` is left out."""
    import numpy as np

    order = [REQUEST, *told, *([NOTHING_MORE] if told else [])]
    kinds = [_kinds(said, told) for said in items.labels]
    mine = {label: np.array([*(label in each for each in kinds), False]) for label in order}
    at, voices, found = items.at + to_micros(items.window.since), items.speakers, []
    requested = items.having([REQUEST])
    within: dict[Phase, Any] = {}
    for one in stretches(dict(courses)):
        there = (items.open == 1) & (at >= to_micros(one.since)) & (at < to_micros(one.until))
        there = there & requested if one.phase == "before" else there
        within[one.phase] = within[one.phase] | there if one.phase in within else there
    for phase in sorted(within, key=PHASES.index):
        for label in order:
            rows = np.flatnonzero(within[phase] & mine[label][items.kinds])
            if len(rows):
                each = len(np.unique(voices[rows]))
                found.append(
                    Group(phase=phase, label=label, posts=len(rows), voices=each, waits=None)
                )
    return found


def _kinds(labels: str, told: Sequence[str]) -> list[str]:
    """Return the groups that an item with these labels, as items have them, is in."""
    more = [name for name in told if _has(labels, name)]
    requested = [REQUEST, *([NOTHING_MORE] if told and not more else [])]
    return (requested if _has(labels, REQUEST) else []) + more


def _has(labels: str, label: str) -> bool:
    return f",{label}," in labels


def _number(one: Stretch) -> str:
    return str((PHASES.index(one.phase), to_micros(one.since), to_micros(one.until)))
