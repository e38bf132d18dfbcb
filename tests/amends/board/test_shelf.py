"""The shelf and the recovery on the board and for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from amends.course import closed
from models.campaign import ActRow
from models.incident import Watch
from models.store.items import Seen, Verdict
from tests.amends.board.conftest import Clock, posts
from tests.factories import NOW

As = Callable[[str | None], TestClient]
HERE, API = "/i/discs-late/shelf", "/api/shelf"
EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def eve(as_: As, watch: Watch) -> TestClient:
    """Return the browser of somebody who may only look, on a board with an incident."""
    return as_("eve")


def test_the_page_says_what_isnt_measured(eve: TestClient) -> None:
    """Credit leads to it; the record stands in a table of its own, without scripts."""
    assert f'href="{HERE}"' in eve.get("/i/discs-late/credit").text
    text = eve.get(HERE).text
    assert "From the public record, not measured here" in text and "consumerist.com" in text
    assert text.count("<table>") == 2 and "style=" not in text


def test_an_offer_is_held_against_it(eve: TestClient) -> None:
    """With where it stands; what can't be meant stays in the form with a sentence."""
    text = eve.get(HERE, params={"like": "3 % or 5 %", "hours": "11", "how": "automatic"}).text
    assert "5 % for 11 h is 0.46 % for each hour down, 3.3 times the time lost" in text
    assert "the same offer; as long down; automatic too" in text and 'value="3 % or 5 %"' in text
    for wrong in ({"like": EVIL}, {"hours": "<script>alert"}, {"how": "pigeon"}, {"hours": "nan"}):
        said = eve.get(HERE, params=wrong)
        assert said.status_code == 400 and 'role="alert"' in said.text
        assert "<script>alert" not in said.text


def test_what_was_brought_in_is_only_words(eve: TestClient, place: Place) -> None:
    """Whatever a file says."""
    (place.home / "shelf.jsonl").write_text(
        '{"name":"a","title":"' + EVIL + '","kind":"brought in","hours":2,"offers":["3 %"],'
        '"said":"' + EVIL + '","source":"' + EVIL + '","how":"link"}\n')  # fmt: skip
    text = eve.get(HERE).text
    assert "&lt;script&gt;alert(1)" in text and "<script>alert" not in text and "\u202e" not in text
    assert "Brought in from a file, not measured here" in text


def test_programs_get_the_same(eve: TestClient) -> None:
    """All precedents with their scale, the nearest by name; an incident fills in its hours."""
    said = eve.get(API, params={"like": "5 %", "hours": 11}).json()
    assert len(said["precedents"]) == 8 and said["nearest"][0]["name"] == "netflix-2008-03"
    (one,) = [row for row in said["precedents"] if row["name"] == "netflix-2008-03"]
    assert (one["percent_an_hour"], one["times_lost"], one["percents"]) == (0.455, 3.3, [5.0])
    assert one["note"] == "from the public record, not measured here"
    filled = eve.get(API, params={"like": "5 %", "incident": "discs-late"}).json()
    assert filled["proposal"]["hours"] == 0.1
    assert eve.get(API).json()["nearest"] == []
    assert eve.get(API, params={"like": "much"}).status_code == 400
    assert eve.get(API, params={"likes": "5 %"}).status_code == 422
    assert eve.get(API, params={"incident": "nowhere"}).status_code == 404


def test_who_came_back(as_: As, place: Place, watch: Watch, clock: Clock) -> None:
    """On a page the clock leads to, and for programs."""
    (one,) = posts(place.store, watch, ("no discs", ("complaint",)))
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").began = NOW - timedelta(hours=1)
        tx.items.decide(1, [Seen(one, 0)], Verdict("reply"), "ana", NOW)
    clock.now += timedelta(hours=30)
    eve = as_("eve")
    said = eve.get("/api/incidents/discs-late/recovery").json()
    assert (said["complained"], said["turns"]["silent"], said["turns"]["never"]) == (1, 1, 0)
    assert said["compared"] is None and not said["sure"]
    page = eve.get("/i/discs-late/recovery").text
    assert "1 said nothing for 24 hours or more" in page and page.count('<th scope="row">') == 6
    assert 'href="/i/discs-late/recovery"' in eve.get("/i/discs-late/clock").text


def test_what_is_over_is_measured_once_an_hour(
    as_: As, place: Place, watch: Watch, clock: Clock
) -> None:
    """A page that is opened often doesn't read all posts again; what changed is there after an hour."""
    with place.store.begin() as tx:
        closed(tx, tx.incidents.find("discs-late"), by="bo", now=NOW)

    def word() -> int | None:
        rows: list[dict[str, int | None]] = as_("eve").get(API).json()["precedents"]
        return rows[0]["first_word"]

    assert word() is None
    with place.store.begin() as tx:
        row = tx.incidents.find("discs-late")
        tx.acts.add(ActRow(incident_id=row.id or 0, kind="apology", text="sorry", at=NOW, by="ana",
                           recorded_at=NOW))  # fmt: skip
    assert word() is None
    clock.now += timedelta(hours=1)
    assert word() == 0
