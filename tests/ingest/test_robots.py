"""robots.txt: a page is read only where its site lets programs in, unless a person overrides it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import stamina

from ingest.disk import Disk
from ingest.http import Web
from ingest.places import Places
from ingest.registry import all_sources
from ingest.robots import Robots
from ingest.source import Request
from ingest.walk import Outcome, walk
from models.errors import SetupError, SourceBusy, SourceRefused
from models.home import Secrets
from models.incident import Watch
from tests.factories import NOW
from tests.ingest.loopback import Loopback, Told, says

PAGE = b"""<!doctype html><html><body><ol class="commentlist">
<li class="comment" id="comment-1"><cite class="fn">Cleo</cite> <span class="says">says:</span>
<a href="#comment-1">March 3, 2026 at 09:00 AM</a><p>still no discs</p></li></ol></body></html>"""
CLOSED = b"User-agent: *\nDisallow: /2026/\n"


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Retry without waiting."""
    with stamina.set_testing(testing=True, attempts=1):
        yield


@pytest.fixture
def site() -> Iterator[Loopback]:
    """Run a site with one article."""
    with Loopback() as server:
        server.answers["/2026/outage"] = says(PAGE, "200 OK", "Content-Type: text/html")
        yield server


@pytest.fixture
def other() -> Iterator[Loopback]:
    """Run another site."""
    with Loopback() as server:
        yield server


@pytest.fixture
def robots(site: Loopback, other: Loopback) -> Iterator[Robots]:
    """Return the asker that respects both sites' robots.txt."""
    private = frozenset([site.server, other.server])
    web = Web(Secrets({}), "amends/test", private=private, deadline=3.0)
    yield Robots(web)
    web.close()


def page(site: Loopback, path: str = "/2026/outage") -> Request:
    """Return the question for a page."""
    return Request(url=site.url + path, page=True)


def walked(asker: Robots, site: Loopback, **settings: str) -> list[Outcome]:
    """Watch the article as a thread, and return what came."""
    sources = all_sources()
    watch = Watch(source="thread_page", address=f"{site.url}/2026/outage", settings=settings)
    return list(walk(watch, sources["thread_page"], Places(asker, Disk()), lambda: NOW))


def test_a_closed_page_is_refused_by_its_rule(robots: Robots, site: Loopback) -> None:
    """The sentence names the rule, and the page itself is never asked."""
    site.answers["/robots.txt"] = says(CLOSED)

    with pytest.raises(SourceRefused, match="“Disallow: /2026/”") as caught:
        robots.ask(page(site), NOW)

    assert site.paths == ["/robots.txt"]
    assert "robots=ignore" in caught.value.remedy
    assert caught.value.url == f"{site.url}/2026/outage"


@pytest.mark.parametrize(
    "told",
    [says(b"User-agent: *\nDisallow: /wp-admin/"), says(b""), says(b"<!doctype html><p>hm"),
     says(b"", "404 Not Found"), says(CLOSED, "403 Forbidden"), says(CLOSED, "410 Gone"),
     says(b"", "302 Found", "Location: /robots.txt"),
     says(b"", "302 Found", "Location: http://10.0.0.1/robots.txt")],
)  # fmt: skip
def test_an_open_page_is_read(robots: Robots, site: Loopback, told: Told) -> None:
    """No rule against it, no robots.txt, or one that leads nowhere: the page is read."""
    site.answers["/robots.txt"] = told

    assert robots.ask(page(site), NOW).body == PAGE


@pytest.mark.parametrize("status", ["500 Oh", "503 Busy", "429 Slow", "408 Late"])
def test_a_site_that_cannot_say_is_waited_for(robots: Robots, site: Loopback, status: str) -> None:
    """Its wish isn't known, so its page isn't asked; how long to wait is passed on."""
    site.answers["/robots.txt"] = says(CLOSED, status, "Retry-After: 70")

    with pytest.raises(SourceBusy) as caught:
        robots.ask(page(site), NOW)

    assert caught.value.retry_after == 70
    assert site.paths == ["/robots.txt"]


def test_a_site_that_is_down_is_waited_for(robots: Robots, site: Loopback) -> None:
    """A connection cut while it says its rules is no leave to go in."""
    site.answers["/robots.txt"] = lambda connection: connection.close()

    with pytest.raises(SourceBusy):
        robots.ask(page(site), NOW)


def test_the_rules_are_remembered_for_a_day(robots: Robots, site: Loopback) -> None:
    """Asked once in a day, and a change holds from the next day on."""
    for hours in (0, 1, 23):
        robots.ask(page(site), NOW + timedelta(hours=hours))
    assert site.paths.count("/robots.txt") == 1

    site.answers["/robots.txt"] = says(CLOSED)
    with pytest.raises(SourceRefused):
        robots.ask(page(site), NOW + timedelta(hours=24))
    assert site.paths.count("/robots.txt") == 2


def test_trouble_is_not_remembered(robots: Robots, site: Loopback) -> None:
    """Once the site can say what it wishes, it is heard."""
    site.answers["/robots.txt"] = says(b"", "503 Busy")
    with pytest.raises(SourceBusy):
        robots.ask(page(site), NOW)

    site.answers["/robots.txt"] = says(b"")
    assert robots.ask(page(site), NOW).body == PAGE


def test_every_site_has_its_own(robots: Robots, site: Loopback, other: Loopback) -> None:
    """A port is a site too, and a redirect's aim is asked by its own rules."""
    other.answers["/robots.txt"] = says(CLOSED)
    site.answers["/moved"] = says(b"", "301 Moved", f"Location: {other.url}/2026/outage")

    assert robots.ask(page(site), NOW).body == PAGE
    with pytest.raises(SourceRefused, match=str(other.port)):
        robots.ask(page(site, "/moved"), NOW)

    assert other.paths == ["/robots.txt"]


def test_what_is_no_page_is_asked_straight_away(robots: Robots, site: Loopback) -> None:
    """An interface for programs is one, whatever robots.txt says of it."""
    site.answers["/robots.txt"] = says(CLOSED)

    robots.ask(Request(url=f"{site.url}/2026/outage"), NOW)

    assert site.paths == ["/2026/outage"]


def test_no_secret_or_password_goes_along(robots: Robots, site: Loopback) -> None:
    """The question for robots.txt says nothing of the page's."""
    url = site.url.replace("//", "//user:pw@")
    robots.ask(Request(url=f"{url}/2026/outage", headers={"X-Key": "hush"}, page=True), NOW)

    assert b"hush" not in site.heard[0]
    assert b"Authorization" not in site.heard[0]
    assert b"Authorization: Basic" in site.heard[1]


def test_both_questions_share_one_deadline(site: Loopback, other: Loopback) -> None:
    """A slow page that leads to a silent robots.txt takes no longer than one slow page."""

    def slow(connection: socket.socket) -> None:
        time.sleep(0.8)
        connection.sendall(says(b"", "302 Found", f"Location: {other.url}/"))

    site.answers["/slow"] = slow
    other.answers["/robots.txt"] = lambda _: time.sleep(3)
    private = frozenset([site.server, other.server])
    web = Web(Secrets({}), "a", private=private, deadline=1.0)
    began = time.monotonic()

    with pytest.raises(SourceBusy):
        Robots(web).ask(page(site, "/slow"), NOW)

    assert other.paths == ["/robots.txt"]
    assert time.monotonic() - began < 1.5
    web.close()


def test_of_a_huge_one_the_first_half_megabyte_counts(robots: Robots, site: Loopback) -> None:
    """The rules in it hold, those behind it don't, and neither does the line that is cut in two."""
    begin, cut = b"User-agent: *\nDisallow: /early\n", b"Disallow: /2"
    filler = b"#" * (500 * 1024 - len(begin) - len(cut) - 1) + b"\n"
    site.answers["/robots.txt"] = says(begin + filler + cut + b"nd/\nDisallow: /2026/\n")

    assert robots.ask(page(site), NOW).body == PAGE
    with pytest.raises(SourceRefused, match="early"):
        robots.ask(page(site, "/early"), NOW)


def test_an_override_is_a_setting_and_says_so(robots: Robots, site: Loopback) -> None:
    """robots=ignore reads the page without asking, and each answer carries a note of it."""
    site.answers["/robots.txt"] = says(CLOSED)

    refused = walked(robots, site)
    read = walked(robots, site, robots="ignore")

    assert [type(outcome.error) for outcome in refused] == [SourceRefused]
    assert [len(outcome.answer.posts) for outcome in read if outcome.answer] == [1]
    assert read[0].answer is not None
    assert any("robots=ignore" in note for note in read[0].answer.notes)
    assert site.paths == ["/robots.txt", "/2026/outage"]


def test_a_wish_that_means_nothing_is_asked_about(robots: Robots, site: Loopback) -> None:
    """A slip of the pen doesn't override anything."""
    outcomes = walked(robots, site, robots="ignroe")

    assert [type(outcome.error) for outcome in outcomes] == [SetupError]
    assert site.paths == []


@pytest.mark.parametrize("name", ["thread_page", "feed", "wordpress"])
def test_what_a_person_names_is_a_page(name: str) -> None:
    """These sources ask what a person would open in a browser, and can be told to ignore it."""
    source = all_sources()[name]
    watch = Watch(source=name, address="https://blog.example/2026/outage/")

    assert source.ask(watch, NOW).page
    assert source.estimate(watch, NOW).page
    assert "robots" in source.settings


def test_an_interface_for_programs_is_no_page() -> None:
    """X has terms of its own for programs, and robots.txt isn't where they stand."""
    watch = Watch(source="x", terms=("reelpost",))

    assert not all_sources()["x"].ask(watch, NOW).page
