"""The course of an incident: opened, edited, moved on, closed, reopened. Commands and board share it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from amends.when import moment
from models.clock import hours_of
from models.errors import Conflict, SetupError
from models.incident import STATUSES, IncidentRow, zone
from models.post import LONGEST_NAME, clean
from models.store import Transaction
from models.store.incidents import slug_of

EDITABLE = ("title", "company", "terms", "tz", "began", "look_within", "answer_within", "hours",
            "next_update_at")  # fmt: skip

LONGEST_WAIT = 7 * 24 * 60
"""Minutes that may be allowed until a post is looked at or answered."""

MOST_TERMS, LONGEST_TERM = 50, 200


def opened(
    tx: Transaction,
    *,
    title: str,
    company: str,
    terms: list[str],
    tz: str,
    began: str,
    by: str,
    now: datetime,
) -> IncidentRow:
    """Open an incident; without terms it listens for the company's name. SetupError if one is odd."""
    said = _checked({"title": title, "company": company, "tz": tz})
    row = IncidentRow(
        **said, slug=slug_of(said["title"]), began=moment(began, now, tz), opened_at=now,
        terms=_terms(terms) or [said["company"]],
    )  # fmt: skip
    tx.incidents.add(row)
    tx.audit.note("opened", f"incident:{row.id}", by=by, now=now, incident_id=row.id)
    return row


def edited(
    tx: Transaction, row: IncidentRow, changes: dict[str, Any], *, by: str, now: datetime
) -> list[str]:
    """
    Change what `changes` names, and return the names of what is other than before.

    `began` and `next_update_at` are as people write times, in the zone that holds afterwards; an empty
    `next_update_at` takes the promise back. SetupError if one is odd, and then nothing is changed.
    """
    said = _checked(changes)
    tz = said.get("tz", row.tz)
    if "terms" in said:
        said["terms"] = _terms(said["terms"]) or [said.get("company", row.company)]
    if "began" in said:
        said["began"] = moment(said["began"], now, tz)
    if "next_update_at" in said:
        at = said["next_update_at"].strip()
        said["next_update_at"] = moment(at, now, tz) if at else None
    changed = sorted(name for name, value in said.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, said[name])
    if changed:
        tx.incidents.save(row)
        tx.audit.note("edited", f"incident:{row.id}", by=by, now=now, incident_id=row.id,
                      detail={"changed": changed})  # fmt: skip
    return changed


def moved(tx: Transaction, row: IncidentRow, to: str, *, by: str, now: datetime) -> None:
    """Say how far an incident is; SetupError for a status that there isn't."""
    if to not in STATUSES:
        message = f"“{to}” is no status"
        raise SetupError(message, f"use one of {', '.join(STATUSES)}")
    if to == row.status:
        return
    detail = {"from": row.status, "to": to}
    row.status = to
    tx.incidents.save(row)
    tx.audit.note("status", f"incident:{row.id}", by=by, now=now, incident_id=row.id, detail=detail)


def closed(tx: Transaction, row: IncidentRow, *, by: str, now: datetime) -> None:
    """Close an incident: its watches are no longer asked."""
    if row.closed_at is None:
        _set(tx, row, "closed", now, "resolved", by, now)
        tx.alarms.end_all(row.id or 0, now)


def reopened(tx: Transaction, row: IncidentRow, *, by: str, now: datetime) -> None:
    """Open a closed incident again."""
    if row.closed_at is not None:
        _set(tx, row, "reopened", None, "investigating", by, now)


def mark(row: IncidentRow) -> str:
    """Return what a form carries, so that nobody overwrites what they haven't seen."""
    said = [getattr(row, name) for name in EDITABLE]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]


def unchanged(tx: Transaction, row: IncidentRow, seen: str) -> None:
    """Conflict, with who and when, if an incident isn't any more as somebody saw it."""
    if seen == mark(row):
        return
    last = next((one for one in tx.audit.about(row.id or 0, f"incident:{row.id}")), None)
    who, at = (last.by, last.at) if last else ("somebody", None)
    message = f"{who} changed this incident while you did"
    raise Conflict(message, "look at it again, then change what is left to change", by=who, at=at)


def _set(
    tx: Transaction,
    row: IncidentRow,
    did: str,
    closed_at: datetime | None,
    status: str,
    by: str,
    now: datetime,
) -> None:
    row.closed_at, row.status = closed_at, status
    tx.incidents.save(row)
    tx.audit.note(did, f"incident:{row.id}", by=by, now=now, incident_id=row.id)


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    said = dict(said)
    for name in ("title", "company"):
        if name in said:
            said[name] = " ".join(clean(said[name], LONGEST_NAME).split())
            if not said[name]:
                message = f"the {name} is empty"
                raise SetupError(message, f"give a {name} of a few words")
    if "tz" in said:
        zone(said["tz"])
    if "hours" in said:
        said["hours"] = " ".join(said["hours"].split())
        hours_of(said["hours"])
    for name, what in (("look_within", "looked at"), ("answer_within", "answered")):
        if name in said and not 1 <= said[name] <= LONGEST_WAIT:
            message = f"a post can't be {what} within {said[name]} minutes"
            raise SetupError(message, f"give between 1 and {LONGEST_WAIT} minutes")
    return said


def _terms(terms: list[str]) -> list[str]:
    terms = list(dict.fromkeys(filter(None, (" ".join(clean(term).split()) for term in terms))))
    if len(terms) > MOST_TERMS or any(len(term) > LONGEST_TERM for term in terms):
        message = "those are too many terms, or one of them is too long"
        raise SetupError(message, f"at most {MOST_TERMS}, of {LONGEST_TERM} characters each")
    return terms
