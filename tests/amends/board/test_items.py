"""Work on items from the board: claim, decide, undo, correct, and two people at one item."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.incident import Watch
from models.store.queue import Sought
from tests.amends.board.conftest import Clock, posts
from tests.factories import NOW

Open = Callable[[str | None], TestClient]
ITEMS = "/i/discs-late/items"
QUEUE = "/i/discs-late/queue"


def do(browser: TestClient, what: str, *items: str, part: bool = False, **fields: Any) -> Any:
    """Send an action on items named `POST:VERSION`."""
    headers = {"x-part": "item"} if part else {}
    return browser.post(f"{ITEMS}/{what}", data={"item": list(items)} | fields, headers=headers)


def line(place: Place, number: int) -> Any:
    """Return an item as it is now."""
    with place.store.read() as tx:
        return tx.queue.line(1, number)


def audit(place: Place, number: int) -> list[tuple[str, str]]:
    """Return what was done to a post and by whom, oldest first."""
    with place.store.read() as tx:
        return [(row.by, row.did) for row in reversed(tx.audit.about(1, f"post:{number}"))]


@pytest.mark.both
def test_claimed_and_let_go(place: Place, watch: Watch, as_: Open) -> None:
    """The browser goes back to where it came from, and is told what was done."""
    (number,) = posts(place.store, watch, ("still no discs", ()))
    ana = as_("ana")

    answer = do(ana, "claim", f"{number}:0", back=f"{QUEUE}?source=x")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{QUEUE}?source=x&done=claim%3A1#p{number}"
    assert "1 post claimed." in ana.get(answer.headers["location"]).text
    assert (line(place, number).holder, line(place, number).seen_at) == ("ana", NOW)

    do(ana, "release", f"{number}:1")
    assert line(place, number).holder is None
    assert audit(place, number) == [("ana", "claimed"), ("ana", "released")]


@pytest.mark.parametrize(
    "back",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "", "i/x",
     "/i/x\r\nset-cookie: a=b", "///evil.example"],
)  # fmt: skip
def test_the_way_back_stays_inside(place: Place, watch: Watch, as_: Open, back: str) -> None:
    """Whatever a form says, nobody is sent elsewhere."""
    (number,) = posts(place.store, watch, ("still no discs", ()))

    answer = do(as_("ana"), "claim", f"{number}:0", back=back)
    assert answer.headers["location"].startswith(f"{QUEUE}?done=")


@pytest.mark.parametrize("decision", ["reply", "dismiss"])
def test_a_decision_closes(place: Place, watch: Watch, as_: Open, decision: str) -> None:
    """In bulk too, and it can be taken back in one go from where it is told."""
    ids = posts(place.store, watch, ("first words", ()), ("second words", ()), ("third", ()))
    ana = as_("ana")

    answer = do(ana, "decide", *(f"{one}:0" for one in ids), decision=decision)
    assert not any(line(place, one).open for one in ids)
    told = ana.get(answer.headers["location"]).text
    assert "3 posts" in told and f'value="{ids[0]}:1"' in told

    do(ana, "undo", *(f"{one}:1" for one in ids))
    assert all(line(place, one).open for one in ids)
    assert audit(place, ids[0]) == [("ana", "decided"), ("ana", "undid")]


@pytest.mark.parametrize("decision", ["follow", "escalate"])
def test_a_decision_that_keeps_it_open(
    place: Place, watch: Watch, as_: Open, decision: str
) -> None:
    """Whoever follows or escalates a post has it in hand from then on."""
    (number,) = posts(place.store, watch, ("still no discs", ()))

    do(as_("ana"), "decide", f"{number}:0", decision=decision)
    assert (line(place, number).open, line(place, number).holder) == (True, "ana")


@pytest.mark.both
def test_an_answer_keeps_its_link(place: Place, watch: Watch, as_: Open) -> None:
    """What we wrote and where stands in the history; only a web address is a link."""
    (number,) = posts(place.store, watch, ("still no discs", ()))
    ana = as_("ana")

    bad = do(ana, "decide", f"{number}:0", decision="reply", url="javascript:alert(1)")
    assert bad.status_code == 400 and line(place, number).open

    do(ana, "decide", f"{number}:0", decision="reply", note="We are sorry.", reply="7",
       url="https://x.example/answer/1")  # fmt: skip
    told = ana.get(f"/i/discs-late/p/{number}").text
    assert "We are sorry." in told and 'href="https://x.example/answer/1"' in told
    hidden = as_("eve").get(f"/i/discs-late/p/{number}").text
    assert "We are sorry." not in hidden and "x.example/answer" not in hidden


@pytest.mark.both
def test_two_people_at_one_item(place: Place, watch: Watch, as_: Open, clock: Clock) -> None:
    """One wins; the other is told who and when and sees it as it is; nothing of theirs is done."""
    first, other = posts(place.store, watch, ("still no discs", ()), ("other words", ()))
    ana, bo = as_("ana"), as_("bo")
    do(ana, "claim", f"{first}:0")
    clock.now += timedelta(minutes=1)

    late = do(bo, "decide", f"{first}:0", f"{other}:0", decision="dismiss", back=QUEUE)
    assert late.status_code == 409
    assert "ana was faster" in late.text and "4 Mar 12:00" in late.text
    assert f'data-post="{first}" data-version="1"' in late.text
    assert line(place, other).open and line(place, other).version == 0
    assert audit(place, other) == []

    held = do(bo, "decide", f"{first}:1", decision="dismiss")
    assert held.status_code == 409 and line(place, first).open

    part = do(bo, "claim", f"{first}:0", part=True)
    assert part.status_code == 409
    assert part.text.startswith("<article") and "<html" not in part.text
    assert 'role="alert"' in part.text and 'data-version="1"' in part.text


@pytest.mark.both
def test_who_changed_it_last_was_faster(place: Place, watch: Watch, as_: Open) -> None:
    """Whoever corrected or let it go is named, though they don't have it."""
    (number,) = posts(place.store, watch, ("still no discs", ()))
    do(as_("bo"), "correct", f"{number}:0", label="praise:1")

    late = do(as_("ana"), "claim", f"{number}:0")
    assert late.status_code == 409 and "bo was faster" in late.text


@pytest.mark.both
def test_a_script_gets_the_item_alone(place: Place, watch: Watch, as_: Open) -> None:
    """Those that changed, one after the other, as they are now."""
    ids = posts(place.store, watch, ("first words", ()), ("second words", ()))

    answer = do(as_("ana"), "claim", *(f"{one}:0" for one in ids), part=True, back=f"{QUEUE}?q=w")
    assert answer.status_code == 200
    assert re.findall(r'id="p(\d+)" data-post="\d+" data-version="(\d)"', answer.text) == [
        (str(one), "1") for one in ids
    ]
    assert f'name="back" value="{QUEUE}?q=w"' in answer.text


@pytest.mark.both
def test_a_correction_holds_at_once_for_all_that_say_the_same(
    place: Place, watch: Watch, as_: Open
) -> None:
    """It is a tag with the person's name, whoever has the item in hand."""
    one, same = posts(place.store, watch, *[("not paid out", ("complaint",))] * 2)
    do(as_("bo"), "claim", f"{one}:0")
    ana = as_("ana")

    do(ana, "correct", f"{one}:1", label="credit_request", put="1")
    do(ana, "correct", f"{one}:2", label="complaint:0")
    for number in (one, same):
        assert {name: held.by for name, held in line(place, number).labels.items()} == {
            "credit_request": "ana"
        }
    assert audit(place, one)[-2:] == [("ana", "tagged"), ("ana", "untagged")]
    assert line(place, one).holder == "bo"


@pytest.mark.both
def test_given_to_somebody(place: Place, watch: Watch, as_: Open) -> None:
    """Only to those who work on posts; who leads may take it out of another's hand."""
    (number,) = posts(place.store, watch, ("still no discs", ()))
    ana, bo = as_("ana"), as_("bo")

    assert do(ana, "assign", f"{number}:0", person="eve").status_code == 400
    assert do(ana, "assign", f"{number}:0", person="nobody-here").status_code in (400, 404)
    do(ana, "assign", f"{number}:0", person="root")
    assert line(place, number).holder == "root"
    assert do(ana, "release", f"{number}:1").status_code == 409
    assert do(bo, "release", f"{number}:1").status_code == 303


@pytest.mark.both
def test_looking_is_no_change_and_seen_is_said(place: Place, watch: Watch, as_: Open) -> None:
    """A GET marks nothing; the first look counts."""
    (number,) = posts(place.store, watch, ("still no discs", ()))
    ana = as_("ana")
    ana.get(QUEUE)
    ana.get(f"/i/discs-late/p/{number}")
    assert line(place, number).seen_at is None

    do(ana, "seen", f"{number}:0")
    assert (line(place, number).seen_at, line(place, number).version) == (NOW, 0)


@pytest.mark.parametrize("item", ["x", "1", "1:", ":1", "-1:0", "1:0:0", "9" * 30 + ":0", "1:0 "])
def test_what_names_no_item_is_refused(place: Place, watch: Watch, as_: Open, item: str) -> None:
    """And nothing breaks."""
    assert do(as_("ana"), "claim", item).status_code == 400


@pytest.mark.both
def test_an_item_of_another_incident_is_out_of_reach(place: Place, watch: Watch, as_: Open) -> None:
    """An incident's actions reach its own posts alone."""
    from tests.factories import an_incident

    (number,) = posts(place.store, watch, ("still no discs", ()))
    with place.store.begin() as tx:
        tx.incidents.add(an_incident(slug="other"))
    for what in ("claim", "correct"):
        answer = as_("ana").post(f"/i/other/items/{what}",
                                 data={"item": f"{number}:0", "label": "praise:1"})  # fmt: skip
        assert answer.status_code == 400
    with place.store.read() as tx:
        assert tx.queue.count(1, Sought(holder="ana")) == (0, True)
    assert line(place, number).labels == {}


@pytest.mark.parametrize(
    "what", ["claim", "release", "assign", "decide", "undo", "seen", "correct"]
)
def test_who_may_only_look_does_nothing(place: Place, watch: Watch, as_: Open, what: str) -> None:
    """Not even by hand."""
    (number,) = posts(place.store, watch, ("still no discs", ()))
    fields = {"decision": "dismiss", "label": "praise:1", "person": "ana"}

    assert do(as_("eve"), what, f"{number}:0", **fields).status_code == 403
    assert line(place, number).version == 0
