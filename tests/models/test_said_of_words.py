"""What people say is said of words: edits, copies and batches keep it true, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.incident import Watch
from models.store import Store
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def watch(store: Store) -> Watch:
    """Return a watch of an open incident."""
    return a_watch(store)


def praise(post_id: int, *, put: bool = True) -> Tag:
    """Return what Ana says of a post."""
    return Tag(post_id=post_id, label="praise", by="ana", put=put)


def test_an_edited_copy_no_longer_carries_what_was_said_of_the_words_it_had(
    store: Store, watch: Watch
) -> None:
    """The post Ana spoke of keeps her tag; the copy that now says something else doesn't."""
    with store.begin() as tx:
        copies = [
            a_post(external_id="1", text="one thing"),
            a_post(external_id="2", text="One thing"),
        ]
        ids = tx.posts.add(watch, copies, NOW).ids
        tx.tags.put([praise(ids["x", "1"])], NOW)
        tx.posts.add(watch, [a_post(external_id="2", text="quite another", as_of=LATER)], LATER)
        tx.tags.put_scored(tx.posts.unscored(9), [], "classifier:a", LATER)

        assert list(tx.views.labels(list(ids.values()))) == [ids["x", "1"]]


def test_an_edited_post_no_longer_teaches_what_was_said_of_its_old_words(
    store: Store, watch: Watch
) -> None:
    """Neither itself nor posts that say the new words get a tag nobody gave them."""
    with store.begin() as tx:
        ids = tx.posts.add(watch, [a_post(external_id="1", text="one thing")], NOW).ids
        tx.tags.put([praise(ids["x", "1"])], NOW)
        new = [
            a_post(external_id="1", text="quite another", as_of=LATER),
            a_post(external_id="3", text="quite another"),
        ]
        ids |= tx.posts.add(watch, new, LATER).ids
        tx.tags.put_scored(tx.posts.unscored(9), [], "classifier:a", LATER)

        assert tx.views.labels(list(ids.values())) == {} and tx.tags.said() == []


def test_undo_brings_back_nothing_that_was_said_of_other_words(store: Store, watch: Watch) -> None:
    """Ana spoke of the old words, Bo of the new ones; without Bo nobody has said anything."""
    with store.begin() as tx:
        ids = tx.posts.add(watch, [a_post(external_id="1", text="one thing")], NOW).ids
        post_id = ids["x", "1"]
        tx.tags.put([praise(post_id)], NOW)
        tx.posts.add(watch, [a_post(external_id="1", text="quite another", as_of=LATER)], LATER)
        tx.tags.put([Tag(post_id=post_id, label="praise", by="bo", put=False)], LATER)
        tx.tags.undo("bo", LATER)

        assert tx.views.labels([post_id]) == {} and tx.tags.said() == []


def test_an_edit_that_says_the_same_keeps_what_was_said(store: Store, watch: Watch) -> None:
    """A comma more is no other opinion."""
    with store.begin() as tx:
        ids = tx.posts.add(watch, [a_post(external_id="1", text="one thing")], NOW).ids
        tx.tags.put([praise(ids["x", "1"])], NOW)
        tx.posts.add(watch, [a_post(external_id="1", text="One thing!", as_of=LATER)], LATER)
        tx.tags.put_scored(tx.posts.unscored(9), [], "classifier:a", LATER)

        assert list(tx.views.labels(list(ids.values()))) == list(ids.values())


def test_the_last_word_of_a_batch_stands_for_all_copies(store: Store, watch: Watch) -> None:
    """Praise for one and none for its copy, said at once, is none for both."""
    with store.begin() as tx:
        copies = [
            a_post(external_id="1", text="one thing"),
            a_post(external_id="2", text="One thing"),
        ]
        ids = tx.posts.add(watch, copies, NOW).ids
        tx.tags.put([praise(ids["x", "1"]), praise(ids["x", "2"], put=False)], NOW)

        assert tx.views.labels(list(ids.values())) == {}


def test_the_last_word_of_a_batch_stands_even_if_it_held_before(store: Store, watch: Watch) -> None:
    """None, then praise and none at once: none."""
    with store.begin() as tx:
        ids = tx.posts.add(watch, [a_post(external_id="1")], NOW).ids
        post_id = ids["x", "1"]
        tx.tags.put([praise(post_id, put=False)], NOW)
        tx.tags.put([praise(post_id), praise(post_id, put=False)], LATER)

        assert tx.views.labels([post_id]) == {}


def test_words_are_asked_about_once_and_edited_ones_once_more(store: Store, watch: Watch) -> None:
    """The same question never comes twice, also when the post changes in between."""
    with store.begin() as tx:
        for text, at in (("one thing", NOW), ("another thing", LATER)):
            tx.posts.add(watch, [a_post(external_id="1", text=text, as_of=at)], at)
            asked = tx.tags.not_asked(tx.tags.open(5))
            tx.tags.asked(asked, at)

            assert [post.text for post in asked] == [text]
            assert tx.tags.not_asked(tx.tags.open(5)) == []


def test_a_late_copy_of_a_corrected_post_is_not_asked_about(store: Store, watch: Watch) -> None:
    """Somebody has said already what it is."""
    with store.begin() as tx:
        ids = tx.posts.add(watch, [a_post(external_id="1", text="one thing")], NOW).ids
        tx.tags.put([praise(ids["x", "1"], put=False)], NOW)
        tx.posts.add(watch, [a_post(external_id="2", text="One thing!")], LATER)

        assert tx.tags.not_asked(tx.tags.open(5)) == []


def test_open_posts_of_one_incident(store: Store, watch: Watch) -> None:
    """Those of all, of one, and none of another."""
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(external_id="1")], NOW)

        assert len(tx.tags.open(5)) == len(tx.tags.open(5, watch.incident_id)) == 1
        assert tx.tags.open(5, watch.incident_id + 1) == []
