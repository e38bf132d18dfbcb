"""Mastodon: from what an instance tells of a status to a post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.mastodon import source
from models.post import Post
from tests.ingest.mastodon_said import ACCOUNT, MINUTE, TEN, known, read, status
from tests.recorded import NOW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def heard(*items: Any, address: str = "https://mastodon.example") -> tuple[Post, ...]:
    """Return the posts of one answer."""
    return read(source.ask(known(address=address), NOW), list(items)).posts


@pytest.mark.parametrize(
    "account",
    [
        {"bot": True},
        {"noindex": True},
        {"suspended": True},
        {"limited": True},
        {"note": '<p>films. <a href="/tags/nobot">#<span>NoBot</span></a></p>'},
    ],
)
def test_who_is_hidden_or_asks_not_to_be_collected_is_left_out(account: dict[str, Any]) -> None:
    """So are bots: what a machine repeats is no feedback."""
    assert heard(status(TEN, account=ACCOUNT | account), status(TEN, 1)) == heard(status(TEN, 1))


@pytest.mark.parametrize("visibility", ["private", "direct", "mutuals", None])
def test_what_was_not_said_in_public_is_never_kept(visibility: str | None) -> None:
    """Unknown kinds count as not public."""
    assert heard(status(TEN, visibility=visibility)) == ()
    assert len(heard(status(TEN, visibility="unlisted"))) == 1


def test_a_boost_of_what_is_hidden_is_left_out() -> None:
    """A booster doesn't make a followers-only post public."""
    hidden = status(TEN, visibility="private")

    assert heard(status(NOW, reblog=hidden)) == ()


def test_a_boost_and_its_original_in_one_answer_are_two_posts() -> None:
    """The original isn't doubled by being spread."""
    original = status(TEN)

    posts = heard(status(NOW, 1, reblog=original, content=""), original)

    assert [post.kind for post in posts] == ["repost", "post"]
    assert posts[0].origin_id == posts[1].external_id


def test_a_reply_names_the_post_it_answers_where_that_is_told() -> None:
    """Ids are the instance's own, so a parent in another answer can't be named."""
    parent = status(TEN)
    near = status(NOW, in_reply_to_id=parent["id"])
    far = status(NOW, 1, in_reply_to_id="1")

    replies = heard(far, near, parent)

    assert [post.kind for post in replies] == ["reply", "reply", "post"]
    assert replies[0].parent_id is None
    assert replies[1].parent_id == replies[2].external_id


def test_the_same_post_is_one_on_every_instance() -> None:
    """Each gives it another id; its address and its author's name are the same."""
    at_home = status(TEN, id="7", account=ACCOUNT | {"acct": "cleo"})

    (there,) = heard(at_home, address="https://far.example")
    (here,) = heard(status(TEN))

    assert there.external_id == here.external_id
    assert there.author == here.author == "cleo@far.example"


def test_a_later_edit_is_a_greater_version() -> None:
    """A copy from before the edit can't overwrite it, whenever it arrives."""
    edits = [None, TEN + MINUTE, TEN + 2 * MINUTE, TEN - MINUTE]
    told = [edit and edit.isoformat() for edit in edits]

    versions = [heard(status(TEN, edited_at=edited))[0].version for edited in told]

    assert versions == [0, 61, 121, 1]


def test_a_warning_is_read_with_the_post() -> None:
    """Many put the point of it there."""
    folded = status(TEN, sensitive=True, spoiler_text="bank rant", content="<p>no pay</p>")

    assert heard(folded)[0].text == "bank rant\nno pay"


def test_a_post_that_only_quotes_keeps_the_quotation() -> None:
    """Else nothing would be left of it."""
    only = status(TEN, content="<blockquote><p>we are on it</p></blockquote>")

    assert heard(only)[0].text == "we are on it"


def test_a_picture_without_words_is_a_reject_and_no_blindness() -> None:
    """One such post alone in an answer doesn't mean that the instance has changed."""
    answer = read(source.ask(known(), NOW), [status(TEN, content="")])

    assert answer.posts == ()
    assert answer.rejects[0].reason == "a post needs text"


def test_one_odd_post_does_not_lose_the_others() -> None:
    """It is a reject, with the reason and its beginning."""
    odd = status(NOW, content={"text": "?"})

    answer = read(source.ask(known(), NOW), [odd, status(TEN)])

    assert len(answer.posts) == 1
    assert "content" in answer.rejects[0].reason
    assert answer.rejects[0].raw.startswith("{")


def test_half_a_character_does_not_lose_a_post() -> None:
    """A lone surrogate, which no database takes."""
    body = [status(TEN, content="nothing plays \ud83d #Reelpost")]

    assert read(source.ask(known(), NOW), body).posts[0].text == "nothing plays ? #Reelpost"


def test_absurd_values_are_unknown() -> None:
    """Counters below zero or beyond the database, times in the future, endless names."""
    (post,) = heard(
        status(
            TEN, favourites_count=-1, replies_count=2**70, language="<script>",
            created_at=(NOW + timedelta(days=999)).isoformat(), uri="https://far.example/" + "u" * 900,
        ),
        status(TEN, 1, visibility="private"),
    )  # fmt: skip

    assert (post.likes, post.replies, post.lang, post.posted_at) == (None, None, None, None)
    assert post.external_id.startswith("sha-")


@given(st.lists(st.dictionaries(st.sampled_from(sorted(status(TEN))), JSON), max_size=4))
def test_no_answer_however_odd_is_a_traceback(odd: list[dict[str, Any]]) -> None:
    """Whatever an instance says, the post beside it comes through."""
    items = [status(TEN, n) | said for n, said in enumerate(odd)]

    answer = read(source.ask(known(), NOW), [*items, status(NOW)])

    assert any(post.posted_at == NOW for post in answer.posts)
