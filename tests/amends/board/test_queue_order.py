"""Whatever is sought, the queue gives it whole and in its order, whichever index it goes by."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest

from models.columns import to_micros
from models.item import points
from models.store import Store
from models.store.items import Seen, Verdict
from models.store.queue import Counted, Sought
from models.store.search import Search
from models.store.walk import Limits
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

LIMITS = (
    Limits(items=1, hits=500),
    Limits(items=1, hits=1, step=3),
    Limits(items=1, hits=1, passed=5, step=5),
    Limits(items=1, hits=1, in_vain=2, step=2),
    Limits(items=1, hits=1, many=10, step=3),
    Limits(items=1, hits=1, many=10**6, passed=5, in_vain=2, step=2),
)
"""As with many items: by the words' index, by a walk, by a walk that is given up, from hit to hit."""

BRIEF = Limits(items=1, hits=1, step=3, counted=2)
"""As where so much would have to be looked through that it isn't counted to the end."""


@pytest.mark.parametrize("folded", [True, False])
def test_whatever_is_sought_is_found_in_order(store: Store, folded: bool) -> None:
    """By whichever index: the same as looking through all of them, on both databases."""
    watch = a_watch(store, source="x", terms=["reelpost"])
    labels = ((), ("complaint",), ("praise",), ("complaint", "credit_request"))
    batch = [
        a_post(text=f"words {n % 23}", source=("x", "bluesky")[n % 2], lang=("en", None, "fi")[n % 3],
               author_followers=10 ** (n % 5), posted_at=None if n % 19 == 0 else
               NOW - timedelta(minutes=n * 37 % 4_000), author=f"a{n % 7}")
        for n in range(160)
    ]  # fmt: skip
    with store.begin() as tx:
        tx.posts.add(watch, batch, NOW)
        rows = tx.posts.unscored(200)
        tags = [Tag(post_id=row.post_id, label=label, by="classifier:t", score=0.9)
                for n, row in enumerate(rows) for label in labels[n % 4]]  # fmt: skip
        tx.tags.put_scored(rows, tags, by="classifier:t", at=NOW)
        every = tx.queue.lines(1, Sought(folded=False, state="all"), None, 500)
        decisions = ("dismiss", "follow", "reply", "escalate")
        for n, line in enumerate(every[::3]):
            tx.items.decide(1, [Seen(line.post_id, 0)], Verdict(decisions[n % 4]), "ana", NOW)  # type: ignore[arg-type]
        every = tx.queue.lines(1, Sought(folded=False, state="all"), None, 500)
    assert len(every) == 160
    order = [(line.urgency, line.post_id) for line in every]
    assert order == sorted(order)
    assert all(line.points == points(line.labels, line.reach) for line in every)
    half = NOW - timedelta(minutes=2_000)
    asks = [
        Sought(), Sought(state="all"), Sought(state="dismissed"), Sought(state="followed", source="x"),
        Sought(label="complaint"), Sought(label="complaint", state="all", lang="fi"),
        Sought(label="credit_reques_"), Sought(source="bluesky", unseen=True), Sought(lang="fi"),
        Sought(holder="ana"), Sought(holder="", label="praise"), Sought(holder="eve"),
        Sought(since=half), Sought(until=half, state="all"), Sought(search="words 1*", lang="en"),
        Sought(newer=60), Sought(newer=60, state="all", label="praise"), Sought(search="a3"),
        Sought(search="a3", names=False), Sought(search="-words"), Sought(search="words -a3", state="all"),
        Sought(search='"words 7"'), Sought(search='"7 a3"'), Sought(search="!"), Sought(unseen=True, until=half),
        Sought(since=half, until=half + timedelta(hours=10), source="x", label="complaint"),
    ]  # fmt: skip
    with store.read() as tx:
        for plain in asks:
            sought = msgspec.structs.replace(plain, folded=folded)
            wanted = [line for line in every if _fits(line, sought)]
            if folded:
                wanted = list({line.near: line for line in reversed(wanted)}.values())
                wanted.sort(key=lambda line: (line.urgency, line.post_id))
            found = tx.queue.ids(1, sought, None, 500)
            assert found == [line.post_id for line in wanted], sought
            assert tx.queue.count(1, sought) == Counted(len(wanted)), sought
            assert [line.post_id for line in tx.queue.leaf(1, sought, None, 3)[0]] == found[:3], (
                sought
            )
            said = tx.queue.leaf(1, sought, None, 3, 500)[1]
            assert said == Counted(len(wanted)), sought
            brief = Search(tx.session.connection(), 1, sought, BRIEF).count(500)
            assert brief.items <= len(wanted) and brief.all <= (brief.items == len(wanted)), sought
            for limits in LIMITS:
                search = Search(tx.session.connection(), 1, sought, limits)
                assert search.keys(None, 500) == found, (sought, limits)
                assert search.count(500) == Counted(len(wanted)), (sought, limits)
                # Counting goes on behind a leaf.
                assert search.keys(None, 2) == found[:2], (sought, limits)
                assert search.count(500) == Counted(len(wanted)), (sought, limits)
                if len(wanted) > 4:
                    place = (to_micros(wanted[2].urgency), wanted[2].post_id)
                    search = Search(tx.session.connection(), 1, sought, limits)
                    assert search.keys(place, 2) == found[3:5], (sought, limits)
            if len(wanted) > 4:
                assert tx.queue.ids(1, sought, wanted[2].cursor, 2) == found[3:5], sought


_WORDS = re.compile(r'"[^"]*"|\S+')


def _said(word: str, text: str, author: str) -> bool:
    """Return whether a post has a word, put plainly."""
    bare = word.strip('-"*')
    lines = (f" {text} ", f" {author} ")
    has = any((f" {bare}" if word.endswith("*") else f" {bare} ") in line for line in lines)
    return has is not word.startswith("-")


def _fits(line: object, sought: Sought) -> bool:
    """Return whether an item is sought, put plainly."""
    one: dict[str, object] = msgspec.structs.asdict(line)  # type: ignore[arg-type]
    decided = {"dismissed": "dismiss", "followed": "follow"}.get(sought.state)
    at, text, author = one["posted_at"], str(one["text"]), str(one["author"])
    return all(
        (
            one["open"] if sought.state == "open" else True,
            decided is None or one["decision"] == decided,
            sought.label is None or sought.label in one["labels"],  # type: ignore[operator]
            sought.source in (None, one["source"]),
            sought.lang in (None, one["lang"]),
            sought.newer is None or one["post_id"] > sought.newer,  # type: ignore[operator]
            sought.holder is None or (one["holder"] or "") == sought.holder,
            not sought.unseen or one["seen_at"] is None,
            sought.since is None or (at is not None and at >= sought.since),  # type: ignore[operator]
            sought.until is None or (at is not None and at < sought.until),  # type: ignore[operator]
            all(_said(word, text, author if sought.names else "") for word in _WORDS.findall(sought.search or "")),
        )
    )  # fmt: skip
