"""Whatever a person or a program changes through the board is in the audit trail, without a word of posts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from amends.board import board
from amends.board.place import Place
from classify.labels import Labels
from ingest.registry import all_sources
from models.audit import AuditRow
from models.errors import SetupError
from models.incident import Watch
from models.store import Store
from models.store.trail import prove
from tests.amends.board.conftest import Clock, no_classifier
from tests.amends.board.deeds import CANARY, DEEDS, Scene
from tests.amends.board.doors import WRITES, ways
from tests.battery import Record, tell

As = Callable[[str | None], TestClient]

REFUSED = {("POST", "/api/incidents/{slug}/acts/{act_id}/approve")}
"""A program approves nothing, so there is nothing to note."""


def no_way() -> AbstractContextManager[Any]:
    """Open no way to the web, foreseeably."""
    message = "nothing is asked here"
    raise SetupError(message)


@pytest.fixture
def place(lite: Store, tmp_path: Path, clock: Clock) -> Place:
    """Return a place that knows its sources."""
    return Place(
        store=lite, home=tmp_path, labels=Labels.load(None), sources=all_sources(),
        classifier=no_classifier, asker=no_way, now=clock,
    )  # fmt: skip


def noted(place: Place) -> int:
    """Return how many rows the trail has."""
    with place.store.read() as tx:
        return int(tx.session.execute(select(func.count()).select_from(AuditRow)).scalar_one())


def test_security_every_way_to_change_something_is_tried_below(place: Place) -> None:
    """A newcomer nobody thought about fails here; nothing is tried that isn't there."""
    writes = {(way.method, way.path) for way in ways(board(place).routes) if way.method in WRITES}

    assert writes == set(DEEDS) | REFUSED


def test_security_every_change_is_noted_without_a_word_of_posts(
    place: Place, watch: Watch, as_: As, record_property: Record
) -> None:
    """Each route once, as a person or a program: a row more, no text, no handle, and the chain holds."""
    scene, silent, failed = Scene(place, watch, as_), [], []
    for way, deed in DEEDS.items():
        before = noted(place)
        answer = deed(scene)
        if answer.status_code >= 400:
            failed.append((way, answer.status_code, answer.text[-300:]))
        if noted(place) == before:
            silent.append(way)
    tell(
        record_property,
        f"{len(DEEDS)} ways to change something, {len(silent)} without an audit row",
    )

    assert failed == []
    assert silent == []
    with place.store.read() as tx:
        rows = tx.session.connection().exec_driver_sql("SELECT * FROM audit").fetchall()
        proof = prove(tx.session.connection(), place.store.seal)
    said = str(rows)
    for word in (CANARY, "Mymaildidntcome", "cleo", "token=abc", "http"):
        assert word not in said, word
    assert proof.broken is None and proof.rows == len(rows)
