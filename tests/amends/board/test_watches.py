"""Watches added with a preview, changed, paused and removed from the board."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from ingest.registry import all_sources
from models.coverage import Span
from models.hole import HoleRow
from models.incident import Watch, WatchRow
from models.store import Store
from tests.amends.board.conftest import Clock, no_classifier
from tests.factories import NOW
from tests.fake import Fake

As = Callable[[str | None], TestClient]


class Asked:
    """The way to a fake source."""

    def __init__(self, fake: Fake) -> None:
        self.ask = fake.fetch


@pytest.fixture
def fake() -> Fake:
    """Return a source that says what the test writes."""
    return Fake()


@pytest.fixture
def place(lite: Store, tmp_path: Any, clock: Clock, fake: Fake) -> Place:
    """Return a place with that source, the one for files, and x."""
    from classify.labels import Labels

    known = all_sources()
    return Place(
        store=lite, home=tmp_path, labels=Labels.load(None), classifier=no_classifier, now=clock,
        sources={"fake": fake, "file": known["file"], "x": known["x"]},
        asker=lambda: nullcontext(Asked(fake)),
    )  # fmt: skip


def kept(place: Place) -> list[WatchRow]:
    """Return the incident's watches."""
    with place.store.read() as tx:
        return tx.watches.of(1, once=None)


def audit(place: Place) -> list[tuple[str, str, str]]:
    """Return what was done to which thing by whom."""
    with place.store.read() as tx:
        rows = tx.audit.of(1, NOW - timedelta(days=1), NOW + timedelta(days=1))
        return [(row.did, row.about, row.by) for row in rows]


def test_a_preview_shows_three_posts_and_keeps_nothing(
    place: Place, watch: Watch, as_: As, fake: Fake
) -> None:
    """One question; neither posts nor watch nor bookmark are kept, and nobody is told."""
    fake.says("5 posts, more")

    answer = as_("bo").post("/i/discs-late/watches/add", data={"source": "fake", "terms": "discs"})

    assert answer.status_code == 200 and "Nothing is kept so far" in answer.text
    assert answer.text.count("<li dir") == 3 and len(fake.asked) == 1
    assert [one.id for one in kept(place)] == [watch.id] and audit(place) == []
    with place.store.read() as tx:
        assert tx.views.count(1) == 0


def test_saving_keeps_it(place: Place, watch: Watch, as_: As, fake: Fake) -> None:
    """With its terms, canary and budget; asking for the same twice is one watch."""
    said = {"source": "fake", "terms": "discs, “late discs”", "canary": "the", "do": "save",
            "requests_a_day": "500"}  # fmt: skip
    browser = as_("bo")

    for _ in range(2):
        answer = browser.post("/i/discs-late/watches/add", data=said)
        assert (answer.status_code, answer.headers["location"]) == (303, "/i/discs-late#sources")

    _, one = kept(place)
    assert (one.source, one.terms, one.canary, one.requests_a_day) == (
        "fake", ["discs", "“late discs”"], "the", 500)  # fmt: skip
    assert fake.asked == [] and audit(place)[0] == ("added", "watch:2", "bo")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"source": "fale"}, "did you mean fake?"),
        ({"source": "file", "address": "/etc/passwd"}, "no source called “file”"),
        ({"source": "fake", "requests_a_day": "many"}, "is no number of requests"),
        ({"source": "fake", "reads_a_day": "5"}, "charges nothing for a post"),
        ({"source": "fake", "settings": "colour=red"}, "has no setting"),
        ({"source": "x", "terms": "a" * 5000}, "terms"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "save"])
def test_what_cant_be_is_said(
    place: Place, watch: Watch, as_: As, said: dict[str, str], why: str, do: str
) -> None:
    """In the form, which keeps what was typed; this machine's own files are not to be had."""
    answer = as_("bo").post("/i/discs-late/watches/add", data=said | {"do": do})

    assert answer.status_code == 400 and why in answer.text
    assert len(kept(place)) == 1


@pytest.mark.parametrize("word", ["refused", "html", "429 in 900s"])
def test_a_source_that_says_no_is_told(
    place: Place, watch: Watch, as_: As, fake: Fake, word: str
) -> None:
    """As a sentence, and what was typed is still there."""
    fake.says(word)

    answer = as_("bo").post("/i/discs-late/watches/add", data={"source": "fake", "terms": "my own"})

    assert answer.status_code == 400 and 'role="alert"' in answer.text and "my own" in answer.text


def test_pause_resume_remove(place: Place, watch: Watch, as_: As) -> None:
    """Each shows on the incident's page, and stands in the audit trail."""
    browser, path = as_("bo"), f"/i/discs-late/watches/{watch.id}"

    def due() -> int:
        with place.store.read() as tx:
            return len(tx.watches.due(1, NOW))

    assert browser.post(f"{path}/pause").headers["location"] == path and due() == 0
    assert "a person paused it" in browser.get("/i/discs-late").text
    browser.post(f"{path}/resume")
    assert due() == 1
    browser.post(f"{path}/remove")
    assert kept(place) == [] and browser.get(path).status_code == 404
    assert [did for did, _, by in audit(place) if by == "bo"] == ["paused", "resumed", "removed"]


def test_a_watch_belongs_to_its_incident(place: Place, watch: Watch, as_: As) -> None:
    """Through another incident's address nobody reaches it."""
    from tests.factories import an_incident

    with place.store.begin() as tx:
        tx.incidents.add(an_incident(slug="other"))
    browser = as_("bo")

    assert browser.post(f"/i/other/watches/{watch.id}/remove").status_code == 404
    assert browser.get(f"/i/other/watches/{watch.id}").status_code == 404
    assert len(kept(place)) == 1


def seen(browser: TestClient, path: str) -> dict[str, str]:
    """Return the fields of a watch's form."""
    return dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', browser.get(path).text))


def test_canary_and_budgets(place: Place, watch: Watch, as_: As) -> None:
    """Given, seen, taken away; of two who change it one hears of the other."""
    browser, path = as_("bo"), f"/i/discs-late/watches/{watch.id}"
    with place.store.begin() as tx:
        tx.watches.in_trouble(watch.id, "spent", "today's budget is spent", NOW, None)
    before = seen(browser, path)

    said = before | {"canary": "the", "requests_a_day": "90", "reads_a_day": "1000"}
    assert browser.post(f"{path}/change", data=said).status_code == 303
    (row,) = kept(place)
    assert (row.canary, row.requests_a_day, row.reads_a_day) == ("the", 90, 1000)
    assert row.trouble_kind is None
    assert "0 of 90 requests" in browser.get("/i/discs-late").text

    assert as_("root").post(f"{path}/change", data=before).status_code == 409
    assert browser.post(f"{path}/change", data=seen(browser, path) | {"reads_a_day": "x"}
                        ).status_code == 400  # fmt: skip
    after = seen(browser, path) | {"canary": "", "requests_a_day": ""}
    browser.post(f"{path}/change", data=after)
    (row,) = kept(place)
    assert (row.canary, row.requests_a_day, row.reads_a_day) == (None, None, 1000)


def test_its_page_names_holes_and_losses(place: Place, watch: Watch, as_: As) -> None:
    """To everybody, and the ways to change it to those who may."""
    with place.store.begin() as tx:
        tx.holes.lose(watch.id, Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1)),
                      "it was gone before it could be read", NOW)  # fmt: skip
        tx.session.add(HoleRow(watch_id=watch.id, key="k", since=NOW - timedelta(minutes=9),
                               until=NOW, why="200 answers were taken", opened_at=NOW))  # fmt: skip

    page = as_("eve").get(f"/i/discs-late/watches/{watch.id}").text

    assert "Lost for good" in page and "4 Mar 10:00 to 4 Mar 11:00: it was gone" in page
    assert (
        "Still to be read" in page
        and "<form" not in page.partition("<main")[2].partition("</main>")[0]
    )
    assert "1 still to be read, 1 lost (60 min)" in as_("eve").get("/i/discs-late").text
