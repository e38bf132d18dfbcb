"""
Items of a stretch column by column: a million of them in seconds, where rows would take a minute.

A database that strings numbers together, and NumPy that reads them off, take a fraction of the time that
each row takes as values of Python. What waits for the classifier is no item yet, or one of words that are
no more; whoever counts asks for that beside this, row by row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, func, literal_column
from sqlmodel import Session

from models.columns import to_micros
from models.coverage import Span
from models.store import dialect
from models.store.pulse import VOICE
from models.store.reach import REACH
from models.store.tallies import QUARTER, Tallies

if TYPE_CHECKING:
    from models.copies import Numbers

PART = 50_000
"""Items that one statement strings together, about: there is an end to how long a text may be."""

# No text of a post or name of an author has it (`models/post.py`).
_APART = "\x1f"

_WITHIN = "item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?"

_KINDS = f"SELECT DISTINCT item.labels FROM item{{BY}} WHERE {_WITHIN}"  # noqa: S608  (our own words)

_ITEMS = f"""
SELECT {{COLUMNS}} FROM item{{BY}} JOIN post ON post.id = item.post_id WHERE {_WITHIN}
"""  # noqa: S608

_NUMBERS = (
    "item.post_id",
    "item.near",
    "item.posted_at - ?",
    REACH,
    "CASE WHEN post.scored_by IS NULL THEN 1 ELSE 0 END",
    "CASE item.labels {WHEN} ELSE -1 END",
)


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """
    The items of a stretch, n of them in no order: arrays of n numbers, one for each column.

    `at` are microseconds since the stretch began. `kinds` are places in `labels`, which are as items have
    them, or -1; `voices` are the numbers that `names` gives authors, "" if there is none. `waits` is 1
    where the classifier has yet to read the words of now.
    """

    ids: Numbers
    clusters: Numbers
    at: Numbers
    reach: Numbers
    waits: Numbers
    kinds: Numbers
    voices: Numbers
    labels: tuple[str, ...]
    names: Mapping[str, int]

    def having(self, labels: Iterable[str]) -> Any:
        """Return which items have one of `labels`, as n truths."""
        import numpy as np

        wanted = [f",{label}," for label in labels]
        yes = [any(one in said for one in wanted) for said in self.labels]
        return np.array([*yes, False])[self.kinds]


def gathered(session: Session, incident_id: int, window: Span) -> Gathered:
    """Return the items of an incident that were posted in a window."""
    import numpy as np

    connection = session.connection()
    bounds = (incident_id, to_micros(window.since), to_micros(window.until))
    by = dialect.by(connection, "item_posted")
    labels = [said for (said,) in dialect.rows(connection, _KINDS.replace("{BY}", by), bounds)]
    when = " ".join(f"WHEN ? THEN {place}" for place in range(len(labels))) or "WHEN '' THEN 0"
    columns = [strung(connection, one.replace("{WHEN}", when)) for one in _NUMBERS]
    columns.append(strung(connection, f"COALESCE({VOICE}, '')", _APART))
    sql = _ITEMS.replace("{BY}", by).replace("{COLUMNS}", ", ".join(columns))
    parts, names = [], []
    for since, until in _stretches(session, *bounds):
        values = (bounds[1], *labels, incident_id, since, until)
        ((*found, said),) = dialect.rows(connection, sql, values)
        if said is not None:
            parts.append([numbers(one) for one in found])
            names.append(said.split(_APART))
    each = [
        np.hstack([numbers(None), *(part[at] for part in parts)]) for at in range(len(_NUMBERS))
    ]
    known: defaultdict[str, int] = defaultdict(count().__next__)
    voices = np.fromiter(map(known.__getitem__, chain.from_iterable(names)), np.int64, len(each[0]))
    return Gathered(
        ids=each[0], clusters=each[1], at=each[2], reach=each[3], waits=each[4], kinds=each[5],
        voices=voices, labels=tuple(labels), names=dict(known),
    )  # fmt: skip


def strung(connection: Connection, value: str, apart: str = ",") -> str:
    """Return what strings the values of all rows together: several in a statement in the same order."""
    each = func.aggregate_strings(literal_column(f"CAST({value} AS TEXT)"), apart)
    literal = {"literal_binds": True}
    return str(each.compile(dialect=connection.dialect, compile_kwargs=literal))


def numbers(said: str | None) -> Numbers:
    """Return the numbers that were strung together; None is none."""
    import numpy as np

    return np.fromstring(said, np.int64, sep=",") if said else np.zeros(0, np.int64)


def _stretches(
    session: Session, incident_id: int, since: int, until: int
) -> Iterator[tuple[int, int]]:
    """Cut a stretch, where it holds many items, into some of about `PART` each."""
    counts: Counter[int] = Counter()
    first = since // QUARTER * QUARTER
    for quarter, _, _, posts in Tallies(session).of(incident_id, first, until):
        counts[quarter] += posts
    begins, many = since, 0
    for quarter in sorted(counts):
        if many and many + counts[quarter] > PART:
            yield begins, quarter
            begins, many = quarter, 0
        many += counts[quarter]
    yield begins, until
