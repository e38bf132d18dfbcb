"""The contract every source keeps. A new source is found by itself, with its fixture folder."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import msgspec
import pytest

from ingest.registry import all_sources
from ingest.source import Request, Response
from models.errors import SourceBusy, SourceChanged, SourceError, SourceRefused
from tests.recorded import FIXTURES, NOW, cases, expected, play, recorded, watch_of

SOURCES = all_sources()
CASES = [(name, case) for name in SOURCES for case in cases(name)]
NAMED = [f"{name}-{case.name}" for name, case in CASES]


def first_request(name: str) -> Request:
    """Return the first request of a source's first recorded chain."""
    return SOURCES[name].ask(watch_of(cases(name)[0]), NOW)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_comes_with_its_fixtures(name: str) -> None:
    """Each source has a recorded chain, an empty answer and a wrong one."""
    folder = FIXTURES / "sources" / name

    assert cases(name), f"add {folder}/chain/watch.json, 1.http and expected.jsonl"
    assert (folder / "empty.http").exists(), f"add {folder}/empty.http: an answer that says nothing"
    assert (folder / "wrong.http").exists(), f"add {folder}/wrong.http: an answer it can't be"


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_describes_itself(name: str) -> None:
    """The README's table is made of what a source says of itself."""
    source = SOURCES[name]

    assert source.summary and source.costs and source.misses
    assert set(source.takes) <= {"terms", "address"} and source.takes
    assert all(secret.isupper() for secret in source.needs)


@pytest.mark.parametrize(("name", "case"), CASES, ids=NAMED)
def test_recorded_answers_give_the_expected_posts(name: str, case: Path) -> None:
    """A recorded chain gives exactly the posts that lie beside it."""
    posts = [post for answer in play(SOURCES[name], case) for post in answer.posts]

    assert [msgspec.to_builtins(post) for post in posts] == [
        msgspec.to_builtins(post) for post in expected(case)
    ]


@pytest.mark.parametrize(("name", "case"), CASES, ids=NAMED)
def test_reading_twice_gives_the_same(name: str, case: Path) -> None:
    """A source keeps nothing between two answers."""
    assert play(SOURCES[name], case) == play(SOURCES[name], case)


@pytest.mark.parametrize(("name", "case"), CASES, ids=NAMED)
def test_posts_are_sound(name: str, case: Path) -> None:
    """Times are aware UTC and not ahead of now; links are http or https; ids are not doubled."""
    posts = [post for answer in play(SOURCES[name], case) for post in answer.posts]

    for post in posts:
        assert post.posted_at is None or post.posted_at.tzinfo is UTC
        assert post.posted_at is None or post.posted_at <= NOW + timedelta(hours=1)
        assert post.url is None or post.url.startswith(("https://", "http://"))
    ids = [(post.source, post.external_id) for post in posts]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("name", "case"), CASES, ids=NAMED)
def test_the_bookmark_changes_the_next_question(name: str, case: Path) -> None:
    """Where a chain gives a bookmark, the next chain begins from it."""
    source, watch = SOURCES[name], watch_of(case)
    bookmark = play(source, case)[-1].bookmark
    if bookmark is None:
        assert "bookmark" not in source.misses, "a source that speaks of bookmarks gives one"
        return

    later = msgspec.structs.replace(watch, bookmark=bookmark)

    assert source.ask(later, NOW) != source.ask(watch, NOW)


@pytest.mark.parametrize("name", SOURCES)
def test_an_empty_answer_is_silence(name: str) -> None:
    """When the source says there is nothing, that is no error."""
    response = recorded(FIXTURES / "sources" / name / "empty.http", first_request(name))

    assert SOURCES[name].read(response).posts == ()


@pytest.mark.parametrize("name", SOURCES)
def test_a_wrong_answer_is_never_silence(name: str) -> None:
    """A login page or another shape is `SourceChanged`."""
    response = recorded(FIXTURES / "sources" / name / "wrong.http", first_request(name))

    with pytest.raises(SourceChanged):
        SOURCES[name].read(response)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, SourceBusy), (503, SourceBusy), (500, SourceBusy), (402, SourceRefused)],
)
def test_a_bad_status_is_the_right_error(name: str, status: int, kind: type[SourceError]) -> None:
    """Each source passes statuses on as wait, stop or mend."""
    response = Response(
        request=first_request(name),
        status=status,
        body=b"<html>sorry</html>",
        at=NOW,
        url="https://example.org/",
        headers={"retry-after": "120", "content-type": "text/html"},
    )

    with pytest.raises(kind) as caught:
        SOURCES[name].read(response)

    if isinstance(caught.value, SourceBusy):
        assert caught.value.retry_after == 120


@pytest.mark.parametrize("name", SOURCES)
def test_the_first_question_carries_no_secret(name: str) -> None:
    """A request names its secret; the Collector puts it in."""
    request = first_request(name)

    assert request.secret is None or request.secret in SOURCES[name].needs
    assert "authorization" not in {header.lower() for header in request.headers}


@pytest.mark.parametrize("name", SOURCES)
def test_an_estimate_is_one_of_its_own_questions(name: str) -> None:
    """A dry run asks something `read` understands."""
    request = SOURCES[name].estimate(watch_of(cases(name)[0]), NOW)

    assert request.url
    assert request.secret is None or request.secret in SOURCES[name].needs
