"""Many edits of one item at once: one wins each time, the others are told, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from amends.board import board
from amends.board.place import Place
from classify.labels import Labels
from models.audit import AuditRow
from models.store import Store
from tests.amends.board.conftest import Clock, never, no_classifier, posts
from tests.battery import FULL, Record, tell
from tests.factories import a_watch

PEOPLE = 8
Edit = Callable[[int], tuple[int, object]]


class Scene:
    """A board on some database, one item, and a team that all may work on it."""

    def __init__(self, store: Store, folder: Path) -> None:
        place = Place(
            store=store, home=folder, labels=Labels.load(None), sources={},
            classifier=no_classifier, asker=never, now=Clock(),
        )  # fmt: skip
        self.store = store
        watch = a_watch(store, source="x", terms=["reelpost"])
        self.incident_id = watch.incident_id
        (self.post_id,) = posts(store, watch, ("no discs for days", ("complaint",)))
        now: datetime = place.now()
        app = board(place)
        self.clients = []
        for n in range(PEOPLE):
            with store.begin() as tx:
                person = tx.people.add(f"agent {n}", "agent", now)
                _, token = tx.people.grant(person, "t", "write", now, now + timedelta(days=1))
            headers = {"authorization": f"Bearer {token}"}
            self.clients.append(TestClient(app, headers=headers, follow_redirects=False))

    def version(self) -> int:
        """Return how often the item was changed."""
        with self.store.read() as tx:
            return tx.items.get(self.incident_id, self.post_id).version

    def edit(self, n: int, version: int) -> int:
        """Let somebody follow the item up as they saw it, or put it back; return the answer's number."""
        one = {"post_id": self.post_id, "version": version}
        client, begin = self.clients[n % PEOPLE], "/api/incidents/discs-late"
        if n % 2:
            body = {"items": [one], "decision": "follow"}
            return int(client.post(f"{begin}/verdicts", json=body).status_code)
        body = {"items": [one], "release": True}
        return int(client.post(f"{begin}/items/claim", json=body).status_code)

    def at_once(self, edit: Callable[[int], int], many: int) -> Counter[int]:
        """Run that many edits from as many threads as there are people; count the answers."""
        gate = Barrier(PEOPLE)

        def worker(person: int) -> list[int]:
            gate.wait()
            return [edit(n) for n in range(person, many, PEOPLE)]

        with ThreadPoolExecutor(PEOPLE) as pool:
            return Counter(number for found in pool.map(worker, range(PEOPLE)) for number in found)

    def audited(self) -> int:
        """Return how many changes of the item were written down."""
        with self.store.read() as tx:
            query = select(AuditRow).where(AuditRow.about == f"post:{self.post_id}")
            return len(tx.session.exec(query).all())


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    """Return the scene, on each of the two databases."""
    return Scene(store, tmp_path)


def test_security_of_all_who_saw_the_same_one_wins(scene: Scene) -> None:
    """The others hear 409, and one change was made."""
    numbers = scene.at_once(lambda n: scene.edit(2 * n + 1, 0), PEOPLE * 3)
    assert numbers == {201: 1, 409: PEOPLE * 3 - 1}
    assert (scene.version(), scene.audited()) == (1, 1)


def test_security_every_edit_that_was_taken_is_in_the_audit_trail(
    scene: Scene, record_property: Record
) -> None:
    """200 edits, each of what was seen just before: as many changes as were taken, the rest 409."""
    many = 200 if FULL else 40
    numbers = scene.at_once(lambda n: scene.edit(n, scene.version()), many)
    taken = sum(count for number, count in numbers.items() if number < 300)
    rest = f"{taken} taken, {numbers[409]} told"
    tell(record_property, f"{many} edits of one item at once: {rest}")
    assert set(numbers) <= {200, 201, 409}, numbers
    assert taken + numbers[409] == many and taken >= 2
    assert scene.version() == scene.audited() == taken
