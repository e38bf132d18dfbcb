"""Whatever a program sends, the API answers as its own description says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from amends.board import board
from amends.board.place import Place
from classify.labels import Labels
from ingest.registry import all_sources
from models.alarm import AlarmRow
from models.campaign import ActRow, Terms
from models.store import Store
from models.store.items import Seen, Verdict
from tests.amends.board.conftest import ORIGIN, TEAM, never, no_classifier, posts
from tests.battery import Record, tell, times
from tests.conftest import database
from tests.factories import NOW, a_watch
from tests.grounds import ON

REAL = {"slug": "discs-late", "post_id": 1, "watch_id": 1, "act_id": 1, "campaign_id": 1, "reply_id": 1, "alarm_id": 1,
        "regrouping_id": 1, "other_id": 1,
        "post_ids": [1]}  # fmt: skip
WRITES = ("POST", "PUT", "PATCH", "DELETE")
HELD = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
        "response_schema_conformance")  # fmt: skip


def really(said: Any) -> Any:
    """Return what was made up with the ids in it of what is there."""
    if isinstance(said, list):
        return [really(one) for one in said]
    if not isinstance(said, dict):
        return said
    return {name: REAL.get(name, really(value)) for name, value in said.items()}


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Place]:
    """Return a board with something of every noun on it."""
    home: Path = tmp_path_factory.mktemp("fuzz")
    store = Store.open(database(ON, request, home))
    yield Place(
        store=store, home=home, labels=Labels.load(None), sources=all_sources(),
        classifier=no_classifier, asker=never, now=lambda: NOW,
    )  # fmt: skip
    store.close()


@pytest.fixture(scope="module")
def key(place: Place) -> str:
    """Return an admin's token."""
    watch = a_watch(place.store, source="x", terms=["reelpost"])
    ids = posts(place.store, watch, ("no discs", ("complaint",)), ("my credit?", ()))
    with place.store.begin() as tx:
        people = {name: tx.people.add(name, role, NOW) for name, role in TEAM.items()}
        tx.items.decide(1, [Seen(ids[0], 0)], Verdict("follow"), "ana", NOW)
        tx.acts.add(ActRow(incident_id=1, kind="apology", text="Sorry.", by="ana", recorded_at=NOW))
        offers: dict[str, tuple[str, ...]] = {"": ("3 %",)}
        tx.campaigns.add(1, Terms(text="Sorry.", how="call", offers=offers), "bo", NOW)
        tx.alarms.open(AlarmRow(incident_id=1, kind="rise", subject="complaint", since=NOW,
                                opened_at=NOW, why="Many.", recorded_at=NOW))  # fmt: skip
        tx.replies.add("Hi", "Hi {author}", None, "bo", NOW)
        until = NOW + timedelta(days=1)
        return tx.people.grant(people["root"], "fuzz", "write", NOW, until)[1]


def test_nothing_sent_breaks_it(place: Place, key: str, record_property: Record) -> None:
    """No answer above 499, none with an undeclared code, type or shape; and nothing without a token."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", board(place))
    operations = [found.ok() for found in schema.get_all_operations()]
    load_all_checks()
    checks = CHECKS.get_by_names(HELD)
    codes: Counter[int] = Counter()

    def fuzz(operation: Any) -> None:
        right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

        @settings(max_examples=times(100), database=None, suppress_health_check=list(HealthCheck))
        @given(st.one_of(right, wrong), st.booleans())
        def ask(case: Any, real: bool) -> None:
            if real:
                # Most of what it makes up isn't there, which is soon said.
                case.path_parameters = really(case.path_parameters)
                case.body = really(case.body)
            if operation.method.upper() in WRITES:
                answer = case.call(headers=ORIGIN)
                # What isn't even JSON is refused before anybody asks who sent it.
                assert answer.status_code in (401, 422) or "parsing the body" in answer.text
            answer = case.call(headers={"authorization": f"Bearer {key}"})
            codes[answer.status_code] += 1
            case.validate_response(answer, checks=checks)

        ask()

    for operation in operations:
        fuzz(operation)

    assert (
        len(operations) >= 25
        and codes[200]
        and codes[201]
        and codes[404]
        and codes[409]
        and codes[422]
    )
    tell(
        record_property,
        f"schemathesis, {len(operations)} ways into the API, {codes.total()} requests:"
        f" {sum(n for code, n in codes.items() if code > 499)} answers of 5xx, 0 undeclared",
    )
