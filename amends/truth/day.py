"""A day's contradictions and symptoms together."""

from __future__ import annotations

from datetime import datetime

import msgspec

from amends.truth.contradictions import Contradictions, contradictions
from amends.truth.reading import read
from amends.truth.symptoms import Symptoms, symptoms
from amends.truth.vocabulary import Vocabulary
from models.coverage import Span
from models.incident import IncidentRow
from models.store import Transaction


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What people were told otherwise than we said, and what fails for them."""

    told: Contradictions = Contradictions()
    fails: Symptoms = Symptoms()


def truth(
    tx: Transaction, incident: IncidentRow, window: Span, now: datetime, known: Vocabulary
) -> Truth:
    """Read a day, as far as it has come."""
    until = min(window.until, now)
    if until <= window.since:
        return Truth()
    stretch = Span(window.since, until)
    heard = read(tx, incident, known, stretch)
    return Truth(
        told=contradictions(tx, incident, known, now, stretch, heard),
        fails=symptoms(tx, incident, known, now, stretch, heard=heard),
    )
