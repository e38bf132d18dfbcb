"""Themes of an incident: read from the store, on the board, by command and for programs."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from amends.board.themed import Memory
from amends.digest import as_text, build, snapshot
from amends.digest.themes import in_all
from amends.digest.value import Themed
from amends.pulse.themes import Themes, themes_of
from models.day import day_window, local_day
from models.incident import Watch
from models.store import Store
from models.tag import Tag
from tests.amends.board.conftest import Clock, as_, clock, place, watch  # noqa: F401
from tests.amends.conftest import Amends
from tests.amends.goldens import STYLES
from tests.classify.day_of_complaints import a_day
from tests.factories import NOW, a_post, a_watch
from tests.grounds import url_of

As = Callable[[str | None], TestClient]
TODAY = local_day(NOW, "UTC")
WINDOW = day_window(TODAY, "UTC")
EVENING = WINDOW.since + timedelta(hours=23)


def a_day_of_posts(store: Store, heard: Watch) -> None:
    """Keep the day's complaints, and a hundred copies of one by one author."""
    said, _ = a_day(WINDOW.since, 0)
    batch = [a_post(author=one.voice, text=one.text, posted_at=one.at) for one in said]
    batch += [
        a_post(author="eve", text=said[0].text, posted_at=NOW + timedelta(seconds=n))
        for n in range(100)
    ]
    with store.begin() as tx:
        kept = tx.posts.add(heard, batch, EVENING)
        rows = tx.posts.unscored(len(batch))
        tags = [
            Tag(post_id=number, label="complaint", by="classifier:t", score=0.9)
            for number in kept.ids.values()
        ]
        tx.tags.put_scored(rows, tags, by="classifier:t", at=EVENING)


def found(store: Store, now: datetime = EVENING) -> Themes:
    """Find the day's themes."""
    with store.read() as tx:
        return themes_of(tx, tx.incidents.find("discs-late"), WINDOW, now)


def test_they_are_read_from_the_store_with_posts_voices_and_examples(store: Store) -> None:
    """Of the copies one voice counts; every complaint of the day stands in a theme or in what is left."""
    a_day_of_posts(store, a_watch(store, source="x", terms=["reelpost"]))

    themes = found(store)

    assert themes.read == themes.among == sum(t.complaints for t in themes.themes) + themes.other
    assert len(themes.themes) >= 5 and themes.other < themes.read / 10
    assert all(one.complaints <= one.voices <= one.posts for one in themes.themes)
    assert sum(one.posts - one.voices for one in themes.themes) in (99, 100)
    assert {one.since for one in themes.themes} == {None, WINDOW.since + timedelta(hours=13)}
    assert all(len({post.author for post in one.examples}) == 3 for one in themes.themes)
    with store.read() as tx:
        row = tx.incidents.find("discs-late")
        sheet = as_text(build(snapshot(tx, row, TODAY, EVENING, STYLES)))
    assert "What they complain about" in sheet and "since 13:00 UTC" in sheet
    assert "complaints and credit requests have waited" not in sheet


def test_the_digest_names_what_has_waited_too_long(store: Store) -> None:
    """Two hours after they were seen nobody has answered any."""
    a_day_of_posts(store, a_watch(store, source="x", terms=["reelpost"]))
    with store.read() as tx:
        row = tx.incidents.find("discs-late")
        later = EVENING + timedelta(minutes=121)
        digest = build(snapshot(tx, row, TODAY, later, STYLES, Themes()))

    assert digest.overdue is not None
    assert (digest.overdue.posts, digest.overdue.oldest) == (digest.posts.posts, EVENING)
    said = " ".join(as_text(digest).split())
    assert "complaints and credit requests have waited longer than the 2 h allowed for an" in said


def test_of_too_many_a_sample_is_read_and_the_sheet_says_so(store: Store) -> None:
    """The same sample each time; posts, voices and complaints are its own, and the rest is an interval."""
    a_day_of_posts(store, a_watch(store, source="x", terms=["reelpost"]))
    every = found(store)
    with store.read() as tx:
        row = tx.incidents.find("discs-late")
        items = tx.days.items(row.id or 0, WINDOW)
        asked = [themes_of(tx, row, WINDOW, EVENING, given, 150) for given in (None, items, items)]
        sheet = " ".join(
            as_text(build(snapshot(tx, row, TODAY, EVENING, STYLES, asked[0]))).split()
        )

    part = asked[0]
    assert asked == [part] * 3
    assert (part.read, part.among) == (150, every.among)
    assert part.themes and sum(one.complaints for one in part.themes) + part.other == 150
    assert f"comes from a sample: 150 of {every.among} distinct complaints" in sheet
    assert "Theme Posts Voices Complaints In all New" in sheet


@pytest.mark.parametrize(("share", "read"), [(0.1, 3_000), (0.5, 3_000), (0.02, 300)])
def test_what_a_sample_says_of_all_is_right_19_times_in_20(share: float, read: int) -> None:
    """Of a thousand samples drawn from 12,000 nearly all tell an interval that holds the truth."""
    chance = random.Random(3)
    every = 12_000
    truth = int(every * share)
    held = 0
    for _ in range(1_000):
        many = sum(one < truth for one in chance.sample(range(every), read))
        low, high = in_all(Themed(read=read, among=every), many)
        held += low <= truth <= high
    assert held >= 935


def test_few_complaints_have_no_themes(lite: Store, watch: Watch) -> None:  # noqa: F811
    """Nobody looks for them, nor loads what it takes."""
    with lite.begin() as tx:
        tx.posts.add(watch, [a_post()], NOW)

    assert found(lite) == Themes(read=0, among=0)


def test_the_board_shows_them_and_hides_who_said_it(place: Place, watch: Watch, as_: As, clock: Clock) -> None:  # noqa: F811  # fmt: skip
    """The page links to examples; a viewer sees no author in what programs get."""
    a_day_of_posts(place.store, watch)
    clock.now = EVENING

    asked = as_("eve").get("/api/incidents/discs-late/themes")
    page = as_("eve").get("/i/discs-late").text
    sheet = as_("eve").get("/i/discs-late/digest").text

    assert asked.status_code == 200
    quotes = [post for one in asked.json()["themes"] for post in one["examples"]]
    assert quotes and all(post["author"] is None for post in quotes)
    assert "new since" in page and "What they complain about" in sheet
    names = [one["name"] for one in asked.json()["themes"]]
    assert all(name in page and name in sheet for name in names)


def test_who_looks_at_a_page_does_not_wait(place: Place, watch: Watch, clock: Clock) -> None:  # noqa: F811
    """Not ready yet is an answer; a little later they are there, and while nothing happens they stay."""
    a_day_of_posts(place.store, watch)
    clock.now, memory = EVENING, Memory()
    with place.store.read() as tx:
        row = tx.incidents.find("discs-late")

    assert not memory.of(place, row, TODAY, 0.0).ready
    themes = memory.of(place, row, TODAY, 60.0)

    assert themes.ready and themes == found(place.store)
    assert memory.of(place, row, TODAY, 0.0) is themes


def test_the_command_says_them(amends: Amends, home: object) -> None:
    """For people, and for machines every key."""
    opened = amends("incident", "open", "Discs late", "--company", "Reelpost", "--began",
                    "2026-03-04T00:00", "--as", "json")  # fmt: skip
    assert opened.code == 0
    kept = Store.open(url_of(home))
    a_day_of_posts(kept, a_watch(kept, incident_id=1, source="x", terms=["reelpost"]))
    kept.close()

    said = amends("themes", "discs-late", "--day", "2026-03-04", "--as", "json")

    assert said.code == 0
    lines = msgspec.json.decode(said.out)
    assert "2026-03-04T13:00:00Z" in [line["since"] for line in lines]
    assert "distinct complaints of something else" in said.err
    assert amends("themes", "discs-late", "--day", "2026-03-01").code == 0
    assert amends("themes", "nothing-such").code == 2


@pytest.mark.parametrize("hour", [1, 12])
def test_a_day_begins_with_what_is_known_of_the_one_before(store: Store, hour: int) -> None:
    """An hour after midnight yesterday's themes go on, if somebody still speaks of them."""
    a_day_of_posts(store, a_watch(store, source="x", terms=["reelpost"]))
    tomorrow = day_window(TODAY + timedelta(days=1), "UTC")
    with store.begin() as tx:
        heard = tx.watches.of(1)[0].as_watch()
        batch = [
            a_post(author=f"w{n}", text=f"password reset fails, login invalid {n}th",
                   posted_at=tomorrow.since + timedelta(minutes=n))
            for n in range(9)
        ]  # fmt: skip
        kept = tx.posts.add(heard, batch, tomorrow.since)
        rows = tx.posts.unscored(len(batch))
        tags = [Tag(post_id=n, label="complaint", by="classifier:t", score=0.9)
                for n in kept.ids.values()]  # fmt: skip
        tx.tags.put_scored(rows, tags, by="classifier:t", at=tomorrow.since)
        row = tx.incidents.find("discs-late")
        themes = themes_of(tx, row, tomorrow, tomorrow.since + timedelta(hours=hour))

    assert [(one.posts, one.since) for one in themes.themes] == [(9, None)]
