"""An answer to begin from: a saved reply with its fields filled in plain text."""

from __future__ import annotations

from collections.abc import Iterable

from amends.digest.words import LONGEST_NAME, plain
from models.campaign import ActRow
from models.incident import IncidentRow
from models.pseudonym import is_pseudonym
from models.reply import ReplyRow, filled
from models.store.queue import Line

SAMPLE = {"author": "cleo", "company": "Reelpost", "incident": "Discs late", "credit": "$5"}
"""What a preview is filled with."""


def draft(reply: ReplyRow, line: Line, incident: IncidentRow, credit: str = "") -> str:
    """
    Return a saved reply filled for one post; what we don't know stays in its braces, to be seen.

    What strangers call themselves is made plain, and never read for fields itself.
    """
    known = {
        "author": "" if is_pseudonym(line.author) else line.author or "", "company": incident.company, "incident": incident.title,
        "credit": credit,
    }  # fmt: skip
    return filled(
        reply.text, {name: plain(value, LONGEST_NAME) for name, value in known.items() if value}
    )


def credit_of(acts: Iterable[ActRow]) -> str:
    """Return the words of the newest credit that was posted; nothing if there was none."""
    posted = [act for act in acts if act.kind == "credit_posted" and act.at is not None]
    return plain(posted[-1].text, LONGEST_NAME) if posted else ""
