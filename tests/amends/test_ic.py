"""The line for whoever leads the incident, and alarms at the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from amends.pulse.ic import ic_line_of
from models.alarm import AlarmRow
from models.incident import WatchRow
from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.scene import BEGAN, HOUR, MINUTE, Scene
from tests.grounds import url_of

HOSTILE = "\x1b[31mDiscs\u202e <!channel> *late*\nAll fine."
LABELS = ("complaint", "praise", "credit_request")


def rings(store: Store, incident_id: int, **said: object) -> AlarmRow:
    """Keep an alarm."""
    plain = {"incident_id": incident_id, "kind": "rise", "subject": "credit_request",
             "since": BEGAN, "opened_at": BEGAN + 5 * MINUTE, "why": "Credit request: 30 voices",
             "recorded_at": BEGAN + 6 * MINUTE}  # fmt: skip
    with store.begin() as tx:
        return tx.alarms.open(AlarmRow(**(plain | said)))


def test_it_is_one_sentence_with_alarms_coverage_and_links(lite: Store) -> None:
    """What a liaison says aloud, and where to read on."""
    scene = Scene(lite, days=0)
    at = scene.goes(BEGAN, BEGAN + 15 * MINUTE, 120)
    rings(lite, 1, peak=4.26, peak_voices=30, peak_at=at)
    with lite.read() as tx:
        line = ic_line_of(tx, tx.incidents.find("discs-late"), LABELS, at, "https://board.example/")

    assert line.text.startswith(
        "Discs late (12:15 UTC), in alarm: credit request since 12:00, 4.3 × at its height: "
        "30 new posts by 30 authors in 15 min"
    )
    assert line.text.endswith("x complete.") and line.coverage == ("x complete",) and line.complete
    assert line.links[0].url == "https://board.example/i/discs-late"
    assert line.links[1].url == "https://board.example/i/discs-late#alarms"


def test_it_is_one_line_whatever_the_title_says(lite: Store) -> None:
    """No control character gets through; what a medium's own marks mean is up to who sends it."""
    scene = Scene(lite, days=0)
    with lite.begin() as tx:
        tx.incidents.find("discs-late").title = HOSTILE
    with lite.read() as tx:
        row = tx.incidents.find(scene.incident.slug)
        line = ic_line_of(tx, row, LABELS, BEGAN + HOUR)

    assert line.text.isprintable() and line.links == () and not line.complete


def test_commands_show_alarms_and_take_who_looks_after_them(
    amends: Amends, incident: str, home: Path
) -> None:
    """List, acknowledge, and the line, as a person and as a program read them."""
    store = Store.open(url_of(home))
    row = rings(store, 1)
    store.close()

    first = json.loads(amends("alarms", "list", incident, "--as", "json").out)
    ack = amends("alarms", "ack", str(row.id), AMENDS_USER="ana")
    again = amends("alarms", "ack", str(row.id), AMENDS_USER="bo")
    (second,) = json.loads(amends("alarms", "list", "--as", "json").out)
    line = amends("ic", incident, "--board", "https://board.example")
    as_json = json.loads(amends("ic", incident, "--as", "json").out)

    assert first[0]["subject"] == "credit_request" and first[0]["acked_by"] is None
    assert ack.code == 0 and "ana looks after it" in again.err
    assert second["acked_by"] == "ana" and second["ended_at"] is None
    assert "in alarm: credit request since" in line.out and line.out.count("\n") == 1
    assert line.out.endswith(" https://board.example/i/discs-late\n")
    assert as_json["alarms"] and as_json["links"] == []


def test_what_is_odd_is_said(amends: Amends, incident: str, home: Path) -> None:
    """An alarm that isn't there, no address, an empty stretch, a rule for no label: one line and code 2."""
    assert "there is no alarm 9" in amends("alarms", "ack", "9").err
    assert amends("ic", incident, "--board", "javascript:alert(1)").code == 2
    empty = amends("alarms", "replay", incident, "--from", "1h", "--to", "2h")
    deaf = amends("alarms", "replay", incident, "--from", "2h")
    (home / "alarms.toml").write_text("[anger]\nrise = 3\n")
    odd = amends("alarms", "replay", incident, "--from", "2h")

    assert empty.code == 2 and "empty" in empty.err
    assert deaf.code == 2 and "listens nowhere" in deaf.err
    assert odd.code == 2 and "there is no label “anger”" in odd.err


def test_a_round_brings_alarms_up_to_now(amends: Amends, incident: str, home: Path) -> None:
    """`amends run --once` says that a watch has long been blind, and so does a replay that nothing was."""
    amends("watch", "add", incident, "thread_page", "http://127.0.0.1:1/thread")
    store = Store.open(url_of(home))
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    with store.begin() as tx:
        watch: WatchRow = tx.watches.get(1)
        watch.trouble, watch.trouble_kind, watch.trouble_since = "a login page", "changed", long_ago
        watch.asked_at, watch.not_before = long_ago, datetime.now(UTC) + timedelta(minutes=10)
    store.close()

    run = amends("run", incident, "--once")
    found = json.loads(amends("alarms", "list", incident, "--as", "json").out)
    replay = amends("alarms", "replay", incident, "--from", "2h", "--as", "json")

    assert (
        "ALARM thread_page" in run.err and f"1 in alarm: amends alarms list {incident}" in run.err
    )
    assert [(one["kind"], one["subject"]) for one in found] == [("blind", "watch:1")]
    assert replay.code == 0 and json.loads(replay.out) == []
    assert "complaint: 0 alarms in 0.1 days, of which 0.0 were heard in full" in replay.err
