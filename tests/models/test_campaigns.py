"""Campaigns, mentions and requests by phase as they are kept, on each of the two databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from amends.credit import asks, credit, said
from models.campaign import Batch, Terms
from models.coverage import Span
from models.errors import Conflict, SetupError
from models.incident import Watch
from models.post import Post
from models.store import Store
from models.store.campaigns import MOST_BATCHES
from models.store.items import Seen, Verdict
from models.store.mentions import fill
from models.store.requests import NOTHING_MORE, REQUEST
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def some(**said: Any) -> Terms:
    """Return 3 % by a mailed link within 7 days, or what the scene makes of it."""
    plain = {"text": "We are sorry.", "how": "link", "offers": {"": ("3%",)}, "days": 7,
             "batches": (Batch(NOW, 1_000), Batch(NOW + 2 * HOUR))}  # fmt: skip
    return Terms(**(plain | said))


def kept(store: Store, watch: Watch, posts: list[Post], *labels: str) -> list[int]:
    """Keep posts and tag them."""
    with store.begin() as tx:
        found = tx.posts.add(watch, posts, NOW)
        ids = [found.ids[post.source, post.external_id] for post in posts]
        tags = [Tag(post_id=number, label=label, by="classifier:t", score=0.9)
                for number in ids for label in labels]  # fmt: skip
        tx.tags.put_scored(tx.posts.unscored(len(posts)), tags, by="classifier:t", at=NOW)
    return ids


def test_terms_come_back_as_they_were_meant(store: Store) -> None:
    """In their normal form, batches in order."""
    a_watch(store)
    terms = some(
        offers={"": ("3%", "24c", "3 per cent"), " Two  at a time ": ("$5.00",)}, who="all of them",
        batches=(Batch(NOW + HOUR), Batch(NOW, 5)), opens_at=NOW, once=True, bill_by=date(2026, 4, 30),
        announced_at=NOW - DAY,
    )  # fmt: skip
    with store.begin() as tx:
        tx.campaigns.add(1, terms, "ana", NOW)
    with store.read() as tx:
        (row,) = tx.campaigns.of(1)
    assert row.terms == some(
        offers={"": ("3 %", "24 cents"), "Two at a time": ("$5",)}, who="all of them", once=True,
        batches=(Batch(NOW, 5), Batch(NOW + HOUR)), opens_at=NOW, bill_by=date(2026, 4, 30),
        announced_at=NOW - DAY,
    )  # fmt: skip
    assert row.offered == "3 %, 24 cents; Two at a time: $5"


@pytest.mark.parametrize(
    "wrong",
    [
        {"how": "pigeon"}, {"text": " \x00"}, {"offers": {}}, {"offers": {"": ("much",)}}, {"days": 0},
        {"days": 367}, {"how": "automatic"}, {"offers": {"x" * 81: ("3 %",)}},
        {"batches": (Batch(NOW, -1),)}, {"batches": (Batch(NOW),) * (MOST_BATCHES + 1)},
        {"announced_at": NOW.replace(year=2999)}, {"bill_by": date(1989, 1, 1)}, {"text": "x" * 5_001},
        {"how": "automatic", "days": None, "once": True},
    ],
)  # fmt: skip
def test_what_cant_be_meant_is_refused(lite: Store, wrong: dict[str, Any]) -> None:
    """With a sentence, and nothing is kept."""
    a_watch(lite)
    with pytest.raises(SetupError), lite.begin() as tx:
        tx.campaigns.add(1, some(**wrong), "ana", NOW)
    with lite.read() as tx:
        assert tx.campaigns.of(1) == []


def test_who_was_faster_is_told(store: Store) -> None:
    """An edit names the version it saw; what was removed is gone."""
    a_watch(store)
    with store.begin() as tx:
        tx.campaigns.add(1, some(), "ana", NOW)
        assert tx.campaigns.edit(1, 0, some(days=9), "bo").version == 1
    with pytest.raises(Conflict, match="bo has changed campaign 1"), store.begin() as tx:
        tx.campaigns.edit(1, 0, some(days=8), "ana")
    with pytest.raises(Conflict), store.begin() as tx:
        tx.campaigns.remove(1, 0, NOW)
    with store.begin() as tx:
        tx.campaigns.remove(1, 1, NOW)
        assert tx.campaigns.of(1) == []
    with pytest.raises(SetupError, match="no campaign 1"), store.begin() as tx:
        tx.campaigns.edit(1, 1, some(), "ana")


def test_open_requests_are_counted_by_the_phase_they_were_written_in(store: Store) -> None:
    """Boundaries to the microsecond; an author counts once in a phase, and what is done not at all."""
    watch = a_watch(store)
    sent, closes = NOW + 2 * HOUR, NOW + 7 * DAY + 12 * HOUR
    at = [NOW - INSTANT, NOW, sent - INSTANT, sent, closes - DAY - INSTANT, closes - DAY,
          closes - INSTANT, closes]  # fmt: skip
    posts = [a_post(posted_at=moment, author="dre", text=f"where is my credit {n}")
             for n, moment in enumerate(at)]  # fmt: skip
    posts += [a_post(posted_at=NOW, author="cleo"), a_post(posted_at=None, as_of=None, author=None)]
    ids = kept(store, watch, posts, "credit_request")
    kept(store, watch, [a_post(posted_at=NOW)], "complaint")
    done = kept(store, watch, [a_post(posted_at=NOW)], "credit_request")
    with store.begin() as tx:
        tx.campaigns.add(1, some(), "ana", NOW)
        tx.items.decide(1, [Seen(done[0], 0)], Verdict("dismiss"), "ana", NOW)
    with store.read() as tx:
        found = credit(tx, tx.incidents.find("1"), NOW)
    assert [(one.phase, one.posts, one.voices) for one in found.groups] == [
        ("before", 1, 1), ("rolling_out", 4, 3), ("inside", 2, 1), ("closing", 2, 1), ("over", 1, 1),
    ]  # fmt: skip
    with store.read() as tx:
        one = tx.incidents.find("1")
        day = credit(tx, one, NOW, within=Span(NOW, sent + INSTANT))
    assert [(one.phase, one.posts) for one in day.groups] == [("rolling_out", 3), ("inside", 1)]
    assert found.phase == "rolling_out" and len(ids) == sum(one.posts for one in found.groups)
    assert (found.standings[0].starts, found.standings[0].closes) == (NOW, closes)


def test_open_requests_are_counted_by_what_they_ask(store: Store) -> None:
    """One that asks two things counts with both; the oldest that nobody decided on waits."""
    watch = a_watch(store)
    late, dead, taken = "credit_mail_missing", "credit_link_dead", "credit_accepted"
    both = kept(store, watch, [a_post(author="dre", posted_at=NOW)], REQUEST, late, dead)
    kept(store, watch, [a_post(author="dre", posted_at=NOW), a_post(author="cleo", posted_at=NOW)],
         REQUEST, late)  # fmt: skip
    kept(store, watch, [a_post(author="ana", posted_at=NOW)], "praise", taken)
    kept(store, watch, [a_post(author="eve", posted_at=NOW)], REQUEST)
    kept(store, watch, [a_post(author="bo", posted_at=NOW)], "complaint")
    # Before there was an offer nobody can have accepted it.
    kept(store, watch, [a_post(author="bo", posted_at=NOW - HOUR)], taken)
    with store.begin() as tx:
        tx.campaigns.add(1, some(), "ana", NOW)
        tx.items.decide(1, [Seen(both[0], 0)], Verdict("follow"), "ana", NOW)
        tx.replies.add("Mail", "It is on its way.", late, "ana", NOW, owner="Post room", within=30)
        tx.replies.add("Any", "We are on it.", REQUEST, "ana", NOW, "rolling_out")
    with store.read() as tx:
        incident = tx.incidents.find("1")
        found = credit(tx, incident, NOW, (late, dead, taken))
        told = asks(tx, incident, found.groups, NOW + timedelta(minutes=31))

    assert [(one.label, one.posts, one.voices) for one in found.groups] == [
        (REQUEST, 4, 3), (late, 3, 2), (dead, 1, 1), (taken, 1, 1), (NOTHING_MORE, 1, 1),
    ]  # fmt: skip
    assert [one.reply and one.reply.title for one in told] == ["Any", "Mail", "Any", "Any", "Any"]
    mail, gone = told[1], told[2]
    assert (mail.owner, mail.due, mail.late) == ("Post room", NOW + timedelta(minutes=30), True)
    assert (gone.owner, gone.due, gone.late) == ("", None, False)
    assert told[0].due == NOW + timedelta(minutes=incident.answer_within) and not told[0].late


def test_mentions_follow_their_posts(store: Store) -> None:
    """A changed text's mentions are the new text's; the company's own and other incidents' aren't heard."""
    watch = a_watch(store)
    post = a_post(text="they gave me a 9% credit", external_id="a")
    kept(store, watch, [post, a_post(text="3% off for all", official=True),
                        a_post(text="got a 3% credit", posted_at=NOW - INSTANT)])  # fmt: skip
    with store.begin() as tx:
        tx.campaigns.add(1, some(), "ana", NOW)
    with store.read() as tx:
        found = said(tx, tx.incidents.find("1"))
    assert [(one.finding, one.worth, one.posts) for one in found] == [
        ("conflict", "9 %", 1), ("rumour", "3 %", 1)]  # fmt: skip
    kept(store, watch, [a_post(text="sorry, it was a 3% credit", external_id="a", version=1)])
    with store.read() as tx:
        assert [(one.finding, one.worth) for one in said(tx, tx.incidents.find("1"))] == [
            ("rumour", "3 %"), ("agrees", "3 %")]  # fmt: skip
        assert list(tx.mentions.of(2)) == []
        early = Span(NOW - DAY, NOW)
        assert [one.finding for one in said(tx, tx.incidents.find("1"), early)] == ["rumour"]


def test_more_mentions_than_one_batch_are_all_heard(store: Store) -> None:
    """And an older database's posts are read when it is brought up to date."""
    watch = a_watch(store)
    kept(store, watch, [a_post(text=f"{n % 40 + 5}% off and ${n + 1} credit", author=f"a{n}")
                        for n in range(700)])  # fmt: skip
    with store.read() as tx:
        first = list(tx.mentions.of(1))
    assert len(first) == 1_400
    with store.begin() as tx:
        connection = tx.session.connection()
        connection.exec_driver_sql("DELETE FROM mention")
        fill(connection)
    with store.read() as tx:
        assert list(tx.mentions.of(1)) == first
