"""Did it work: the page anybody may read, its chart, and the same numbers for programs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.campaign import ActRow
from tests.amends.board.conftest import Clock
from tests.amends.test_effect import END, OUT, Campaign
from tests.factories import NOW

As = Callable[[str | None], TestClient]
HOSTILE = "</title><script>alert(1)</script>"
HERE = "/i/discs-late/acts/1/effect"


@pytest.fixture
def told(place: Place, clock: Clock) -> Campaign:
    """Return a mail after which half as many ask for a credit, a day and a half later."""
    scene = Campaign(place.store)
    scene.act(text=f"We mailed all {HOSTILE}")
    clock.now = END
    return scene


def test_the_page_says_it_draws_it_and_lists_it(told: Campaign, as_: As) -> None:
    """A sentence, a chart without scripts or styles, and a row for every hour; acts lead to it."""
    eve = as_("eve")
    page, acts = eve.get(HERE), eve.get("/i/discs-late/acts").text
    effect = told.effect(1, now=END)

    assert page.status_code == 200 and effect.said in page.text
    svg = page.text.partition("<svg")[2].partition("</svg>")[0]
    assert svg.count("<polygon") == 1 and svg.count("<polyline") == 2 and "style" not in svg
    assert svg.count("<rect") == sum(bool(one.voices) for one in effect.hours)
    assert page.text.count('<tr><th scope="row">') == len(effect.hours) + 2
    assert "<script>alert" not in page.text and HERE in acts


def test_other_labels_and_what_there_is_not(told: Campaign, as_: As) -> None:
    """Each label has its own verdict; a draft, a label or an act there isn't is told, not a crash."""
    eve = as_("eve")
    with told.store.begin() as tx:
        tx.acts.add(ActRow(incident_id=1, kind="apology", text="sorry", recorded_at=NOW, by="ana"))

    assert (
        "It can’t be said what the mail batch did to complaints"
        in eve.get(f"{HERE}?label=complaint").text
    )
    assert eve.get(f"{HERE}?label=joy").status_code in (400, 404)
    assert eve.get(HERE.replace("/1/", "/2/")).status_code == 400
    assert eve.get(HERE.replace("/1/", "/99/")).status_code == 404


def test_programs_get_every_number(told: Campaign, as_: As) -> None:
    """The API answers the value as it is, on the labels that want an answer or on the one asked for."""
    eve = as_("eve")
    path = "/api/incidents/discs-late/acts/1/effect"
    both, one = eve.get(path).json(), eve.get(path, params={"label": "credit_request"}).json()

    assert [each["label"] for each in both] == ["complaint", "credit_request"]
    assert one == both[1:] and one[0]["verdict"] == "fewer"
    assert one[0]["change"] == told.effect(1, now=END).change
    assert re.match(r"2026-03-06T04:00:00", one[0]["at"]) and OUT.hour == 4


def test_who_spoke_first(told: Campaign, as_: As) -> None:
    """A table on the board, and the same for programs."""
    eve = as_("eve")
    page, lines = eve.get("/i/discs-late/clock"), eve.get("/api/incidents/discs-late/clock").json()

    assert page.status_code == 200 and "First public word" in page.text
    assert page.text.count('<th scope="row">') == len(lines) == 8
    assert {line["what"]: line["at"] for line in lines}["mail"] == "2026-03-06T04:00:00Z"
