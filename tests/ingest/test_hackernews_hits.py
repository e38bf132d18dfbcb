"""Hacker News: from a hit of the search to a post."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.errors import SourceChanged
from tests.ingest.hackernews_said import (
    MINUTE,
    SECOND,
    TEN,
    a_watch,
    comment,
    found,
    read,
    searching,
)
from tests.recorded import NOW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def test_what_is_found_by_a_misspelling_is_left_out() -> None:
    """The search forgives typing errors; case, accents, signs and spaces don't count here either."""
    watch = a_watch(terms=("Łumabánk App",))
    texts = ["Łumabank-app fails", "the ŁUMABÁNKAPP", "my lumber bank app", "łumabank's app"]

    answer = read(
        searching(watch), found(*(comment(NOW - n * SECOND, n, texts[n]) for n in range(3)))
    )

    assert [post.text for post in answer.posts] == texts[:2]


def test_a_quoted_line_is_left_out_and_nothing_else() -> None:
    """People quote behind a “>”; a post that only quotes keeps it."""
    both = comment(TEN, text="&gt; lumabank is fine<p>It is not, 2 &gt; 1 days")
    only = comment(TEN, 1, text="<p>&gt; lumabank is fine")

    posts = read(searching(a_watch()), found(both, only)).posts

    assert [post.text for post in posts] == ["It is not, 2 > 1 days", "> lumabank is fine"]


def test_what_was_deleted_is_left_out() -> None:
    """It stands in the index for a while, without words."""
    gone = comment(TEN, text="") | {"comment_text": None, "author": None}

    answer = read(searching(a_watch()), found(gone))

    assert (answer.posts, answer.rejects) == ((), ())


def test_one_odd_hit_does_not_lose_the_others() -> None:
    """It is a reject, with the reason and its beginning; absurd numbers are unknown."""
    answer = read(
        searching(a_watch()), found({"objectID": "1"}, comment(TEN, points=2**70, num_comments=-1))
    )

    assert "created_at_i" in answer.rejects[0].reason
    assert (answer.posts[0].likes, answer.posts[0].replies) == (None, None)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(comment(TEN))), JSON), max_size=4))
def test_no_answer_however_odd_is_a_traceback(odd: list[dict[str, Any]]) -> None:
    """Whatever a hit holds, the one beside it comes through, or the answer isn't one."""
    hits = [comment(TEN + MINUTE, n) | said for n, said in enumerate(odd)]

    try:
        posts = read(searching(a_watch()), found(*hits, comment(TEN, 99))).posts
    except SourceChanged:
        return

    assert any(post.posted_at == TEN for post in posts)
