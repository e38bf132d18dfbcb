"""The simulated X keeps the rules that X documents: what passes with it would pass there."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.source import Request, Response
from models.errors import SourceBusy
from tests.ingest.fake_x import LAG, QUARTER, SEARCHES, WEEK, FakeX
from tests.ingest.storm import BREAKS, PEAK, POSTS, Said, a_said, id_at, storm

NOW = BREAKS + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def ask(fake: FakeX, at: datetime = NOW, what: str = "search", **params: str) -> Response:
    """Ask a question."""
    asked = {"query": "lumabank"} | params
    url = f"https://api.x.com/2/tweets/{what}/recent"
    return fake.ask(Request(url=url, params=tuple(asked.items())), at)


def found(fake: FakeX, at: datetime = NOW, **params: str) -> list[str]:
    """Return the ids of all answers to a question, in the order they came."""
    ids: list[str] = []
    while True:
        body = ask(fake, at, max_results="100", **params).json()
        ids += [post["id"] for post in body.get("data", [])]
        if "next_token" not in body["meta"]:
            return ids
        params["next_token"] = body["meta"]["next_token"]


def stamp(when: datetime) -> str:
    """Return a time as X takes it."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def calm(*said: Said) -> FakeX:
    """Return an X without bad moments."""
    return FakeX(said, empty=0, trouble=0)


def test_a_storm_is_as_it_is_told() -> None:
    """Ten thousand in the peak, five in a hundred late, twenty in a hundred beside another."""
    said = storm(0)
    peak = [post for post in said if BREAKS <= post.at < BREAKS + PEAK]
    ids = {post.id for post in peak}
    tied = sum(post.id + 1 in ids or post.id - 1 in ids for post in peak)
    delays = [post.known - post.at for post in peak if post.late]

    assert len(peak) == len(ids) == POSTS
    assert 0.04 < len(delays) / POSTS < 0.06
    assert min(delays) >= SECOND and max(delays) <= 300 * SECOND
    assert tied / POSTS > 0.2
    assert len({post.id >> 22 for post in peak}) <= 0.8 * POSTS


def test_all_comes_once_newest_first_with_a_tenth_of_the_answers_empty() -> None:
    """Through every token to the end; the same token gives the same answer an hour later."""
    fake = FakeX(storm(0), trouble=0)
    start = stamp(BREAKS - timedelta(hours=2))

    ids = found(fake, start_time=start)
    token = dict(fake.asked[7].params)["next_token"]
    again = [ask(fake, at, start_time=start, max_results="100", next_token=token).body
             for at in (NOW, NOW + timedelta(hours=1))]  # fmt: skip

    assert ids == [str(post.id) for post in reversed(fake.said)]
    assert 0.05 < 1 - len(ids) / 100 / (len(fake.asked) - 2) < 0.2
    assert again[0] == again[1]


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({"since_id": 1}, [4, 3, 2]),
        ({"until_id": 3}, [2, 1, 0]),
        ({"since_id": 0, "until_id": 3}, [2, 1]),
        ({"start_time": 1}, [4, 3, 2, 1]),
        ({"end_time": 3}, [2, 1, 0]),
        ({"start_time": 1, "end_time": 3}, [2, 1]),
        ({}, [4, 3, 2, 1, 0]),
    ],
)
def test_bounds_are_as_documented(params: dict[str, int], places: list[int]) -> None:
    """Both ids and the end are left out, the start isn't."""
    said = [a_said(BREAKS + n * SECOND) for n in range(5)]
    asked = {
        name: str(said[n].id) if "id" in name else stamp(said[n].at) for name, n in params.items()
    }

    assert found(calm(*said), **asked) == [str(said[n].id) for n in places]


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"since_id": str(id_at(BREAKS)), "end_time": stamp(BREAKS)}, "since_id"),
        ({"until_id": str(id_at(BREAKS)), "start_time": stamp(BREAKS)}, "until_id"),
        ({"start_time": stamp(NOW - WEEK - SECOND)}, "start_time"),
        ({"end_time": stamp(NOW - 9 * SECOND)}, "end_time"),
        ({"start_time": stamp(NOW - 9 * SECOND)}, "start_time"),
        ({"start_time": stamp(BREAKS), "end_time": stamp(BREAKS)}, "start_time"),
        ({"since_id": str(id_at(NOW - WEEK) - 1)}, "since_id"),
        ({"since_id": "next week"}, "since_id"),
        ({"max_results": "101"}, "max_results"),
        ({"next_token": "another question's"}, "next_token"),
        ({"query": ""}, "query"),
    ],
)
def test_what_x_does_not_take(params: dict[str, str], name: str) -> None:
    """A 400 names the parameter."""
    answer = ask(calm(), **params)

    assert answer.status == 400
    assert name in answer.json()["errors"][0]["parameters"]


def test_a_token_belongs_to_its_question() -> None:
    """It is no way into another stretch."""
    fake = calm(*(a_said(BREAKS, n) for n in range(20)))
    token = ask(fake, since_id=str(id_at(BREAKS))).json()["meta"]["next_token"]

    assert ask(fake, next_token=token).status == 400


def test_what_is_too_new_or_late_is_not_found_yet() -> None:
    """Half a minute passes before anything is found, and longer for what comes late."""
    soon, late = a_said(NOW), a_said(NOW, 1, known=NOW + 200 * SECOND)
    fake = calm(soon, late)

    assert found(fake, NOW + LAG) == []
    assert found(fake, NOW + LAG + SECOND) == [str(soon.id)]
    assert found(fake, NOW + 201 * SECOND) == [str(late.id), str(soon.id)]


def test_a_quarter_of_an_hour_has_so_many_questions() -> None:
    """The headers count them down, one more is refused until the reset, and then all are there."""
    fake = calm()
    answers = [ask(fake, NOW + n * SECOND) for n in range(SEARCHES + 1)]

    assert [answers[n].status for n in (0, -2, -1)] == [200, 200, 429]
    assert [answers[n].header("x-rate-limit-remaining") for n in (0, -2, -1)] == ["449", "0", "0"]
    reset = datetime.fromtimestamp(int(answers[-1].header("x-rate-limit-reset")), NOW.tzinfo)
    assert reset == NOW + QUARTER
    assert ask(fake, reset).header("x-rate-limit-remaining") == "449"


@pytest.mark.parametrize(("grain", "buckets"), [("minute", 61), ("hour", 2), ("day", 1)])
def test_counts_add_up(grain: str, buckets: int) -> None:
    """Every bucket follows the one before, the total is their sum and what a search finds."""
    fake = calm(*storm(0))
    half = BREAKS + timedelta(seconds=30)
    bounds = {"start_time": stamp(half), "end_time": stamp(half + timedelta(hours=1))}

    at = NOW + 2 * LAG
    body: Any = ask(fake, at, "counts", granularity=grain, **bounds).json()

    assert len(body["data"]) == buckets
    assert all(a["end"] == b["start"] for a, b in zip(body["data"], body["data"][1:], strict=False))
    total = sum(bucket["tweet_count"] for bucket in body["data"])
    assert body["meta"]["total_tweet_count"] == total == len(found(fake, at, **bounds)) > 0


def test_every_bad_moment_comes_and_the_seed_says_when() -> None:
    """Two of the same seed fail alike: about one question in six."""

    def lived(seed: int) -> list[str]:
        fake, told = FakeX(seed=seed, empty=0, searches=5_000), []
        for _ in range(2_000):
            try:
                answer = ask(fake)
            except SourceBusy:
                told.append("timeout")
                continue
            left = answer.header("x-rate-limit-remaining")
            told.append(f"{answer.status} {'told' if left else 'untold'}")
        return told

    told = Counter(lived(1))

    assert lived(1) == lived(1) != lived(2)
    assert told.keys() == {"200 told", "429 told", "429 untold", "503 untold", "timeout"}
    assert 0.1 < 1 - told["200 told"] / 2_000 < 0.25
    assert json.loads(ask(calm()).body) == {"meta": {"result_count": 0}}
