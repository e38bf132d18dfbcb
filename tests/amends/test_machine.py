"""Random steps against a model in plain Python, on both databases."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina
from hypothesis import HealthCheck, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.amends.machine.boards import Boards
from tests.amends.machine.collecting import Collecting
from tests.amends.machine.ground import Ground, OnPostgresql, OnSqlite
from tests.amends.machine.outside import Outside
from tests.battery import FULL, Record, tell
from tests.conftest import database

EXAMPLES, SHORT, STEPS = 300, 15, 40
"""Lives that are lived, in full and in the short form, and steps of each."""


class Machine(Outside, Collecting, Boards):
    """All rules together."""


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Retry once, without waiting."""
    with stamina.set_testing(testing=True, attempts=2, cap=True):
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """Return what the machine stands on, on each of the two databases."""
    if request.param == "sqlite":
        return OnSqlite(tmp_path)
    return OnPostgresql(database("postgresql", request, tmp_path))


def test_nothing_is_lost_nothing_comes_twice_and_all_time_is_accounted_for(
    ground: Ground, record_property: Record
) -> None:
    """Whatever happens in whatever order; the short form is the same every time."""
    tally: Counter[str] = Counter()
    number = secrets.randbits(32) if FULL else 0

    @seed(number)
    def machine() -> Machine:
        return Machine(ground, tally)

    plan = settings(
        max_examples=EXAMPLES if FULL else SHORT, stateful_step_count=STEPS, deadline=None, print_blob=True,
        suppress_health_check=list(HealthCheck), database=None, verbosity=Verbosity.normal,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=plan)
    counted = ", ".join(f"{count:,} {what}" for what, count in sorted(tally.items()))
    tell(record_property, f"{ground.kind}, seed {number}: {counted}: 0 lost, 0 double")
