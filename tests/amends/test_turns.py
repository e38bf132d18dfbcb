"""Two of us on one database: one collects, the other stands by."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.store import Store
from tests.amends.conftest import Amends
from tests.grounds import url_of


@pytest.mark.both
def test_who_comes_second_stands_by_and_asks_nobody(
    amends: Amends, incident: str, home: Path
) -> None:
    """It names who collects; the watch stays as it was; and once that one has ended it is our turn."""
    amends("watch", "add", incident, "thread_page", "http://127.0.0.1:1/thread")
    store = Store.open(url_of(home))
    now = datetime.now(UTC)
    with store.begin() as tx:
        tx.leases.take(f"collecting for {incident}", "bo's machine, process 9", now)

    waits = amends("run", incident, "--once")
    before = json.loads(amends("watch", "list", incident, "--as", "json").out)[0]
    with store.begin() as tx:
        row = tx.leases.take(f"collecting for {incident}", "bo's machine, process 9", now)
        row.until = now
    store.close()
    ours = amends("run", incident, "--once")
    after = json.loads(amends("watch", "list", incident, "--as", "json").out)[0]

    assert waits.code == 0 and "bo's machine, process 9" in waits.err and "standing by" in waits.err
    assert before["asked_at"] is None and before["state"] == "blind"
    assert "standing by" not in ours.err and after["asked_at"] is not None
