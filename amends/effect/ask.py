"""Asking for an act's effect: by its id, on the labels that want an answer or on others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from amends.digest.snapshot import TO_ANSWER, Styled
from amends.effect.judge import judge
from amends.effect.record import heard
from amends.effect.value import Effect
from models.errors import SetupError
from models.store import Transaction


def effects(
    tx: Transaction,
    act_id: int,
    labels: Iterable[Styled],
    now: datetime,
    wanted: Sequence[str] | None = None,
    incident_id: int | None = None,
) -> list[Effect]:
    """Measure an act on each label; SetupError for a draft, an act or a label there isn't."""
    act = tx.acts.get(act_id, incident_id)
    incident = tx.incidents.find(str(act.incident_id))
    known = [label.name for label in labels]
    for name in wanted or ():
        if name not in known:
            message = f"there is no label “{name}”"
            raise SetupError(message, f"use one of {', '.join(known)}")
    names = wanted or [name for name in known if name in TO_ANSWER]
    return [judge(heard(tx, incident, act, name, now)) for name in dict.fromkeys(names)]
