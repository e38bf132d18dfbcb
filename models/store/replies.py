"""Saved replies within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.errors import Conflict, SetupError
from models.phase import PHASES
from models.post import clean
from models.reply import ReplyRow, fields_of

LONGEST_TITLE, LONGEST = 80, 5_000
"""Characters of a saved reply's title, and of its text."""

MOST_MINUTES = 60 * 24 * 30
"""The longest anybody may be given to answer."""

LARGEST = 2**31 - 1
"""The largest id a saved reply can have."""

_INSTANT = timedelta(microseconds=1)


class Replies:
    """Saved replies within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def every(self, label: str | None = None) -> list[ReplyRow]:
        """Return the saved replies by title; with a `label` those for it first, then those for any."""
        rows = self._session.exec(
            select(ReplyRow)
            .where(col(ReplyRow.removed_at).is_(None))
            .order_by(ReplyRow.title, col(ReplyRow.id))
        ).all()
        if label is None:
            return list(rows)
        return sorted(
            (row for row in rows if row.label in (None, label)), key=lambda row: row.label is None
        )

    def get(self, reply_id: int) -> ReplyRow:
        """Return a saved reply; SetupError if there is none."""
        return self._there(reply_id, lock=False)

    def _there(self, reply_id: int, *, lock: bool) -> ReplyRow:
        row = None
        if reply_id <= LARGEST:
            # PostgreSQL locks no row for whoever only reads.
            row = self._session.get(
                ReplyRow, reply_id, with_for_update=lock or None, populate_existing=lock
            )
        if row is None or row.removed_at is not None:
            message = f"there is no saved reply {reply_id}"
            raise SetupError(message, "the list shows those there are")
        return row

    def add(
        self,
        title: str,
        text: str,
        label: str | None,
        by: str,
        now: datetime,
        phase: str | None = None,
        *,
        owner: str = "",
        within: int | None = None,
    ) -> ReplyRow:
        """Keep a new one; SetupError if its words can't be used."""
        row = ReplyRow(title="", text="", by=by, at=now)
        _take(row, title, text, label, phase, owner, within)
        self._session.add(row)
        self._session.flush()
        return row

    def change(
        self,
        reply_id: int,
        seen: datetime,
        *,
        title: str,
        text: str,
        label: str | None,
        by: str,
        now: datetime,
        phase: str | None = None,
        owner: str = "",
        within: int | None = None,
    ) -> ReplyRow:
        """Change one as it was at `seen`; Conflict if somebody changed it since."""
        row = self._as_seen(reply_id, seen)
        _take(row, title, text, label, phase, owner, within)
        # Of two changes in one moment the second has to be told apart as well.
        row.by, row.at = by, max(now, row.at + _INSTANT)
        self._session.flush()
        return row

    def remove(self, reply_id: int, seen: datetime, now: datetime) -> ReplyRow:
        """Take one away as it was at `seen`; Conflict if somebody changed it since."""
        row = self._as_seen(reply_id, seen)
        row.removed_at = now
        self._session.flush()
        return row

    def _as_seen(self, reply_id: int, seen: datetime) -> ReplyRow:
        row = self._there(reply_id, lock=True)
        if row.at != seen:
            message = f"{row.by} has changed “{row.title}” at {row.at:%H:%M:%S} UTC"
            raise Conflict(message, "read it once more, then change it", by=row.by, at=row.at)
        return row


def fitting(rows: Sequence[ReplyRow], labels: Sequence[str], phase: str) -> ReplyRow | None:
    """
    Return the reply that fits posts of a phase of an offer best, of those in order of title; None if none does.

    `labels` go from the narrowest to the widest. One for the label and the phase comes before one for the
    label in any phase, and that before one for the next label.
    """
    for label in labels:
        for wanted in (phase, None):
            for row in rows:
                if (row.label, row.phase) == (label, wanted):
                    return row
    return None


def _take(row: ReplyRow, title: str, text: str, label: str | None, phase: str | None,
          owner: str, within: int | None) -> None:  # fmt: skip
    owner = " ".join(clean(owner).split())
    if len(owner) > LONGEST_TITLE or not (within is None or 1 <= within <= MOST_MINUTES):
        message = f"who answers has up to {LONGEST_TITLE} characters, and between 1 and {MOST_MINUTES:,} minutes"
        raise SetupError(message, "leave both empty to do as the incident says")
    row.title, row.text = _checked(title, text)
    row.label, row.phase, row.owner, row.within = label, _known(phase), owner, within


def _known(phase: str | None) -> str | None:
    if phase is not None and phase not in PHASES:
        message = f"there is no phase “{phase[:40]}”"
        raise SetupError(message, f"the phases are {', '.join(PHASES)}")
    return phase


def _checked(title: str, text: str) -> tuple[str, str]:
    title, text = " ".join(clean(title).split()), clean(text)
    if not title or len(title) > LONGEST_TITLE:
        message = f"a saved reply needs a title of up to {LONGEST_TITLE} characters"
        raise SetupError(message, "name it by what it is for")
    if not text or len(text) > LONGEST:
        message = f"a saved reply needs words, up to {LONGEST:,} characters"
        raise SetupError(message, "write what people start from")
    fields_of(text)
    return title, text
