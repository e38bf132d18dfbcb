"""What counts as one text, on the board and for programs: shown, changed, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.incident import Watch
from tests.amends.board.conftest import posts
from tests.models.test_clusters import CHANGED, FIRST, OTHER

As = Callable[[str | None], TestClient]


@pytest.fixture
def ids(place: Place, watch: Watch) -> list[int]:
    """Keep a complaint, its copy with a remark, and another complaint."""
    each = [(text, ("complaint",)) for text in (FIRST, CHANGED, OTHER)]
    return posts(place.store, watch, *each)


def alike(place: Place, post: int) -> int:
    """Return with how many others a post is together."""
    with place.store.read() as tx:
        (line,) = tx.queue.these(1, [post])
    return line.alike


def test_the_three_numbers_stand_together_on_the_incidents_page(as_: As, ids: list[int]) -> None:
    """And how far the widest text went, with a way to it."""
    page = as_("eve").get("/i/discs-late").text
    assert "3 posts, 1 voice, 2 distinct complaints" in page
    assert "2 posts by 1 voice say one thing (67 % of all)" in page
    assert f'href="/i/discs-late/p/{ids[0]}#alike"' in page


def test_a_post_is_set_apart_and_put_back_by_click(as_: As, place: Place, ids: list[int]) -> None:
    """Each form of the page does what its button says; the trail names who did it."""
    ana, address = as_("ana"), f"/i/discs-late/p/{ids[1]}"
    page = ana.get(address).text
    assert "This is no copy of the others" in page
    item = re.search(r'name="item" value="([0-9]+:[0-9]+)"', page)
    assert item is not None
    sent = ana.post("/i/discs-late/items/split", data={"item": item[1], "back": address})
    assert sent.status_code == 303 and alike(place, ids[1]) == 0
    page = ana.get(address).text
    assert "is no copy of the others" in page and "Take it back" in page and "ana split" in page
    item = re.search(r'name="item" value="([0-9]+:[0-9]+)"', page)
    number = re.search(r'name="number" value="([0-9]+)"', page)
    assert item is not None and number is not None
    data = {"item": item[1], "number": number[1], "back": address}
    assert ana.post("/i/discs-late/items/regroup", data=data).status_code == 303
    assert alike(place, ids[1]) == 1
    # A page that is old by now changes nothing.
    assert ana.post("/i/discs-late/items/split", data={"item": item[1]}).status_code == 409
    assert alike(place, ids[1]) == 1


@pytest.mark.parametrize("other", ["{}", "http://testserver/i/discs-late/p/{}#alike"])
def test_a_post_is_put_together_with_another(
    as_: As, place: Place, ids: list[int], other: str
) -> None:
    """By its number or by its address."""
    data = {"item": f"{ids[2]}:0", "other": other.format(ids[0])}
    assert as_("ana").post("/i/discs-late/items/merge", data=data).status_code == 303
    assert alike(place, ids[2]) == 2


@pytest.mark.parametrize("other", ["", "this one", "12; DROP TABLE item", "99999"])
def test_a_post_that_is_none_is_refused(as_: As, place: Place, ids: list[int], other: str) -> None:
    """With a sentence, and nothing is changed."""
    data = {"item": f"{ids[2]}:0", "other": other}
    assert 400 <= as_("ana").post("/i/discs-late/items/merge", data=data).status_code < 500
    assert alike(place, ids[2]) == 0


def test_whoever_may_only_look_sees_no_forms(as_: As, ids: list[int]) -> None:
    """Nor may they knock."""
    eve = as_("eve")
    assert "no copy of the others" not in eve.get(f"/i/discs-late/p/{ids[1]}").text
    data = {"item": f"{ids[1]}:0"}
    assert eve.post("/i/discs-late/items/split", data=data).status_code == 403


def test_programs_count_and_regroup(as_: As, place: Place, ids: list[int]) -> None:
    """The same numbers, the same deeds, under the same rules."""
    ana, root = as_("ana"), "/api/incidents/discs-late"
    found = ana.get(f"{root}/voices").json()
    assert (found["posts"], found["voices"], found["complaints"]) == (3, 1, 2)
    assert found["widest"]["post_id"] == ids[0]
    assert ana.get(f"{root}/voices", params={"day": "2026-03-03"}).json()["posts"] == 0
    said = ana.post(f"{root}/regroupings", json={"did": "split", "post_id": ids[1]}).json()
    assert said["did"] == "split" and said["by"] == "ana" and alike(place, ids[1]) == 0
    wish = {"did": "merge", "post_id": ids[2], "other_id": ids[1]}
    assert ana.post(f"{root}/regroupings", json=wish).status_code == 200
    assert [one["did"] for one in ana.get(f"{root}/regroupings").json()["items"]] == [
        "split",
        "merge",
    ]
    assert ana.post(f"{root}/regroupings/{said['id']}/undo").json()["undone_at"] is not None
    assert ana.post(f"{root}/regroupings/{said['id']}/undo").status_code == 404
    for wrong in ({"did": "merge", "post_id": 1}, {"did": "split", "post_id": 1, "other_id": 2}):
        assert ana.post(f"{root}/regroupings", json=wrong).status_code == 400
