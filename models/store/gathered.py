"""
Items of a stretch column by column: a million of them in two seconds, where rows would take a minute.

A database that strings numbers together, and NumPy that reads them off, take a fraction of the time that
each row takes as values of Python. What waits for the classifier is no item yet, or one of words that are
no more; whoever counts asks for that beside this, row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import Connection
from sqlmodel import Session

from models.columns import to_micros
from models.coverage import Span
from models.store import dialect
from models.store.pulse import VOICE
from models.store.reach import REACH
from models.store.tallies import ALL_OF_THEM, QUARTER, Tallies

if TYPE_CHECKING:
    from models.copies import Numbers

PART = 50_000
"""Items that one statement strings together, about: there is an end to how long a text may be."""

# No text of a post or name of an author has it (`models/post.py`).
_APART = "\x1f"

_WITHIN = "item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?"

_ITEMS = f"""
SELECT {{COLUMNS}} FROM item{{BY}} JOIN post ON post.id = item.post_id WHERE {_WITHIN}{{ALSO}}
"""  # noqa: S608

_NUMBERS = (
    "item.post_id",
    "item.near",
    "item.posted_at - ?",
    # Who has no label is in no list that goes by it.
    f"CASE WHEN item.labels = ',' THEN 0 ELSE {REACH} END",
    """CASE item.labels {WHEN} ELSE -4 END + CASE WHEN item.open THEN 2 ELSE 0 END
        + CASE WHEN post.scored_by IS NULL THEN 1 ELSE 0 END""",
)

_ROWS = "SELECT COALESCE(MIN(rowid), 0), COALESCE(MAX(rowid), 0) FROM item"

NOBODY = hash("")


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """
    The items of a stretch, n of them in no order: arrays of n numbers, one for each column.

    `at` are microseconds since the `window` began; `reach` is 0 for what has no label. `kinds` are places
    in `labels`, which are as items have them. `voices` are hashes of authors' names, good for this process
    alone, and `NOBODY` without one. `open` is 1 where there is something left to do, `waits` where the
    classifier has yet to read the words of now.
    """

    window: Span
    ids: Numbers
    clusters: Numbers
    at: Numbers
    reach: Numbers
    waits: Numbers
    open: Numbers
    kinds: Numbers
    voices: Numbers
    labels: tuple[str, ...]

    def having(self, labels: Iterable[str]) -> Any:
        """Return which items have one of `labels`, as n truths."""
        import numpy as np

        wanted = [f",{label}," for label in labels]
        yes = [any(one in said for one in wanted) for said in self.labels]
        return np.array([*yes, False])[self.kinds]

    @property
    def speakers(self) -> Numbers:
        """The voice of each item; without an author it is the text's."""
        import numpy as np

        voices = self.voices.copy()
        nameless = np.flatnonzero(voices == NOBODY)
        said, places = np.unique(self.clusters[nameless], return_inverse=True)
        voices[nameless] = np.array([hash(f"#{one}") for one in said.tolist()], np.int64)[places]
        return voices


class _Part(NamedTuple):
    """A part of the items: more conditions, and the values of those for time and of these."""

    by: str
    also: str
    since: int
    until: int
    more: tuple[int, ...] = ()


def gathered(session: Session, incident_id: int, window: Span, most: int = PART) -> Gathered:
    """Return the items of an incident that were posted in a window, read in parts of about `most`."""
    import numpy as np

    connection = session.connection()
    since, until = to_micros(window.since), to_micros(window.until)
    labels = Tallies(session).labels(incident_id)
    when = " ".join(f"WHEN ? THEN {4 * place}" for place in range(len(labels))) or "WHEN '' THEN 0"
    columns = [strung(connection, one.replace("{WHEN}", when)) for one in _NUMBERS]
    columns.append(strung(connection, f"COALESCE({VOICE}, '')", _APART))
    found, voices = [], []
    for part in _parts(session, incident_id, since, until, most):
        sql = _ITEMS.replace("{BY}", part.by).replace("{ALSO}", part.also)
        sql = sql.replace("{COLUMNS}", ", ".join(columns))
        values = (since, *labels, incident_id, part.since, part.until, *part.more)
        ((*each, said),) = dialect.rows(connection, sql, values)
        if said is not None:
            found.append([numbers(one) for one in each])
            voices.append(np.fromiter(map(hash, said.split(_APART)), np.int64))
    ids, clusters, at, reach, kind, voice = (
        np.hstack([numbers(None), *column])
        for column in (*([one[at] for one in found] for at in range(len(_NUMBERS))), voices)
    )
    return Gathered(
        window=window, ids=ids, clusters=clusters, at=at, reach=reach, waits=kind & 1, open=kind >> 1 & 1,
        kinds=kind >> 2,
        voices=voice, labels=tuple(labels),
    )  # fmt: skip


def strung(connection: Connection, value: str, apart: str = ",") -> str:
    """Return what strings the values of all rows together: several in a statement in the same order."""
    if dialect.is_sqlite(connection):
        return f"GROUP_CONCAT({value}, '{apart}')"
    return f"STRING_AGG(CAST({value} AS TEXT), '{apart}')"


def numbers(said: str | None) -> Numbers:
    """Return the numbers that were strung together; None is none."""
    import numpy as np

    return np.fromstring(said, np.int64, sep=",") if said else np.zeros(0, np.int64)


def _parts(
    session: Session, incident_id: int, since: int, until: int, most: int
) -> Iterator[_Part]:
    """Cut a stretch into parts of about `most` items each."""
    connection, tallies = session.connection(), Tallies(session)
    counts = tallies.sizes(incident_id, since // QUARTER * QUARTER, until)
    every = sum(counts.values())
    by, many = dialect.by(connection, "item_posted"), 0
    if every > most and tallies.way("item_posted", every) == ALL_OF_THEM:
        ((first, last),) = dialect.rows(connection, _ROWS)
        for row in range(first, last + 1, most):
            also = " AND item.rowid >= ? AND item.rowid < ?"
            yield _Part(ALL_OF_THEM, also, since, until, (row, row + most))
        return
    for quarter in counts:
        if many and many + counts[quarter] > most:
            yield _Part(by, "", since, quarter)
            since, many = quarter, 0
        many += counts[quarter]
    yield _Part(by, "", since, until)
