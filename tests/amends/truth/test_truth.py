"""Contradictions and symptoms of an incident: counted in voices, held against what we said, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from amends.digest import as_text, build, snapshot
from amends.truth import reading
from amends.truth.contradictions import Contradictions, contradictions
from amends.truth.symptoms import By, Symptoms, symptoms
from amends.truth.vocabulary import vocabulary
from models.campaign import ActRow, Terms
from models.coverage import Span
from models.day import day_window, local_day
from models.incident import Watch
from models.monitor import Alert, MonitorRow
from models.store import Store
from models.store.complaints import PART
from models.tag import Tag
from tests.amends.goldens import STYLES
from tests.factories import NOW, a_post, a_watch

KNOWN = vocabulary()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = day_window(local_day(NOW, "UTC"), "UTC")


@pytest.fixture
def watch(store: Store) -> Watch:
    """Return a watch of an open incident."""
    return a_watch(store, source="x", terms=["reelpost"])


def say(
    store: Store, watch: Watch, *said: tuple[str, str], at: datetime | None = NOW, **more: Any
) -> None:
    """Keep complaints, each (author, text)."""
    label = more.pop("label", "complaint")
    batch = [a_post(author=author, text=text, posted_at=at, **more) for author, text in said]
    with store.begin() as tx:
        ids = tx.posts.add(watch, batch, NOW).ids
        rows = tx.posts.unscored(len(batch))
        tags = [Tag(post_id=one, label=label, by="classifier:t", score=0.9) for one in ids.values()]
        tx.tags.put_scored(rows, tags, by="classifier:t", at=NOW)


def act(store: Store, text: str, at: datetime, kind: str = "status_update") -> None:
    """Let Ana say something in public."""
    with store.begin() as tx:
        tx.acts.add(ActRow(incident_id=1, kind=kind, text=text, at=at, by="ana", recorded_at=at))


def offer(store: Store, at: datetime, days: int = 7) -> None:
    """Offer 3 %."""
    terms = Terms(text="Click", how="link", offers={"": ("3 %",)}, announced_at=at, days=days)
    with store.begin() as tx:
        tx.campaigns.add(1, terms, "bo", at)


def told(store: Store, within: Span | None = None, now: datetime = NOW) -> Contradictions:
    """Find what people were told otherwise."""
    with store.read() as tx:
        return contradictions(tx, tx.incidents.find("discs-late"), KNOWN, now, within)


def fails(store: Store, within: Span | None = None, by: By = "component") -> Symptoms:
    """Find what fails."""
    with store.read() as tx:
        return symptoms(tx, tx.incidents.find("discs-late"), KNOWN, NOW, within, by)


def test_voices_are_counted_by_channel_and_place(store: Store, watch: Watch) -> None:
    """Cleo says it twice and is one voice; Leeds stands apart."""
    offer(store, NOW - DAY)
    say(store, watch, ("cleo", "chat told me there is no credit"), at=NOW - HOUR)
    say(store, watch, ("cleo", "again: chat says I'm not eligible"), ("dre", "chat says no credit"),
        ("fay", "chat says no credit for Leeds, in Leeds!"), ("gus", "no discs"))  # fmt: skip
    found = told(store)
    assert [(one.channel, one.place, one.voices, one.posts) for one in found.found] == [
        ("chat", "", 2, 3), ("chat", "Leeds", 1, 1)]  # fmt: skip
    assert (found.voices, found.posts, found.read, found.cut) == (3, 4, 5, False)
    first = found.found[0]
    assert (first.first_at, first.against, first.public) == (NOW - HOUR, "offer", "3 %")
    assert [post.author for post in first.examples] == ["cleo", "dre", "cleo"]


def test_what_it_is_held_against_is_what_was_said_by_then(store: Store, watch: Watch) -> None:
    """Before any offer nothing, then the offer, and nothing again when its window is over."""
    offer(store, NOW - 4 * DAY, days=1)
    for days in (5, 3, 1):
        say(store, watch, (f"cleo{days}", "phone rep said no credit"), at=NOW - days * DAY)
    say(store, watch, ("dre", "the app says the offer has expired"), at=NOW - 3 * DAY)
    say(store, watch, ("eve", "the app says the offer has expired"), at=NOW - DAY)
    found = {(one.channel, one.against): one.voices for one in told(store).found}
    assert found == {
        ("phone", "offer"): 1,
        ("phone", "nothing"): 2,
        ("app", "offer"): 1,
        ("app", "nothing"): 1,
    }


def test_a_statement_speaks_against_all_is_well(store: Store, watch: Watch) -> None:
    """Without one only their own eyes do; where we had said that all works, as well."""
    page = "status page says operational but nothing plays"
    say(store, watch, ("cleo", page), at=NOW - 3 * HOUR)
    act(store, "Login is down, we are on it.", NOW - 2 * HOUR)
    say(store, watch, ("dre", page), at=NOW - HOUR)
    act(store, "Everything is back to normal.", NOW - HOUR / 2)
    say(store, watch, ("fay", page), at=NOW)
    found = {one.against: (one.voices, one.public) for one in told(store).found}
    assert found == {"experience": (2, ""), "statement": (1, "Login is down, we are on it.")}


def test_a_statement_that_denies_a_credit_speaks_against_no_chat(
    store: Store, watch: Watch
) -> None:
    """The chat says what we say."""
    act(store, "There will be no credit for this.", NOW - 2 * HOUR, "statement")
    say(store, watch, ("cleo", "chat says no credit"), at=NOW - HOUR)
    act(store, "Everybody gets a credit.", NOW - HOUR / 2, "statement")
    say(store, watch, ("dre", "chat says no credit"))
    assert {one.against for one in told(store).found} == {"nothing", "statement"}


def test_only_complaints_and_credit_requests_of_the_stretch_are_read(
    store: Store, watch: Watch
) -> None:
    """Praise isn't, nor the company's own; what has no time belongs to the whole incident only."""
    text = "chat told me there is no credit"
    say(store, watch, ("cleo", text), label="praise")
    say(store, watch, ("reelpost", text), official=True)
    say(store, watch, ("dre", text), label="credit_request", at=NOW - 2 * DAY)
    say(store, watch, ("fay", text), at=None)
    assert told(store).voices == 2 and told(store, TODAY).voices == 0
    assert told(store, TODAY) == Contradictions()


def test_what_fails_by_component_with_its_symptoms_devices_and_places(
    store: Store, watch: Watch
) -> None:
    """In voices, with the posts; a component nobody names comes last."""
    say(store, watch, ("cleo", "Roku app won't load in Spain"), ("dre", "TV app is buffering, Spain"),
        ("fay", "TV app won't load"), ("gus", "it's down"), ("hal", "it's down"), ("ida", "it's down"))  # fmt: skip
    found = fails(store)
    tv, rest = found.found
    assert (tv.component, tv.voices, tv.page, tv.against) == ("tv_app", 3, "", 0)
    assert [(one.name, one.voices) for one in tv.symptoms] == [("won't load", 2), ("buffering", 1)]
    assert [(one.name, one.voices) for one in tv.places] == [("Spain", 2)]
    assert [(one.name, one.voices) for one in tv.devices] == [("Roku", 1)]
    assert (rest.component, rest.voices) == ("", 3) and found.voices == 6
    (spain,) = fails(store, by="place").found
    assert (spain.component, spain.part, spain.voices) == ("tv_app", "Spain", 2)


def test_voices_against_the_page_are_those_who_spoke_while_it_said_all_is_well(
    store: Store, watch: Watch
) -> None:
    """By what the page said then, from its calls, our updates, or its own posts."""
    with store.begin() as tx:
        row = MonitorRow(
            name="s", kind="statuspage", company="REELPOST", digest="d", created_at=NOW
        )
        tx.session.add(row)
        tx.session.flush()
        tx.alerts.keep(row, [Alert(key="component c", event="1", state="up", title="TV app: operational", at=NOW - 4 * HOUR)], NOW)  # fmt: skip
    say(store, watch, ("cleo", "TV app won't load"), at=NOW - 5 * HOUR)
    say(store, watch, ("dre", "TV app won't load"), ("fay", "my login fails"), at=NOW - 3 * HOUR)
    act(store, "The TV app is down in parts.", NOW - 2 * HOUR)
    say(store, watch, ("gus", "TV app won't load"), at=NOW - HOUR)
    say(store, watch, ("reelpost", "Login: resolved"), official=True, url="https://status.reelpost.example/1",
        at=NOW - HOUR)  # fmt: skip
    found = {one.component: (one.voices, one.against, one.page) for one in fails(store).found}
    assert found == {"tv_app": (3, 1, "outage"), "login": (1, 0, "operational")}


def test_another_companys_page_and_drafts_say_nothing(store: Store, watch: Watch) -> None:
    """Only what is out, and ours."""
    with store.begin() as tx:
        row = MonitorRow(name="s", kind="statuspage", company="Other", digest="d", created_at=NOW)
        tx.session.add(row)
        tx.session.flush()
        tx.alerts.keep(
            row, [Alert(key="component c", event="1", state="up", title="TV app: operational")], NOW
        )
        tx.acts.add(
            ActRow(
                incident_id=1, kind="status_update", text="The TV app works again", recorded_at=NOW
            )
        )
    say(store, watch, ("cleo", "TV app won't load"))
    assert fails(store).found[0].page == ""


def test_of_more_than_can_be_read_the_newest_are(store: Store, watch: Watch) -> None:
    """And it is said from when on; copies cost no reading."""
    say(
        store,
        watch,
        *((f"c{n}", f"chat told me there is no credit {n}") for n in range(20)),
        at=NOW - HOUR,
    )
    say(store, watch, *((f"d{n}", "chat told me there is no credit at all") for n in range(30)))
    with store.read() as tx:
        found = tx.complaints.newest(1, None, reading.LABELS, 5, 1_000)
        few = tx.complaints.newest(1, None, reading.LABELS, 50, 10)
    assert (len(found.texts), len(found.posts), found.cut) == (5, 34, True)
    assert (len(few.posts), few.cut) == (10, True)


def test_posts_are_read_part_by_part_each_once(store: Store, watch: Watch) -> None:
    """Also where many were made in one moment."""
    say(store, watch, *((f"c{n}", "chat told me there is no credit") for n in range(PART + 1)))
    found = told(store)
    assert (found.voices, found.posts, found.read, found.cut) == (PART + 1, PART + 1, 1, False)


def test_the_digest_says_it_in_a_line_each_where_there_is_something_to_tell(
    store: Store, watch: Watch
) -> None:
    """Two voices are something, one isn't; five fail where the page says nothing."""
    offer(store, NOW - DAY)
    say(
        store,
        watch,
        ("cleo", "chat told me there is no credit"),
        ("zoe", "TV app won't load, Spain"),
    )
    assert sheet(store).truth == ()
    say(store, watch, ("dre", "chat says no credit"),
        *((f"v{n}", f"TV app won't load, Spain {n}") for n in range(4)))  # fmt: skip
    digest = sheet(store)
    assert digest.truth == (
        "Told otherwise than we said: Chat: “there is no credit” (2 voices).",
        "Fails: TV app, 5 voices (Spain 5): page says nothing of it.",
    )
    assert "What they were told, and what fails" in as_text(digest)
    act(store, "The TV app is down.", NOW - HOUR)
    assert len(sheet(store).truth) == 1


def sheet(store: Store) -> Any:
    """Return the digest of today."""
    with store.read() as tx:
        row = tx.incidents.find("discs-late")
        return build(snapshot(tx, row, local_day(NOW, "UTC"), NOW + HOUR, STYLES))
