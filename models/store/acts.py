"""
Acts within one transaction.

A draft goes out by two people: one writes, another one of role lead or above approves. Whoever changes
a draft has written it from then on, so nobody can approve their own words.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.campaign import ACT_KINDS, ActRow
from models.errors import Conflict, SetupError
from models.person import may
from models.post import clean
from models.store.audit import Audit

APPROVES = "lead"
"""The least role of those who approve a draft and send it out."""

LARGEST = 2**31 - 1
"""The largest id an act can have."""


class Words(NamedTuple):
    """What a draft says."""

    kind: str
    text: str
    url: str | None = None


class Signer(NamedTuple):
    """Who approves or publishes, and their role."""

    name: str
    role: str


def checked(words: Words) -> Words:
    """Return the words of an act as they are kept; SetupError if they are none."""
    if words.kind not in ACT_KINDS:
        message = f"“{words.kind}” is no kind of act"
        raise SetupError(message, f"use one of {', '.join(ACT_KINDS)}")
    text = clean(words.text)
    if not text:
        message = "the act says nothing"
        raise SetupError(message, "give its words")
    return Words(words.kind, text, _web(words.url))


class Acts:
    """What the company said or did, by incident."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, act: ActRow) -> ActRow:
        """Keep an act; it gets its id."""
        self._session.add(act)
        self._session.flush()
        return act

    def of(self, incident_id: int) -> list[ActRow]:
        """Return an incident's acts in the order they went out; drafts last."""
        return list(
            self._session.exec(
                select(ActRow)
                .where(ActRow.incident_id == incident_id)
                .order_by(col(ActRow.at).is_(None), col(ActRow.at), col(ActRow.id))
            )
        )

    def get(self, act_id: int, incident_id: int | None = None) -> ActRow:
        """Return an act, of this incident if one is named; SetupError if there is none."""
        row = self._session.get(ActRow, act_id) if act_id <= LARGEST else None
        if row is None or incident_id not in (None, row.incident_id):
            message = f"there is no act {act_id}"
            raise SetupError(message, "amends act list INCIDENT shows them with their ids")
        return row

    def edit(self, act_id: int, version: int, words: Words, by: str) -> ActRow:
        """
        Change a draft, which takes its approval away; `by` has written it from now on.

        Conflict if somebody changed it first; SetupError if it is out already.
        """
        row = self._draft(act_id, version)
        row.kind, row.text, row.url = checked(words)
        row.by, row.version = by, row.version + 1
        row.approved_by = row.approved_at = None
        self._session.flush()
        return row

    def approve(self, act_id: int, version: int, signer: Signer, now: datetime) -> ActRow:
        """
        Let a draft go out as it stands; SetupError for who wrote it, or may not.

        Conflict if somebody changed it first.
        """
        row = self._draft(act_id, version)
        _may_sign(signer)
        if row.by is None or _same(row.by, signer.name):
            message = f"{row.by or 'nobody known'} wrote act {act_id}, so somebody else approves it"
            raise SetupError(message, f"ask another {APPROVES}")
        if row.approved_by is not None:
            raise self._faster(row, "approved")
        row.approved_by, row.approved_at = signer.name, now
        self._session.flush()
        return row

    def publish(
        self, act_id: int, version: int, signer: Signer, at: datetime, url: str | None
    ) -> ActRow:
        """
        Note that an approved draft went out, when, and where it can be read.

        SetupError if nobody approved it, or not before that time; Conflict if it was changed first.
        """
        row = self._draft(act_id, version)
        _may_sign(signer)
        if row.approved_at is None:
            message = f"nobody has approved act {act_id}"
            raise SetupError(message, f"a second person does: amends act approve {act_id}")
        if at < row.approved_at:
            message = f"act {act_id} was approved only after that time"
            raise SetupError(message, "give the time when it really went out")
        row.at, row.url = at, _web(url) or row.url
        self._session.flush()
        return row

    def _draft(self, act_id: int, version: int) -> ActRow:
        self.get(act_id)
        # Two who change one act take turns; each names the version they saw.
        row = self._session.get_one(ActRow, act_id, with_for_update=True, populate_existing=True)
        if row.version != version:
            raise self._faster(row, "changed")
        if row.at is not None:
            message = f"act {act_id} is out already"
            raise SetupError(message, "what was said in public stays as it was said")
        return row

    def _faster(self, row: ActRow, did: str) -> Conflict:
        last = Audit(self._session).about(row.incident_id, f"act:{row.id}")[:1]
        by = row.approved_by or row.by or "somebody"
        at = row.approved_at or (last[0].at if last else None)
        when = f" at {at:%H:%M:%S} UTC" if at else ""
        return Conflict(
            f"{by} has {did} act {row.id}{when}", "read it once more, then decide", by=by, at=at
        )


def _may_sign(signer: Signer) -> None:
    if not may(signer.role, APPROVES):
        message = f"{signer.name} may not let a statement go out"
        raise SetupError(message, f"ask somebody of the role {APPROVES} or above")


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _web(url: str | None) -> str | None:
    url = (url or "").strip()
    if url and not url.startswith(("https://", "http://")):
        message = f"“{url[:80]}” isn't a web address"
        raise SetupError(message, "it begins with https://")
    return clean(url, 2_000) or None
