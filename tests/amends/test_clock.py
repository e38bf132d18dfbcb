"""Who spoke first: each line of an incident's clock, from posts, alarms and acts in the store."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from amends.course import moved
from amends.effect.clock import Hand, clock_of
from models.alarm import AlarmRow
from models.campaign import ActRow
from models.coverage import Span
from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.scene import BEGAN, HOUR, MINUTE, Scene


def hands(scene: Scene, now: Any) -> dict[str, Hand]:
    """Return the clock by what it tells."""
    with scene.store.read() as tx:
        row = tx.incidents.find(scene.incident.slug)
        return {hand.what: hand for hand in clock_of(tx, row, now)}


def act(scene: Scene, kind: str, at: Any) -> None:
    """Note an act."""
    with scene.store.begin() as tx:
        tx.acts.add(ActRow(incident_id=scene.incident.id or 0, kind=kind, text="sorry", at=at,
                           recorded_at=at, by="ana"))  # fmt: skip


def test_every_hand_of_the_clock(store: Store) -> None:
    """A lone voice isn't credible; three within an hour are, and the first of them counts."""
    scene = Scene(store, days=0)
    moments = [5 * MINUTE, 2 * HOUR, 2 * HOUR + 10 * MINUTE, 2 * HOUR + 30 * MINUTE]
    scene.say([scene.post(BEGAN + one) for one in moments])
    scene.say([scene.post(BEGAN + 4 * HOUR)], "credit_request")
    scene.say(scene.crowd(Span(BEGAN + 6 * HOUR, BEGAN + 9 * HOUR), 40))
    scene.say(scene.crowd(Span(BEGAN + 9 * HOUR, BEGAN + 20 * HOUR), 10))
    scene.hear(Span(BEGAN, BEGAN + 20 * HOUR))
    act(scene, "apology", BEGAN + 3 * HOUR)
    act(scene, "mail_batch", BEGAN + 5 * HOUR)
    # Said to be resolved too early, then for good.
    for hour, to in ((7, "resolved"), (8, "monitoring"), (15, "resolved")):
        with store.begin() as tx:
            moved(tx, tx.incidents.find(scene.incident.slug), to, by="bo", now=BEGAN + hour * HOUR)
    with store.begin() as tx:
        row = tx.alarms.open(AlarmRow(
            incident_id=scene.incident.id or 0, kind="rise", subject="complaint", since=BEGAN + 6 * HOUR,
            opened_at=BEGAN + 6 * HOUR + 4 * MINUTE, why="many", recorded_at=BEGAN,
        ))  # fmt: skip
    during = hands(scene, BEGAN + 20 * HOUR)["complaints back in their band"]
    with store.begin() as tx:
        tx.alarms.end(tx.alarms.get(row.id or 0), BEGAN + 10 * HOUR, BEGAN)
    told = hands(scene, BEGAN + 20 * HOUR)

    assert {what: hand.minutes for what, hand in told.items() if "half" not in what} == {
        "first credible voice": 120, "alarm": 364, "first public word": 180,
        "first credit request": 240, "mail": 300, "said to be resolved": 900, "complaints back in their band": 240,
    }  # fmt: skip
    half = told["complaints at half of their height"]
    assert half.minutes is not None and 60 <= half.minutes <= 180 and half.sure
    assert during.at is None


def test_what_nobody_read_is_not_sure_and_not_calm(lite: Store) -> None:
    """A hole before the first voice makes it unsure; a hole after the height halves nothing."""
    scene = Scene(lite, days=0)
    scene.say(scene.crowd(Span(BEGAN + HOUR, BEGAN + 4 * HOUR), 40))
    scene.hear(Span(BEGAN + 30 * MINUTE, BEGAN + 4 * HOUR))
    told = hands(scene, BEGAN + 30 * HOUR)

    assert told["first credible voice"].at is not None and not told["first credible voice"].sure
    assert told["complaints at half of their height"].at is None
    assert told["mail"] == Hand("mail")


def test_the_command_prints_it(amends: Amends, incident: str) -> None:
    """In an incident nobody has spoken in yet nothing has happened."""
    told = amends("clock", incident, "--as", "json")

    lines = json.loads(told.out)
    assert told.code == 0 and len(lines) == 8 and all(line["at"] is None for line in lines)
    assert timedelta(0) == timedelta(minutes=sum(line["minutes"] or 0 for line in lines))
