"""The page of an incident, and its digest, as each role sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.campaign import ActRow
from models.coverage import Span
from models.incident import Watch
from tests.amends.board.conftest import Clock, posts
from tests.factories import NOW, a_watch

As = Callable[[str | None], TestClient]
HOSTILE = "<script>alert(1)</script>\u202e\x00 \"'><img src=x onerror=alert(2)>"
MINUTE = timedelta(minutes=1)


def line(page: str) -> str:
    """Return the state line of a page."""
    found = re.search(r'id="line">(.*?)</p>', page)
    assert found is not None
    return found[1]


def listens(place: Place, watch: Watch, until: object = NOW) -> None:
    """Let a watch have heard everything since the incident began, up to a moment."""
    with place.store.begin() as tx:
        row = tx.incidents.find("discs-late")
        row.began = NOW - timedelta(hours=3)
        tx.coverage.add(watch.id, Span(row.began, until))  # type: ignore[arg-type]
        tx.watches.went_on(watch.id, None, "b", NOW)


def test_it_says_what_goes_on(place: Place, watch: Watch, as_: As) -> None:
    """What is said now, what waits, what we did, how well we hear: posts and authors together."""
    listens(place, watch)
    posts(place.store, watch, *[("playback fails on my tv", ("complaint",))] * 6)
    posts(place.store, watch, ("I want my money back", ("credit_request",)), author="dre")
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").next_update_at = NOW + 25 * MINUTE
        tx.acts.add(ActRow(incident_id=1, kind="apology", text="We are sorry", by="ana",
                           at=NOW - 30 * MINUTE, recorded_at=NOW))  # fmt: skip

    page = as_("eve").get("/i/discs-late").text

    assert line(page).startswith("7 new posts by 2 authors in 15 min, none in the hour before")
    assert line(page).endswith("x complete.")
    assert "1 post by 1 author, the oldest since 4 Mar 11:59" in page
    assert "apology: We are sorry" in page and "promised for 4 Mar 12:25: in 25 min" in page
    assert 'class="live"' in page and "at least" not in page


def test_at_least_where_a_source_is_behind(place: Place, watch: Watch, as_: As) -> None:
    """In the line, in today's counts and in the hour it touches, and nowhere else."""
    listens(place, watch, until=NOW - 10 * MINUTE)
    posts(place.store, watch, *[("still down", ("complaint",))] * 6)

    page = as_("eve").get("/i/discs-late").text

    assert line(page).startswith("At least 6 new posts by at least 1 author")
    assert "x 10 min behind" in line(page)
    assert "at least <strong>6</strong> posts by at least 1 author" in page
    rows = re.findall(r'<th scope="row">(4 Mar \d\d:00)</th><td class="number">(at least )?', page)
    assert [hour for hour, floor in rows if floor] == ["4 Mar 11:00"]


def test_today_says_at_least_exactly_where_the_digest_does(
    place: Place, watch: Watch, as_: As
) -> None:
    """A hole of this morning is enough; one of yesterday is not."""
    listens(place, watch)
    posts(place.store, watch, ("still down", ("complaint",)))
    browser = as_("eve")
    assert "at least" not in browser.get("/i/discs-late").text
    assert "at least" not in browser.get("/i/discs-late/digest").text

    deaf = a_watch(place.store, source="mastodon", incident_id=1, terms=["reelpost"])
    with place.store.begin() as tx:
        tx.coverage.add(deaf.id, Span(NOW - timedelta(hours=2), NOW))
        tx.watches.went_on(deaf.id, None, "b", NOW)

    page = browser.get("/i/discs-late").text
    assert "at least <strong>1</strong>" in page and not line(page).startswith("At least")
    assert "mastodon complete since 10:00" in line(page)
    assert "at least" in browser.get("/i/discs-late/digest").text


def test_a_stranger_logs_in_first_and_a_viewer_sees_no_names(
    place: Place, watch: Watch, as_: As
) -> None:
    """Neither a handle nor a link to it, on the page and in the digest."""
    texts = [(f"playback fails @dre_{n} says so", ("complaint",)) for n in range(4)]
    for text in texts:
        posts(
            place.store, watch, text, author=f"cleo{text[0][16:21]}", url="https://x.example/cleo"
        )

    assert as_(None).get("/i/discs-late").status_code == 303
    for path in ("/i/discs-late", "/i/discs-late/digest", "/i/discs-late/digest?form=print"):
        hidden, shown = as_("eve").get(path).text, as_("ana").get(path).text
        assert "dre_" not in hidden and "cleo" not in hidden and "x.example" not in hidden
        assert "playback fails" in hidden and "dre_0" in shown


@pytest.mark.parametrize("path", ["", "/digest", "/digest?form=print", "/edit", "/watches/add"])
def test_hostile_words_stay_words(place: Place, watch: Watch, as_: As, path: str) -> None:
    """In titles, terms, acts, troubles and posts; no script, no style, no handler."""
    for n in range(4):
        posts(place.store, watch, (HOSTILE, ("complaint",)), author=f"{HOSTILE}{n}")
    with place.store.begin() as tx:
        row = tx.incidents.find("discs-late")
        # What people write is rid of NUL at every door; PostgreSQL would refuse it.
        said = HOSTILE.replace("\x00", "")
        row.title, row.company, row.terms = said, "<b>x", ["<i>"]
        kept = tx.watches.get(watch.id)
        kept.terms, kept.trouble, kept.trouble_kind = [said], said, "changed"
        tx.acts.add(ActRow(incident_id=1, kind="apology", text=said, by=said, at=NOW,
                           url="javascript:alert(3)", recorded_at=NOW))  # fmt: skip

    answer = as_("bo").get(f"/i/discs-late{path}")

    assert answer.status_code == 200
    for word in ("<script>alert", "<img", "<b>x", "<i>", "javascript:", " style="):
        assert word not in answer.text
    # A field to edit holds what is kept, as it is.
    assert "\u202e" not in answer.text or path in ("/edit", "/watches/add")
    bare = re.sub(r'"[^"]*"', '""', answer.text)
    assert not re.search(r"<[a-z]+[^>]*\son[a-z]+=", bare)


def test_what_changes_shows_at_once(place: Place, watch: Watch, as_: As, clock: Clock) -> None:
    """Numbers are kept for a moment, but never past what happens."""
    browser = as_("ana")
    posts(place.store, watch, ("still down", ("complaint",)))
    assert line(browser.get("/i/discs-late").text).startswith("1 new post ")

    posts(place.store, watch, ("still down", ("complaint",)))
    assert line(browser.get("/i/discs-late").text).startswith("2 new posts ")

    clock.now += 20 * MINUTE
    assert line(browser.get("/i/discs-late").text).startswith("No new posts seen ")


def test_a_busy_incident_stays_light(place: Place, watch: Watch, as_: As) -> None:
    """A dozen sources in trouble, many phrases, long texts: less than 60 kB, uncompressed."""
    words = [f"problem{n} with box{n}" for n in range(12)]
    for n in range(4):
        said = [(f"{word} {'and so on ' * 60}", ("complaint",)) for word in words]
        posts(place.store, watch, *said, author=f"cleo{n}")
    for n in range(12):
        one = a_watch(place.store, source="x", incident_id=1, terms=["a long term " * 8, str(n)])
        with place.store.begin() as tx:
            tx.watches.in_trouble(one.id, "changed", "the page is another one " * 20, NOW, None)
            for m in range(5):
                tx.audit.note("status", "incident:1", by="bo", now=NOW - m * MINUTE, incident_id=1,
                              detail={"to": "monitoring"})  # fmt: skip

    page = as_("bo").get("/i/discs-late")

    assert page.status_code == 200 and len(page.content) < 60_000
    assert "What rises" in page.text


def test_the_digest_leads_to_other_days(place: Place, watch: Watch, as_: As) -> None:
    """From the day the incident began on; what is no day is said so."""
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").began = NOW - timedelta(days=2)
    posts(place.store, watch, ("still down", ("complaint",)))
    browser = as_("eve")

    page = browser.get("/i/discs-late/digest").text
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        assert f"day={day}" in page
    assert "no posts were seen" in browser.get("/i/discs-late/digest?day=2026-03-03").text
    assert browser.get("/i/discs-late/digest?day=soon").status_code == 400
    printed = browser.get("/i/discs-late/digest?form=print").text
    assert "<nav" not in printed and "<form" not in printed and "Wednesday 4 March 2026" in printed


def test_the_list_tells_open_from_closed(place: Place, watch: Watch, as_: As) -> None:
    """How much waits, and who can't hear."""
    posts(place.store, watch, ("still down", ("complaint",)))
    browser = as_("eve")

    page = browser.get("/").text
    assert "1 post open" in page and "blind: x" in page and "Open an incident" not in page
    assert "Open an incident" in as_("bo").get("/").text

    as_("bo").post("/i/discs-late/close")
    assert "None is open" in browser.get("/").text and "<h2>Closed</h2>" in browser.get("/").text
