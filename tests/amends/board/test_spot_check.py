"""The spot check on the board: what is shown, what is kept, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi.testclient import TestClient

from amends.board.place import Place
from models.incident import Watch
from tests.amends.board.conftest import posts

Open = Callable[[str | None], TestClient]


def form(page: str) -> list[int]:
    """Return the posts a page asks about."""
    return [int(number) for number in re.findall(r'name="post" value="(\d+)"', page)]


def test_a_day_is_looked_at_and_its_counts_put_right(place: Place, watch: Watch, as_: Open) -> None:
    """Twelve complaints of which three are none, and three more that nobody had seen."""
    said = [(f"still no disc {n}", ("complaint",)) for n in range(12)]
    said += [(f"hello {n}", ()) for n in range(12)]
    ids = posts(place.store, watch, *said)
    truth = {*ids[3:12], *ids[12:15]}
    ana = as_("ana")
    page = ana.get("/i/discs-late/spot").text
    assert "too few looked at" in page and "<mark" not in page and "checked" not in page
    for _ in range(10):
        asked = form(page)
        if not asked:
            break
        carries = [f"{number}:complaint" for number in asked if number in truth]
        sent = {"post": asked, "carries": carries, "day": "2026-03-04"}
        answer = ana.post("/i/discs-late/spot", data=sent)
        page = ana.get(answer.headers["location"]).text
    row = re.search(r'<tr data-label="complaint">(.*?)</tr>', page, re.DOTALL)
    assert row and "12, between 12 and 12" in row[1] and "24 of 24" in row[1]
    with place.store.read() as tx:
        held = tx.views.labels(ids)
    assert {number for number in ids if "complaint" in held.get(number, {})} == truth


def test_who_may_only_look_checks_nothing(place: Place, watch: Watch, as_: Open) -> None:
    """Nor sees what is asked."""
    (post,) = posts(place.store, watch, ("hello", ()))
    eve = as_("eve")
    assert eve.get("/i/discs-late/spot").status_code == 403
    sent = {"post": [post], "day": "2026-03-04", "carries": [f"{post}:praise"]}
    assert eve.post("/i/discs-late/spot", data=sent).status_code == 403


def test_what_names_no_day_no_post_or_no_label_is_refused(
    place: Place, watch: Watch, as_: Open
) -> None:
    """In a sentence."""
    (post,) = posts(place.store, watch, ("hello", ()))
    ana = as_("ana")
    assert ana.get("/i/discs-late/spot?day=soon").status_code == 400
    for bad in ({"day": "x"}, {"post": ["1 OR 1"]}, {"carries": [f"{post}:fraud"]}):
        sent = {"post": [post], "day": "2026-03-04"} | bad
        assert ana.post("/i/discs-late/spot", data=sent).status_code in (400, 404)
