"""X's old files: every shape they come in gives the same posts as the live ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources.x.archive import is_x, read_object
from models.post import Post
from tests.recorded import NOW

FOUND = datetime(2022, 5, 6, 7, 8, 9, tzinfo=UTC)
TWARC = {"version": "2.9", "retrieved_at": "2022-05-06T07:08:09+00:00", "url": "https://x.example"}
SAID = {
    "id": "1521500000000000007",
    "text": "lumabank ate my card &amp; my evening",
    "author_id": "4411",
    "created_at": "2022-05-03T14:34:13.000Z",
    "conversation_id": "1521500000000000007",
    "public_metrics": {"retweet_count": 2, "like_count": 5, "reply_count": 1, "quote_count": 0},
}
CLEO = {"id": "4411", "username": "cleo", "public_metrics": {"followers_count": 91}}
STATUS: dict[str, Any] = {
    "created_at": "Mon Jun 02 11:05:09 +0000 2014",
    "id": 473420044563383289,
    "id_str": "473420044563383289",
    "text": "cannot get money out of the wall at the corner shop &lt;again&gt;",
    "truncated": False,
    "in_reply_to_status_id_str": "473420000000000001",
    "lang": "en",
    "retweet_count": 2,
    "favorite_count": 1,
    "user": {"id_str": "4411", "screen_name": "cleo", "followers_count": 91},
}


def only(value: dict[str, Any]) -> Post:
    """Return the one post an object holds."""
    posts, rejects = read_object(value, "line 1", NOW)
    assert rejects == []
    [post] = posts
    return post


def test_answer_line_and_flattened_line_give_the_same_post() -> None:
    """A collection flattened or not is the same collection."""
    answer = {"data": [SAID], "includes": {"users": [CLEO]}, "meta": {}, "__twarc": TWARC}
    flat = {**SAID, "author": CLEO, "__twarc": TWARC}

    assert is_x(answer)
    assert is_x(flat)
    assert only(answer) == only(flat)
    assert only(answer).text == "lumabank ate my card & my evening"
    assert only(answer).author_followers == 91
    assert only(answer).as_of == FOUND


def test_a_line_of_a_stream_holds_one_post() -> None:
    """Streams put an object where searches put a list."""
    line = {
        "data": SAID,
        "includes": {"users": [CLEO]},
        "matching_rules": [{"id": "1", "tag": "a"}],
    }

    assert is_x(line)
    assert only(line).author == "cleo"
    assert only(line).as_of == only(line).posted_at


def test_a_flattened_repost_keeps_its_original() -> None:
    """What twarc folds into the references comes out as text and as a post of its own."""
    repost = {
        **SAID,
        "id": "1521500000000000009",
        "text": "RT @cleo: lumabank ate my…",
        "author_id": "77",
        "author": {"id": "77", "username": "tomas"},
        "referenced_tweets": [{**SAID, "type": "retweeted", "author": CLEO}],
    }

    posts, rejects = read_object(repost, "line 1", NOW)

    assert rejects == []
    assert [(post.author, post.kind) for post in posts] == [("tomas", "repost"), ("cleo", "post")]
    assert posts[0].text == posts[1].text == "lumabank ate my card & my evening"
    assert posts[0].origin_id == posts[1].external_id


def test_a_status_of_the_first_api() -> None:
    """Its names and its date differ; the post doesn't."""
    post = only(STATUS)

    assert is_x(STATUS)
    assert post.posted_at == post.as_of == datetime(2014, 6, 2, 11, 5, 9, tzinfo=UTC)
    assert post.text.endswith("<again>")
    assert (post.author, post.author_id, post.author_followers) == ("cleo", "4411", 91)
    assert (post.kind, post.parent_id) == ("reply", "473420000000000001")
    assert (post.likes, post.reposts) == (1, 2)
    assert post.url == "https://x.com/cleo/status/473420044563383289"


@pytest.mark.parametrize(
    "long",
    [
        {"full_text": "the whole story of the corner shop"},
        {"truncated": True, "extended_tweet": {"full_text": "the whole story of the corner shop"}},
    ],
)
def test_the_longest_text_wins(long: dict[str, Any]) -> None:
    """A text cut at 140 signs isn't what was said."""
    assert only(STATUS | long).text == "the whole story of the corner shop"


def test_an_old_repost_takes_the_original_s_text() -> None:
    """An old repost's own text ends in “…”, even where it claims to be whole."""
    original = STATUS | {"id_str": "473410000000000001", "full_text": "all of it, to the last word"}
    repost = STATUS | {
        "id_str": "473420044563383299",
        "text": "RT @cleo: all of…",
        "in_reply_to_status_id_str": None,
        "retweeted_status": original,
        "user": {"id_str": "77", "screen_name": "tomas"},
    }

    posts, _ = read_object(repost, "line 1", NOW)

    assert [post.kind for post in posts] == ["repost", "reply"]
    assert posts[0].text == posts[1].text == "all of it, to the last word"
    assert posts[0].origin_id == posts[1].external_id == "473410000000000001"


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_account_archive_has_strings_for_numbers_and_no_author(*, wrapped: bool) -> None:
    """The owner is the archive; the file itself doesn't say who that is."""
    entry: dict[str, Any] = {
        "id": "1521500000000000007",
        "id_str": "1521500000000000007",
        "full_text": "still no disc https://t.co/AbC0000001",
        "created_at": "Tue May 03 14:34:13 +0000 2022",
        "favorite_count": "12",
        "retweet_count": "0",
        "entities": {
            "urls": [
                {
                    "url": "https://t.co/AbC0000001",
                    "expanded_url": "https://forum.example/t/9",
                    "indices": ["14", "37"],
                }
            ]
        },
    }
    value = {"tweet": entry} if wrapped else entry

    assert is_x(value)
    post = only(value)

    assert post.text == "still no disc https://forum.example/t/9"
    assert (post.likes, post.reposts, post.author) == (12, 0, None)
    assert post.url == "https://x.com/i/status/1521500000000000007"


@pytest.mark.parametrize(
    "message",
    [
        {"limit": {"track": 12, "timestamp_ms": "1400000000000"}},
        {"delete": {"status": {"id_str": "1"}, "timestamp_ms": "1400000000000"}},
        {"disconnect": {"code": 4, "reason": ""}},
        {"errors": [{"title": "Not Found Error", "type": "about:blank"}], "__twarc": TWARC},
        {"meta": {"result_count": 0}, "__twarc": TWARC},
    ],
)
def test_what_is_no_post_is_skipped_in_silence(message: dict[str, Any]) -> None:
    """Streams talk about themselves; nobody complained."""
    assert is_x(message)
    assert read_object(message, "line 1", NOW) == ([], [])


@pytest.mark.parametrize(
    "value",
    [
        None,
        "keep-alive",
        [],
        {},
        {"id": 7, "text": "a row of some table"},
        {"data": [{"id": "7", "text": "some other service"}]},
        {"tweet": "coo"},
        {"id_str": "12"},
    ],
)
def test_other_json_is_not_taken_for_x(value: object) -> None:
    """Somebody else's rows are left to those who know them."""
    assert not is_x(value)


def test_a_bad_item_never_loses_the_good_ones_beside_it() -> None:
    """Null, a number and a post without text stand between two good posts."""
    other = {**SAID, "id": "1521500000000000008", "created_at": "9999-99-99", "lang": 7}
    answer = {"data": [SAID, None, 7, {"id": "5", "text": None}, other], "meta": {}}

    posts, rejects = read_object(answer, "old.jsonl line 3", NOW)

    assert [post.external_id for post in posts] == ["1521500000000000007", "1521500000000000008"]
    assert [reject.where for reject in rejects] == [
        f"old.jsonl line 3, post {n}" for n in (2, 3, 4)
    ]
    # The id itself holds a clock, so a broken date isn't the end of it.
    assert posts[1].posted_at is not None
    assert posts[1].posted_at.date() == datetime(2022, 5, 3, tzinfo=UTC).date()


NAMES = [
    "data",
    "includes",
    "tweets",
    "users",
    "id",
    "id_str",
    "text",
    "user",
    "meta",
    "errors",
    "entities",
    "urls",
    "url",
    "tweet",
    "type",
    "referenced_tweets",
    "retweeted_status",
    "public_metrics",
    "note_tweet",
    "created_at",
    "lang",
    "author_id",
    "edit_history_tweet_ids",
    "__twarc",
    "retrieved_at",
    "like_count",
]
LEAVES = st.sampled_from(
    [None, True, 0, -1, 7, 2**70, 1.5, "", "7", "x", "\x00", "9" * 40, "0001-01-01T00:00:00Z"]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_no_shape_of_json_makes_it_stumble(value: dict[str, Any]) -> None:
    """Whatever a file holds: posts, rejects, or nothing; never a traceback."""
    is_x(value)
    read_object(SAID | value, "line 1", NOW)
    read_object(STATUS | value, "line 1", NOW)
    read_object({"data": [SAID | value, value], "includes": {"tweets": [value]}}, "line 1", NOW)
    read_object(value, "line 1", NOW)
