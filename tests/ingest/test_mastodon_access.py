"""Mastodon: instances that close their doors or are busy, hashtags nobody knows, odd watches."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ingest.source import Answer, Request
from ingest.sources.mastodon import source
from models.coverage import Span
from models.errors import SetupError, SourceBusy, SourceChanged, SourceRefused
from tests.ingest.mastodon_said import (
    HOME,
    HOUR,
    LAG,
    MINUTE,
    TEN,
    Instance,
    a_watch,
    known,
    read,
    status,
    walk,
)
from tests.recorded import NOW

CLOSED = {"error": "This method requires an authenticated user"}
GONE = {"error": "Record not found"}
RESET = "2026-03-04T12:03:20.500Z"


def shows(local: Any = "public", remote: Any = "public") -> dict[str, Any]:
    """Return what an instance says of itself."""
    feeds = {"hashtag_feeds": {"local": local, "remote": remote}}
    return {"version": "4.5.2", "configuration": {"timelines_access": feeds}}


def asked(request: Request | None) -> dict[str, str]:
    """Return a request's parameters by name."""
    return dict(request.params) if request else {}


@pytest.mark.parametrize("status_", [401, 403, 422])
def test_an_instance_that_closes_its_timelines_refuses(status_: int) -> None:
    """It says so in its own words, and what else can be done."""
    with pytest.raises(SourceRefused) as caught:
        read(source.ask(known(), NOW), CLOSED, status_)

    assert "requires an authenticated user" in caught.value.message
    assert "local=yes" in caught.value.remedy


def test_a_proxy_that_shuts_us_out_refuses() -> None:
    """Whatever its answer looks like, it never counts as silence."""
    with pytest.raises(SourceRefused):
        read(source.ask(known(), NOW), "<html>Forbidden</html>", 403)


@pytest.mark.parametrize("who", ["local", "remote"])
@pytest.mark.parametrize("access", ["authenticated", "disabled"])
def test_a_timeline_that_is_always_empty_is_refused_beforehand(who: str, access: str) -> None:
    """A disabled timeline answers “nothing”: only the instance itself tells the difference."""
    request = source.ask(a_watch(), NOW)

    with pytest.raises(SourceRefused):
        read(request, shows(**{who: access}))


def test_its_own_posts_can_be_heard_alone() -> None:
    """With local=yes it doesn't matter what the instance shows of others."""
    request = source.ask(a_watch(settings={"local": "yes"}), NOW)

    answer = read(request, shows(remote="authenticated"))

    assert asked(answer.more)["local"] == "true"
    with pytest.raises(SourceRefused) as caught:
        read(request, shows(local="disabled"))
    assert "local=yes" not in caught.value.remedy


@pytest.mark.parametrize(
    "said", [{"version": "4.3.1"}, {"version": "0.9", "configuration": None}, shows(True, False)]
)
def test_an_instance_that_does_not_say_is_asked(said: dict[str, Any]) -> None:
    """Older ones and those of another make have no such entry."""
    answer = read(source.ask(a_watch(), NOW), said)

    assert answer.more is not None
    assert answer.more.url == f"{HOME}/api/v1/timelines/tag/reelpost"


@pytest.mark.parametrize("body", [[], {"title": "a blog"}, "<html>Welcome</html>"])
def test_what_is_no_instance_is_changed(body: Any) -> None:
    """Any other site answers something too."""
    with pytest.raises(SourceChanged):
        read(source.ask(a_watch(), NOW), body)


def test_an_instance_is_asked_once_an_hour_what_it_shows() -> None:
    """Its doors may close in the middle of an incident."""
    old = known(mark={"checked": NOW - HOUR})

    assert source.ask(old, NOW).url == f"{HOME}/api/v2/instance"
    assert source.ask(known(), NOW).url == f"{HOME}/api/v1/timelines/tag/reelpost"
    assert source.ask(known(), NOW - 2 * HOUR).url == f"{HOME}/api/v2/instance"


def test_a_hashtag_nobody_ever_used_is_silence() -> None:
    """The incident's own hashtag often doesn't exist yet."""
    answer = read(source.ask(known(), NOW), GONE, 404)

    assert answer.posts == ()
    assert answer.span == Span(TEN, NOW - LAG)


def test_at_a_server_that_is_no_known_instance_it_is_a_wrong_address() -> None:
    """Any API says 404 to a question it doesn't have."""
    first = read(source.ask(a_watch(), NOW), GONE, 404)
    assert first.more is not None

    with pytest.raises(SourceRefused):
        read(first.more, GONE, 404)


def test_a_missing_page_is_a_wrong_address() -> None:
    """An instance says in JSON that it doesn't know a hashtag."""
    with pytest.raises(SourceRefused):
        read(source.ask(known(), NOW), "<html>Not found</html>", 404)


def busy(**headers: str) -> float | None:
    """Return how long an instance that answers 429 asks to be left alone."""
    with pytest.raises(SourceBusy) as caught:
        read(source.ask(known(), NOW), {"error": "Too many requests"}, 429, **headers)
    return caught.value.retry_after


def test_a_busy_instance_is_left_alone_until_its_reset() -> None:
    """Its reset is a date; its own clock counts where it tells that too."""
    assert busy(x_ratelimit_reset=RESET) == 201.5
    assert busy(x_ratelimit_reset=RESET, date="Wed, 04 Mar 2026 12:03:00 GMT") == 21.5
    assert busy(x_ratelimit_reset=RESET, retry_after="7") == 7
    assert busy(x_ratelimit_reset="2026-03-04T11:00:00Z") == 1
    assert busy(x_ratelimit_reset="2027-01-01T00:00:00Z") == 900
    assert busy(x_ratelimit_reset="1772625800") == 201, (
        "behind another front, as seconds since 1970"
    )
    assert busy() is None


def test_with_no_questions_left_the_walk_waits_for_the_reset() -> None:
    """The answer counts; only the next question comes later."""

    def wait(left: str) -> float:
        headers = {"x_ratelimit_remaining": left, "x_ratelimit_reset": RESET}
        return read(source.ask(known(), NOW), [status(NOW)], **headers).wait

    assert wait("0") == 201.5
    assert wait("1") == 1


@pytest.mark.parametrize("body", [{"error": "nothing"}, [1, 2], [{"id": "1"}], '[{"id": "1'])
def test_what_is_no_list_of_posts_is_changed(body: Any) -> None:
    """It never counts as silence."""
    with pytest.raises(SourceChanged):
        read(source.ask(known(), NOW), body)


def test_terms_become_hashtags() -> None:
    """In one word and small letters, each once, in any script; signs go."""
    instance = Instance()
    for tag in ("cardpayments", "płatności", "भुगतान", "x_1"):
        instance.tags[tag] = []
    terms = ("#Reelpost", "@reelpost", "card payments", "Płatności", "भुगतान", "x_1", "2026", "?!")

    walk(instance, known(terms=terms))

    ways = [request.url.rsplit("/", 1)[1] for request in instance.asked]
    assert ways[:2] == ["reelpost", "cardpayments"]
    assert all(way.isascii() for way in ways)
    assert len(ways) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": ()},
        {"terms": ("2026", "!")},
        {"address": None},
        {"address": "mastodon.example"},
        {"address": "https://ana:secret@mastodon.example"},
        {"address": "https://["},
        {"settings": {"local": "maybe"}},
        {"until": TEN},
    ],
)
def test_what_cannot_be_asked_is_a_setup_error(wrong: dict[str, Any]) -> None:
    """Said before anything is asked, with a remedy."""
    with pytest.raises(SetupError) as caught:
        source.ask(a_watch(**wrong), NOW)

    assert caught.value.remedy


def test_an_unreadable_bookmark_costs_one_full_look() -> None:
    """A damaged bookmark is left aside rather than stopping the watch."""
    assert source.ask(a_watch(bookmark='{"seen": 7'), NOW) == source.ask(a_watch(), NOW)


def counted(*days: tuple[int, int], **said: Any) -> Answer:
    """Return the estimate from so many uses so many days ago."""
    midnight = int(NOW.timestamp()) - 12 * 3600
    history = [{"day": str(midnight - 86_400 * ago), "uses": str(uses)} for ago, uses in days]
    return read(source.estimate(a_watch(**said), NOW), {"name": "reelpost", "history": history})


def test_an_estimate_sums_the_days_of_the_stretch() -> None:
    """A day counts where any of it is asked for; what is older than the counts is said."""
    week = [(n, 10) for n in range(7)]

    assert counted(*week, since=TEN).total == 10
    assert counted(*week, since=NOW - 24 * HOUR, until=NOW - 23 * HOUR).total == 10
    assert counted(*week, since=NOW - 24 * HOUR * 9).total == 70
    assert counted(*week, since=TEN).notes == ()
    assert "since 26 Feb" in counted(*week, since=NOW - 24 * HOUR * 9).notes[0]


def test_an_estimate_asks_for_every_hashtag() -> None:
    """One nobody ever used counts nothing; an instance that doesn't count is no zero."""
    request = source.estimate(a_watch(terms=("reelpost", "discs")), NOW)

    answer = read(request, GONE, 404)

    assert answer.total == 0
    assert answer.more is not None
    assert answer.more.url == f"{HOME}/api/v1/tags/discs"
    for body in ({"name": "discs"}, {"history": []}, {"history": [{"day": "x", "uses": "1"}]}, []):
        with pytest.raises(SourceChanged):
            read(answer.more, body)


def test_the_end_of_a_stretch_bounds_posts_and_span() -> None:
    """A backfill reads from the top, and keeps what lies in it."""
    instance = Instance(*(status(NOW - n * MINUTE) for n in range(120)))

    heard = walk(instance, a_watch(since=TEN + HOUR, until=TEN + HOUR + 5 * MINUTE))

    assert len(heard.posts) == 5
    assert {span.until for span in heard.spans} == {TEN + HOUR + 5 * MINUTE}


def test_a_watch_goes_on_from_the_bookmark_of_its_walk() -> None:
    """What was learnt of the instance is kept with it."""
    heard = walk(Instance(status(TEN)), a_watch())
    mark = msgspec.json.decode(heard.bookmark or "")

    assert mark["checked"] == "2026-03-04T12:00:00Z"
    assert asked(source.ask(a_watch(bookmark=heard.bookmark), NOW))["since_id"] == status(TEN)["id"]
