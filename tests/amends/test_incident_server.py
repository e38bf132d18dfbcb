"""The server of a recorded incident: it says all there is, as the platforms do, hiccups included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from amends.cli.demo import folder
from amends.incident_script import Line, read_lines, read_script
from amends.incident_server import IncidentServer, x_id
from ingest.registry import all_sources
from ingest.source import Request, Response
from ingest.walk import SHORT
from models.errors import SourceBusy
from models.incident import Watch
from models.post import Post

SCRIPT = read_script(folder())
LINES = read_lines(folder())
BY_ID = {line.id: line for line in LINES}
BEARER = {"Authorization": "Bearer any"}


@pytest.fixture
def server() -> Iterator[IncidentServer]:
    """Serve the incident for one test."""
    with IncidentServer(folder()) as serving:
        yield serving


def said(place: str) -> list[Line]:
    """Return what was said at one place."""
    return [line for line in LINES if line.place == place]


def article(server: IncidentServer, slug: str) -> str:
    """Return the address of an article."""
    return f"{server.url}/2026/03/{slug}/"


def search(server: IncidentServer, **asked: str) -> httpx.Response:
    """Ask X's recent search."""
    asked = {"query": "reelpost", "max_results": "100"} | asked
    return httpx.get(f"{server.url}/2/tweets/search/recent", params=asked, headers=BEARER)


def whole_search(server: IncidentServer, **asked: str) -> list[str]:
    """Follow a search to its end, asking again when X is busy; return the ids in order."""
    ids: list[str] = []
    token: str | None = ""
    while token is not None:
        answer = search(server, **asked, **({"next_token": token} if token else {}))
        if answer.status_code == 429:
            continue
        body = answer.json()
        ids += [item["id"] for item in body.get("data", [])]
        token = body["meta"].get("next_token")
    return ids


def test_x_tells_everything_once_newest_first(server: IncidentServer) -> None:
    """The chain of answers holds each post exactly once."""
    ids = whole_search(server)

    assert ids == [x_id(line) for line in reversed(said("x"))]
    assert ids == sorted(ids, key=int, reverse=True)


def test_it_says_no_more_than_was_said_by_then(server: IncidentServer) -> None:
    """X, blog and forum go on together; what a post was answered later isn't known yet."""
    until = SCRIPT.began + timedelta(hours=3)
    known = {place: [line for line in said(place) if line.at <= until] for place in ("x", "forum")}
    server.play(until)

    assert whole_search(server) == [x_id(line) for line in reversed(known["x"])]
    page = httpx.get(f"{server.url}/forum/t/881").text
    assert page.count('id="post-') == len(known["forum"]) < len(said("forum"))
    assert httpx.get(article(server, "sorry-and-what-we-do")).text.count('id="comment-') == 0


def test_x_ids_tell_their_time() -> None:
    """An id's upper bits are the milliseconds at which it was given."""
    for line in said("x"):
        milliseconds = (int(x_id(line)) >> 22) + 1_288_834_974_657
        assert datetime.fromtimestamp(milliseconds / 1000, UTC) == line.at


def test_x_begins_where_it_is_told(server: IncidentServer) -> None:
    """since_id is excluded; start_time is included and end_time isn't."""
    lines = said("x")
    since, until = lines[100], lines[150]

    newer = whole_search(server, since_id=x_id(since))
    between = whole_search(
        server,
        start_time=f"{since.at:%Y-%m-%dT%H:%M:%SZ}",
        end_time=f"{until.at:%Y-%m-%dT%H:%M:%SZ}",
    )

    assert newer == [x_id(line) for line in reversed(lines[101:])]
    assert between == [x_id(x) for x in reversed(lines) if since.at <= x.at < until.at]


def test_x_says_nothing_in_its_own_way(server: IncidentServer) -> None:
    """Silence has no data at all, only a count of 0."""
    assert search(server, since_id=x_id(said("x")[-1])).json() == {"meta": {"result_count": 0}}


def test_x_wants_a_token_and_one_kind_of_bound(server: IncidentServer) -> None:
    """Without bearer 401; ids together with times 400; another path 404: JSON each."""
    path = f"{server.url}/2/tweets/search/recent"

    nobody = httpx.get(path, params={"query": "reelpost"})
    mixed = search(server, since_id="1", start_time="2026-03-03T00:00:00Z")
    nowhere = httpx.get(f"{server.url}/2/users/me", headers=BEARER)

    assert [nobody.status_code, mixed.status_code, nowhere.status_code] == [401, 400, 404]
    assert nobody.json()["status"] == 401
    assert "in conjunction" in mixed.json()["detail"]


def test_x_counts_what_it_tells(server: IncidentServer) -> None:
    """The buckets add up to the total, which is what a search brings."""
    path = f"{server.url}/2/tweets/counts/recent"

    counted = httpx.get(path, params={"query": "reelpost"}, headers=BEARER).json()

    assert counted["meta"]["total_tweet_count"] == len(said("x"))
    assert sum(bucket["tweet_count"] for bucket in counted["data"]) == len(said("x"))


def test_x_is_busy_once(server: IncidentServer) -> None:
    """In the middle of a chain it has had too many questions, and a moment later it hasn't."""
    busy, fine = search(server, next_token="b100"), search(server, next_token="b100")

    assert (busy.status_code, busy.headers["retry-after"]) == (429, "1")
    assert busy.headers["x-rate-limit-remaining"] == "0"
    assert fine.status_code == 200


@pytest.mark.parametrize("slug", SCRIPT.articles)
def test_the_blog_tells_everything_once(server: IncidentServer, slug: str) -> None:
    """Sheet after sheet, oldest first, with the totals in the headers."""
    number = str(44 + list(SCRIPT.articles).index(slug))
    asked = {"post": number, "order": "asc", "per_page": "30"}
    path = f"{server.url}/wp-json/wp/v2/comments"
    ids, sheet, sheets = [], 1, 1

    while sheet <= sheets:
        answer = httpx.get(path, params=asked | {"page": str(sheet)})
        sheets = int(answer.headers["x-wp-totalpages"])
        ids += [item["id"] for item in answer.json()]
        sheet += 1

    assert ids == [line.id for line in said(slug)]
    assert answer.headers["x-wp-total"] == str(len(ids))
    assert httpx.get(path, params=asked | {"page": "99"}).json() == []
    assert httpx.get(path, params={"per_page": "101"}).json()["code"] == "rest_invalid_param"


def test_the_forum_tells_everything_once_and_is_overloaded_once(server: IncidentServer) -> None:
    """25 posts a page; one page needs a second try."""
    path = f"{server.url}/forum/t/881"
    answers = [httpx.get(path, params={"page": str(n)}) for n in (1, 2, 2, 3, 4, 5)]

    assert [answer.status_code for answer in answers] == [200, 503, 200, 200, 200, 200]
    html = "".join(answer.text for answer in answers)
    assert [html.count(f'id="post-{line.id}"') for line in said("forum")] == [1] * len(
        said("forum")
    )


def asked_to_the_end(watch: Watch) -> list[Post]:
    """Ask a watch's source for everything: the corridor without a store."""
    source = all_sources()[watch.source]
    request: Request | None = source.ask(watch, SCRIPT.plays_at)
    posts: list[Post] = []
    waits: list[float] = []
    while request is not None:
        headers = request.headers | (BEARER if request.secret else {})
        url = httpx.URL(request.url).copy_merge_params(list(request.params))
        told = httpx.get(url, headers=headers)
        response = Response(
            request=request,
            status=told.status_code,
            body=told.content,
            at=SCRIPT.plays_at,
            url=str(told.url),
            headers={name.lower(): value for name, value in told.headers.items()},
        )
        try:
            answer = source.read(response)
        except SourceBusy as busy:
            # The server's hiccups are over at once; what counts is that they ask for a moment only.
            waits.append(busy.retry_after or 60.0)
            continue
        assert answer.rejects == ()
        posts += answer.posts
        request = answer.more
    assert max(waits, default=0.0) <= SHORT
    return posts


def plain(text: str) -> str:
    """Return a text without what a platform's typography and layout change."""
    return " ".join(text.replace("’", "'").replace("\u202e", "").replace("\u202c", "").split())


@pytest.mark.parametrize("number", range(len(SCRIPT.watches)))
def test_the_real_sources_hear_every_word(server: IncidentServer, number: int) -> None:
    """Each watch of the script brings all that was said at its place: author, time and text."""
    told = SCRIPT.watches[number]
    address = told.address and told.address.replace("{server}", server.url)
    settings = {name: text.replace("{server}", server.url) for name, text in told.settings.items()}
    # Played, it is listened to all along; asked once, a search must reach back farther than a week.
    settings |= {"search": "all"} if told.source == "x" else {}
    terms = () if address else SCRIPT.terms
    place = {"x": "x", "thread_page": "forum"}.get(told.source)
    if place is None:
        place = next(slug for slug in SCRIPT.articles if address == article(server, slug))

    posts = asked_to_the_end(
        Watch(source=told.source, address=address, terms=terms, settings=settings)
    )

    heard = {(post.author, post.posted_at, plain(post.text)) for post in posts}
    wanted = {
        (line.author.split(" (")[0], line.at, plain(BY_ID[line.repost_of or line.id].text))
        for line in said(place)
    }
    assert heard == wanted
    assert len({post.external_id for post in posts}) == len(said(place))
    if told.source != "wordpress":
        # WordPress's REST interface doesn't say whose comments are the owner's.
        assert sum(post.official for post in posts) == sum(x.official for x in said(place))
