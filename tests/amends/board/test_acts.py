"""Statements: drafted by one, approved by another, published with time and link; and nothing less."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.campaign import ActRow
from models.errors import Conflict, SetupError
from models.incident import Watch
from models.store import Store
from models.store.acts import Signer, Words
from tests.amends.board.conftest import Clock
from tests.amends.conftest import Amends
from tests.factories import NOW, a_watch

pytestmark = pytest.mark.both

As = Callable[[str | None], TestClient]
HERE = "/i/discs-late/acts"
DRAFT = {"kind": "apology", "text": "We are sorry."}
BO = Signer("bo", "lead")


@pytest.fixture
def board(as_: As, watch: Watch) -> As:
    """Return browsers on a board with an incident."""
    return as_


def state(place: Place, act_id: int = 1) -> dict[str, Any]:
    """Return an act as it is kept."""
    with place.store.read() as tx:
        return tx.acts.get(act_id).model_dump()


def test_two_people_and_a_statement(board: As, place: Place, clock: Clock) -> None:
    """Ana writes, Bo approves, it goes out with time and link; names and times are kept."""
    ana, bo = board("ana"), board("bo")

    assert ana.post(HERE, data=DRAFT).headers["location"] == f"{HERE}/1"
    clock.now += timedelta(minutes=3)
    assert bo.post(f"{HERE}/1/approve", data={"version": 0}).status_code == 303
    kept = state(place)
    assert (kept["by"], kept["approved_by"], kept["approved_at"]) == ("ana", "bo", clock.now)
    clock.now += timedelta(minutes=2)
    went = {"version": 0, "url": "https://status.example/1", "promise": "2026-03-04T15:00"}
    assert bo.post(f"{HERE}/1/publish", data=went).status_code == 303

    kept = state(place)
    assert (kept["at"], kept["url"]) == (clock.now, "https://status.example/1")
    with place.store.read() as tx:
        assert [row.did for row in tx.audit.about(1, "act:1")] == [
            "published",
            "approved",
            "drafted",
        ]
        assert "sorry" not in str([row.detail for row in tx.audit.about(1, "act:1")])
    assert "due in 2 h 55 min" in ana.get(HERE).text


def test_nobody_approves_their_own_words(board: As, place: Place) -> None:
    """Nor what they changed in somebody else's, nor under another spelling of their name."""
    bo, root = board("bo"), board("root")
    bo.post(HERE, data=DRAFT)

    assert bo.post(f"{HERE}/1/approve", data={"version": 0}).status_code == 400
    root.post(f"{HERE}/1", data=DRAFT | {"text": "Very sorry.", "version": 0})
    assert root.post(f"{HERE}/1/approve", data={"version": 1}).status_code == 400
    with pytest.raises(SetupError, match="wrote act 1"), place.store.begin() as tx:
        tx.acts.approve(1, 1, Signer(" Root ", "admin"), NOW)
    assert state(place)["approved_by"] is None
    assert bo.post(f"{HERE}/1/approve", data={"version": 1}).status_code == 303


@pytest.mark.parametrize("name", ["eve", "ana"])
def test_only_leads_approve_and_publish(board: As, place: Place, name: str) -> None:
    """By the door, and by the store behind it."""
    board("bo").post(HERE, data=DRAFT)
    browser = board(name)

    assert browser.post(f"{HERE}/1/approve", data={"version": 0}).status_code == 403
    assert browser.post(f"{HERE}/1/publish", data={"version": 0}).status_code == 403
    with pytest.raises(SetupError, match="may not"), place.store.begin() as tx:
        tx.acts.approve(1, 0, Signer(name, "agent"), NOW)


def test_an_edit_voids_the_approval(board: As, place: Place) -> None:
    """Even by the one who wrote it, even of the link alone."""
    ana, bo = board("ana"), board("bo")
    ana.post(HERE, data=DRAFT)
    bo.post(f"{HERE}/1/approve", data={"version": 0})

    ana.post(f"{HERE}/1", data=DRAFT | {"url": "https://x.example/", "version": 0})

    assert (state(place)["approved_by"], state(place)["approved_at"]) == (None, None)
    assert bo.post(f"{HERE}/1/publish", data={"version": 1}).status_code == 400
    assert state(place)["at"] is None


def test_an_approval_of_what_was_changed_meanwhile_is_refused(board: As, place: Place) -> None:
    """Bo approves what Bo read, not what stands there now."""
    ana, bo = board("ana"), board("bo")
    ana.post(HERE, data=DRAFT)
    ana.post(f"{HERE}/1", data=DRAFT | {"text": "We are not sorry.", "version": 0})

    late = bo.post(f"{HERE}/1/approve", data={"version": 0})

    assert late.status_code == 409 and "ana has changed act 1" in late.text
    assert state(place)["approved_by"] is None


def test_two_edits_at_once(board: As, place: Place) -> None:
    """The second is told by whom, sees both texts, and loses nothing."""
    ana, bo = board("ana"), board("bo")
    ana.post(HERE, data=DRAFT)
    bo.post(f"{HERE}/1", data=DRAFT | {"text": "Bo's words.", "version": 0})

    late = ana.post(f"{HERE}/1", data=DRAFT | {"text": "Ana's words.", "version": 0})

    assert late.status_code == 409 and "bo has changed act 1" in late.text
    assert "Bo&#39;s words." in late.text and "Ana&#39;s words." in late.text
    assert state(place)["text"] == "Bo's words."


def test_what_is_out_stays_as_it_was_said(board: As, place: Place) -> None:
    """No edit, no second approval, no second time."""
    board("ana").post(HERE, data=DRAFT)
    bo = board("bo")
    bo.post(f"{HERE}/1/approve", data={"version": 0})
    bo.post(f"{HERE}/1/publish", data={"version": 0})
    before = state(place)

    for path in ("", "/approve", "/publish"):
        assert bo.post(f"{HERE}/1{path}", data=DRAFT | {"version": 0}).status_code == 400
    assert state(place) == before


def test_it_can_have_gone_out_no_sooner_than_it_was_approved(board: As, place: Place) -> None:
    """Nor later than now."""
    board("ana").post(HERE, data=DRAFT)
    bo = board("bo")
    bo.post(f"{HERE}/1/approve", data={"version": 0})

    early = bo.post(f"{HERE}/1/publish", data={"version": 0, "at": "2026-03-04T11:00"})
    assert early.status_code == 400
    bo.post(f"{HERE}/1/publish", data={"version": 0, "at": "2027-01-01T00:00"})
    assert state(place)["at"] == NOW


@pytest.mark.parametrize("said", [{"kind": "nix"}, {"text": "  "}, {"url": "javascript:alert(1)"}])
def test_words_that_are_none_are_refused(board: As, place: Place, said: dict[str, str]) -> None:
    """And nothing is kept."""
    assert board("ana").post(HERE, data=DRAFT | said).status_code == 400
    with place.store.read() as tx:
        assert tx.acts.of(1) == []


def test_an_act_is_found_only_in_its_own_incident(board: As, place: Place) -> None:
    """Another incident's address doesn't reach it."""
    from tests.factories import an_incident

    board("ana").post(HERE, data=DRAFT)
    with place.store.begin() as tx:
        tx.incidents.add(an_incident(slug="other"))

    bo = board("bo")
    assert bo.get("/i/other/acts/1").status_code == 404
    assert bo.post("/i/other/acts/1/approve", data={"version": 0}).status_code == 404
    assert bo.get(f"{HERE}/99999999999999999999").status_code == 404
    assert state(place)["approved_by"] is None


def test_a_promise_that_is_past_is_overdue(board: As, place: Place, clock: Clock) -> None:
    """Said in words."""
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").next_update_at = NOW + timedelta(minutes=20)

    assert "due in 20 min" in board("eve").get(HERE).text
    clock.now += timedelta(hours=1)
    assert "overdue by 40 min" in board("eve").get(HERE).text


def test_an_edit_and_an_approval_at_once(store: Store) -> None:
    """Whichever comes first, no words go out that nobody approved."""
    a_watch(store)
    for turn in range(1, 9):
        with store.begin() as tx:
            tx.acts.add(ActRow(incident_id=1, kind="apology", text="a", by="ana", recorded_at=NOW))
        gate, lost = Barrier(2), []

        def edit(act: int = turn, gate: Barrier = gate, lost: list[str] = lost) -> None:
            gate.wait()
            try:
                with store.begin() as tx:
                    tx.acts.edit(act, 0, Words("apology", "b"), "ana")
            except Conflict:
                lost.append("edit")

        def approve(act: int = turn, gate: Barrier = gate, lost: list[str] = lost) -> None:
            gate.wait()
            try:
                with store.begin() as tx:
                    tx.acts.approve(act, 0, BO, NOW)
            except Conflict:
                lost.append("approve")

        both = [Thread(target=edit), Thread(target=approve)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        with store.read() as tx:
            row = tx.acts.get(turn)
        assert (row.text, row.approved_by) == ("b", None)
        assert lost in ([], ["approve"])


def test_by_command(amends: Amends, incident: str) -> None:
    """The same rules: a name of the team, another one's words, the version that was read."""
    for name, role in (("ana", "agent"), ("bo", "lead")):
        amends("user", "add", name, "--role", role)
    ana, bo = {"AMENDS_USER": "ana"}, {"AMENDS_USER": "bo"}
    amends("act", "add", incident, "apology", "Sorry", "--at", "draft", **ana)

    assert "whoever writes it down" in amends("act", "add", incident, "apology", "Sorry", "--at", "draft",
                                     "--by", "cleo", **ana).err  # fmt: skip
    assert "may not" in amends("act", "approve", "1", "--version", "0", **ana).err
    assert "nobody of the team" in amends("act", "approve", "1", "--version", "0",
                                          AMENDS_USER="eve").err  # fmt: skip
    assert "nobody has approved" in amends("act", "publish", "1", "--version", "0", **bo).err
    assert amends("act", "approve", "1", "--version", "0", **bo).code == 0
    out = amends("act", "publish", "1", "--version", "0", "--url", "https://status.example/1",
                 "--next", "2030-01-01T10:00", **bo)  # fmt: skip
    assert out.code == 0

    (act,) = json.loads(amends("act", "list", incident, "--as", "json").out)
    assert (act["draft"], act["by"], act["approved_by"]) == (False, "ana", "bo")
    assert act["url"] == "https://status.example/1"
