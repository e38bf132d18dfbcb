"""The JSON API: the same views as the board's, for programs with a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.place import Place
from models.coverage import Span
from models.incident import Watch
from tests.amends.board.conftest import ORIGIN, TEAM, posts
from tests.factories import NOW

Caller = Callable[..., Any]
HERE = "/api/incidents/discs-late"


@pytest.fixture
def call(place: Place, watch: Watch) -> Caller:
    """Return a function that asks as one of the team, with a token."""
    app, tokens = board(place), {}
    with place.store.begin() as tx:
        for name, role in TEAM.items():
            person = tx.people.add(name, role, NOW)
            for scope in ("read", "write"):
                until = NOW + timedelta(days=1)
                tokens[name, scope] = tx.people.grant(person, "test", scope, NOW, until)[1]
    client = TestClient(app)

    def ask(name: str | None, method: str, path: str, *, scope: str = "write", **more: Any) -> Any:
        headers = {"authorization": f"Bearer {tokens[name, scope]}"} if name else ORIGIN
        return client.request(method, path, headers=headers, **more)

    return ask


def test_a_leaf_goes_on_behind_the_last_line(call: Caller, place: Place, watch: Watch) -> None:
    """By an opaque cursor; nothing twice, nothing missing, and one after the end is refused kindly."""
    ids = posts(place.store, watch, *[(f"post number {n}", ()) for n in range(5)])

    for noun, key in (("items", "post_id"), ("posts", "id")):
        seen, after = [], {}
        while True:
            got = call("ana", "GET", f"{HERE}/{noun}", params={"limit": 2, **after}).json()
            seen += [one[key] for one in got["items"]]
            if got["next"] is None:
                break
            after = {"after": got["next"]}
        assert seen == ids

    bad = call("ana", "GET", f"{HERE}/items", params={"after": "nonsense"})
    assert bad.status_code == 400 and "none of ours" in bad.json()["error"]
    assert call("ana", "GET", f"{HERE}/items", params={"limit": 201}).status_code == 422


def test_filters_are_those_of_the_queue(call: Caller, place: Place, watch: Watch) -> None:
    """A filter nobody knows is refused, not left out."""
    _, angry = posts(place.store, watch, ("is it back", ()), ("still down", ("complaint",)))

    def found(**sought: str) -> list[int]:
        got = call("ana", "GET", f"{HERE}/items", params=sought).json()
        return [one["post_id"] for one in got["items"]]

    assert found(label="complaint") == found(search="STILL") == [angry]
    assert call("ana", "GET", f"{HERE}/items", params={"labl": "x"}).status_code == 422
    assert call("ana", "GET", f"{HERE}/items", params={"label": "nix"}).status_code == 404


def test_two_programs_and_one_item(call: Caller, place: Place, watch: Watch) -> None:
    """One wins; the other hears who, and when."""
    (post,) = posts(place.store, watch, ("where is my credit", ()))
    wish = {"items": [{"post_id": post, "version": 0}]}

    assert call("ana", "POST", f"{HERE}/items/claim", json=wish).status_code == 200
    lost = call("bo", "POST", f"{HERE}/items/claim", json=wish)

    assert lost.status_code == 409
    assert (lost.json()["by"], lost.json()["at"]) == ("token:ana", NOW.isoformat())


def test_a_verdict_is_made_listed_and_taken_back(call: Caller, place: Place, watch: Watch) -> None:
    """And the audit trail says that a token was used, and whose."""
    (post,) = posts(place.store, watch, ("where is my credit", ()))
    item = {"post_id": post, "version": 0}
    reply = {"items": [item], "decision": "reply", "url": "https://x.example/1"}

    assert call("ana", "POST", f"{HERE}/verdicts", json=reply).status_code == 201
    (said,) = call("ana", "GET", f"{HERE}/verdicts").json()["items"]
    assert (said["decision"], said["by"], said["url"]) == ("reply", "ana", "https://x.example/1")
    assert call("ana", "GET", f"{HERE}/items").json()["items"] == []

    undone = call("ana", "POST", f"{HERE}/verdicts/undo", json=item | {"version": 1})
    assert undone.json() == {"decision": "reply"}
    with place.store.read() as tx:
        trail = [(row.by, row.did) for row in tx.audit.of(1, NOW, NOW + timedelta(1))]
    assert trail == [("token:ana", "decided"), ("token:ana", "undid")]


def test_a_correction_is_a_tag_with_a_name(call: Caller, place: Place, watch: Watch) -> None:
    """A post of no watch of this incident can't be corrected through it."""
    (post,) = posts(place.store, watch, ("where is my money", ()))
    wish = {"post_ids": [post], "label": "credit_request"}

    assert call("ana", "POST", f"{HERE}/tags", json=wish).json() == {"changed": 1}
    assert call("ana", "POST", f"{HERE}/tags", json=wish).json() == {"changed": 0}
    (tag,) = call("eve", "GET", f"{HERE}/tags", params={"by": "ana"}).json()["items"]
    assert (tag["label"], tag["put"], tag["holds"]) == ("credit_request", True, True)

    assert (
        call("ana", "POST", f"{HERE}/tags", json=wish | {"post_ids": [post, 99]}).status_code == 404
    )
    assert call("ana", "POST", f"{HERE}/tags", json=wish | {"label": "nix"}).status_code == 404


def test_handles_are_hidden_from_those_who_may_only_look(
    call: Caller, place: Place, watch: Watch
) -> None:
    """Name, link, ids and what is said to whom; nor can they be searched for."""
    (post,) = posts(
        place.store, watch, ("@cleo_b and @dre: no credit", ("credit_request",)), author="cleo",
        author_id="77", url="https://x.example/cleo/1",
    )  # fmt: skip
    day = f"{NOW:%Y-%m-%d}"

    for path in ("items", f"items/{post}", "posts", f"posts/{post}", f"digests/{day}"):
        seen = call("eve", "GET", f"{HERE}/{path}", scope="read").text
        assert "no credit" in seen and "cleo" not in seen and "@dre" not in seen
        assert "cleo" in call("ana", "GET", f"{HERE}/{path}").text
    for path in ("items", "posts"):
        found = call("eve", "GET", f"{HERE}/{path}", params={"search": "cleo"}).json()
        # The text says so too, so only the author's name is out of reach.
        assert len(found["items"]) == 1
        (other,) = posts(place.store, watch, ("nothing here", ()), author="dre_only")
        found = call("eve", "GET", f"{HERE}/{path}", params={"search": "dre_only"}).json()
        assert found["items"] == [] and other


def test_watches_say_how_well_they_listen(call: Caller, place: Place, watch: Watch) -> None:
    """State, holes, what is lost, and what was spent."""
    span = Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    with place.store.begin() as tx:
        tx.holes.put(watch.id, "h", span, "chain", NOW)
        tx.holes.lose(watch.id, Span(span.since, span.since + timedelta(minutes=5)), "too old", NOW)
        tx.watches.spend(watch.id, 3, 40, NOW)
        tx.watches.went_on(watch.id, None, "b", NOW)

    (one,) = call("eve", "GET", f"{HERE}/watches").json()["items"]

    assert (one["state"], one["lost_seconds"]) == ("capped", 300)
    assert one["holes"][0]["until"] == span.until.isoformat().replace("+00:00", "Z")
    assert one["lost"][0]["why"] == "too old"
    assert one["spent"] == {"requests": 3, "requests_a_day": None, "reads": 40, "reads_a_day": None}


def test_a_watch_is_paused_resumed_and_removed(call: Caller, watch: Watch) -> None:
    """By a lead, in its own incident only."""
    path = f"{HERE}/watches/{watch.id}"

    assert call("ana", "PATCH", path, json={"paused": True}).status_code == 403
    assert call("bo", "PATCH", path, json={"paused": True}).json()["state"] == "paused"
    assert call("bo", "PATCH", path, json={"paused": False}).json()["paused_at"] is None
    other = call("bo", "POST", "/api/incidents", json={"title": "Other", "company": "Reelpost"})
    assert call("bo", "DELETE", f"/api/incidents/other/watches/{watch.id}").status_code == 404
    assert other.status_code == 201
    assert call("bo", "DELETE", path).status_code == 204
    assert call("bo", "GET", path).status_code == 404


def test_a_program_names_no_file_on_this_machine(call: Caller, place: Place) -> None:
    """A watch on a file would read whatever the server may read."""
    from ingest.sources.file import source

    place.sources["file"] = source  # type: ignore[index]

    got = call("bo", "POST", f"{HERE}/watches", json={"source": "file", "address": "/etc/passwd"})

    assert got.status_code == 400


def test_an_incident_is_changed_closed_and_reopened(call: Caller) -> None:
    """What can't be read is refused, and then nothing is changed."""
    got = call("bo", "PATCH", HERE, json={"hours": "Mon-Fri 08:00-20:00", "look_within": 15,
                                         "next_update_at": "2026-03-04T15:00:00+01:00"}).json()  # fmt: skip
    assert (got["look_within"], got["next_update_at"]) == (15, "2026-03-04T14:00:00Z")
    assert call("bo", "PATCH", HERE, json={"next_update_at": None}).json()["next_update_at"] is None
    assert (
        call("bo", "PATCH", HERE, json={"hours": "eight to five", "look_within": 5}).status_code
        == 400
    )
    assert call("eve", "GET", HERE).json()["look_within"] == 15
    assert call("bo", "PATCH", HERE, json={"closed": True}).json()["status"] == "resolved"
    assert call("eve", "GET", "/api/incidents", params={"closed": "false"}).json()["items"] == []


def test_a_draft_goes_out_by_two_people_and_no_token_approves(call: Caller) -> None:
    """Programs may write drafts."""
    draft = call("ana", "POST", f"{HERE}/acts", json={"kind": "apology", "text": "We are sorry."})
    assert draft.status_code == 201
    path = f"{HERE}/acts/{draft.json()['id']}"

    assert call("bo", "POST", f"{path}/approve", json={"version": 0}).status_code == 400
    assert call("bo", "POST", f"{path}/publish", json={"version": 0}).status_code == 400
    edited = call("ana", "PUT", path, json={"kind": "apology", "text": "Sorry!", "version": 0})
    assert edited.json()["version"] == 1
    stale = call("bo", "PUT", path, json={"kind": "apology", "text": "Old.", "version": 0})
    assert stale.status_code == 409 and stale.json()["by"] == "ana"


def test_saved_replies_are_kept_by_leads(call: Caller) -> None:
    """With known fields, and nobody's change overwritten."""
    new = {"title": "Credit", "text": "Hi {author}, {credit} is yours.", "label": "credit_request"}

    assert call("ana", "POST", "/api/replies", json=new).status_code == 403
    kept = call("bo", "POST", "/api/replies", json=new).json()
    assert kept["fields"] == ["author", "credit"]
    assert call("bo", "POST", "/api/replies", json=new | {"text": "{nix}"}).status_code == 404

    path, seen = f"/api/replies/{kept['id']}", {"seen": kept["at"]}
    assert call("bo", "PUT", path, json=new | {"text": "New."} | seen).status_code == 200
    assert call("root", "PUT", path, json=new | seen).status_code == 409
    assert call("root", "DELETE", path, params=seen).status_code == 409
    (now,) = call("eve", "GET", "/api/replies", params={"label": "praise"}).json()["items"] or [
        None
    ]
    assert now is None


@pytest.mark.parametrize("name", [None, "eve", "ana"])
def test_nobody_does_more_than_their_role(call: Caller, place: Place, name: str | None) -> None:
    """Every write, by its own words about whom it is for; a reading token writes nothing."""
    ranks = {None: 0, "viewer": 1, "agent": 2, "lead": 3}
    mine = ranks[TEAM.get(name or "") or None]
    schema = call(None, "GET", "/api/openapi.json").json()
    tried = 0
    for path, ways in schema["paths"].items():
        for method, said in ways.items():
            filled = path.format(slug="discs-late", post_id=1, watch_id=1, act_id=1, reply_id=1, regrouping_id=1, alarm_id=1, campaign_id=1,
                                 day="2026-03-04")  # fmt: skip
            code = call(name, method.upper(), filled, json={}).status_code
            if name is None:
                assert code == 401
            elif ranks[said["x-role"]] > mine:
                assert code == 403
            else:
                assert code not in (401, 403)
            if name is not None and method != "get":
                assert call(name, method.upper(), filled, scope="read", json={}).status_code == 403
            tried += 1
    assert tried >= 25
