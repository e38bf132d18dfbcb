"""
What the living rival loses, doubles or overwrites beyond asking, and we don't: L7, L8, D1 to D3.

Each scene is the one in which obsei 1.1.1 was seen to do so; `test_rivals.py` has the others.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from amends.round import Report, one_round
from classify.shelf import current
from ingest.sources import mastodon, x
from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.listening import Listener
from tests.battery import Record, tell
from tests.grounds import url_of
from tests.ingest.fake_x import FakeX
from tests.ingest.mastodon_said import HOME, Instance, status
from tests.ingest.storm import a_said

TEN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
NOON = TEN + timedelta(hours=2)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FIRST = {"id": "1", "text": "third day without discs, this is awful", "author": "cleo"}
SECOND_LINE = {"id": "2", "text": "where is my credit? I want a refund", "author": "dre"}
THIRD = {"id": "3", "text": "still nothing plays, and nobody says why", "author": "cleo"}


def lines(*posts: dict[str, str]) -> str:
    """Return posts as lines of JSON."""
    return "".join(json.dumps(post) + "\n" for post in posts)


def listed(amends: Amends) -> list[dict[str, Any]]:
    """Return what an export says of every post, in the order they came."""
    found = amends("posts", "discs-late", "--as", "jsonl").out.splitlines()
    return sorted((json.loads(line) for line in found), key=lambda post: post["id"])


class Broken(RuntimeError):
    """What comes out of a classifier that is broken."""


class Dead:
    """A classifier that tags nothing."""

    by = "classifier:dead"

    def tag(self, posts: object) -> None:
        """Fail."""
        raise Broken


def test_a_dead_classifier_stops_nobody_from_listening(
    lite: Store, trained: Path, record_property: Record
) -> None:
    """L7: 600 posts while nobody can tag; the rival keeps none. Once it works again, all are tagged."""
    place = FakeX([a_said(TEN + n * SECOND, n) for n in range(600)], empty=0, trouble=0)
    listener = Listener(lite, x.source, place.ask, TEN, terms=["lumabank"])
    incident = listener.watch.incident_id

    def a_round(classifier: Any, now: datetime) -> Report:
        return one_round(lite, incident, listener.sources, listener, classifier, lambda: now)

    for n in range(3):
        report = a_round(Dead(), NOON + n * MINUTE)
        assert report.failed and report.untagged == "Broken", "and it is said"
    kept = len(listener.posts)
    a_round(current(trained), NOON + 3 * MINUTE)

    assert kept == 600
    with lite.read() as tx:
        assert tx.posts.unscored(1) == []
    tell(record_property, f"L7: {kept} of 600 posts kept while the classifier was dead")


def test_what_cannot_be_put_aside_is_not_lost(
    amends: Amends, incident: str, home: Path, tmp_path: Path, record_property: Record
) -> None:
    """L7: rejects that can't be written lose no post: once they can, the same command brings all."""
    file = tmp_path / "posts.jsonl"
    file.write_text(lines(FIRST) + "{broken\n" + lines(SECOND_LINE))
    (home / "rejects.jsonl").mkdir()
    refused = amends("backfill", incident, "file", str(file))
    assert refused.code == 2 and "can't be put aside" in refused.err
    (home / "rejects.jsonl").rmdir()

    assert amends("backfill", incident, "file", str(file)).code == 0

    assert [post["external_id"] for post in listed(amends)] == ["1", "2"]
    assert "posts.jsonl:2" in (home / "rejects.jsonl").read_text()
    tell(
        record_property,
        "L7: 2 of 2 posts kept although what was rejected couldn't be put aside at first",
    )


def test_a_half_written_last_line(
    amends: Amends, incident: str, home: Path, tmp_path: Path, record_property: Record
) -> None:
    """L8: the good lines are kept, the broken one is named, and once it is whole it comes in too."""
    file = tmp_path / "posts.jsonl"
    file.write_text((lines(FIRST) + lines(SECOND_LINE))[:-20])

    first = amends("backfill", incident, "file", str(file))
    named = (home / "rejects.jsonl").read_text()
    early = [post["external_id"] for post in listed(amends)]
    file.write_text(lines(FIRST, SECOND_LINE, THIRD))
    amends("backfill", incident, "file", str(file))

    assert (first.code, early) == (0, ["1"])
    assert f"{file}:2" in named and "cut short" in named
    assert [post["external_id"] for post in listed(amends)] == ["1", "2", "3"]
    tell(record_property, "L8: 3 of 3 posts of a file that was half written at first")


def test_whoever_gets_it_twice_can_tell(
    amends: Amends, incident: str, tmp_path: Path, record_property: Record
) -> None:
    """D1: told again of the same post, a receiver knows it by the id it had; the rival's is new."""
    file = tmp_path / "posts.jsonl"
    file.write_text(lines(FIRST, SECOND_LINE))
    amends("backfill", incident, "file", str(file))
    received = {post["id"]: post["external_id"] for post in listed(amends)}

    file.write_text(lines(THIRD, SECOND_LINE, FIRST))
    amends("backfill", incident, "file", str(file))
    again = {post["id"]: post["external_id"] for post in listed(amends)}

    assert received.items() <= again.items()
    assert sorted(again.values()) == ["1", "2", "3"]
    tell(
        record_property, f"D1: {len(received)} of {len(received)} posts told twice had the same id"
    )


@pytest.mark.parametrize("ids", [True, False])
def test_a_file_without_dates_read_twice(
    amends: Amends, incident: str, tmp_path: Path, ids: bool, record_property: Record
) -> None:
    """D2: a line more, and the others stay as they were; the rival says that all have changed."""
    posts = [{k: v for k, v in post.items() if ids or k != "id"} for post in (FIRST, SECOND_LINE)]
    file = tmp_path / "posts.jsonl"
    file.write_text(lines(*posts))
    amends("backfill", incident, "file", str(file))
    before = listed(amends)

    with file.open("a") as more:
        more.write(lines({k: v for k, v in THIRD.items() if ids or k != "id"}))
    os.utime(file, (2_000_000_000, 2_000_000_000))
    said = amends("backfill", incident, "file", str(file), "--as", "json")

    (line,) = json.loads(said.out)
    assert (line["posts"], line["new"], line["tagged"]) == (3, 1, 1)
    assert listed(amends)[:2] == before
    assert len(listed(amends)) == 3
    tell(
        record_property,
        f"D2: 3 posts of a file without dates read twice: {line['new']} new, 2 as they were",
    )


def test_a_new_like_count_leaves_a_correction_alone(
    amends: Amends, home: Path, trained: Path, record_property: Record
) -> None:
    """D3: the post is known to be liked more, and still says what Ana says; the rival forgets her."""
    said = status(NOON - MINUTE, favourites_count=3)
    place = Instance(said)
    store = Store.open(url_of(home))
    listener = Listener(store, mastodon.source, place.fetch, TEN, address=HOME, terms=["Reelpost"])
    classifier: Any = current(trained)

    def a_round(now: datetime) -> None:
        incident = listener.watch.incident_id
        one_round(store, incident, listener.sources, listener, classifier, lambda: now)

    a_round(NOON)
    (before,) = listener.posts
    amends("classify", "correct", str(before.id), "praise", "--by", "ana")
    said["favourites_count"] = 300
    a_round(NOON + MINUTE)
    (after,) = listener.posts
    store.close()

    assert "complaint" in before.labels
    assert (before.likes, after.likes) == (3, 300)
    assert {name: held.by for name, held in after.labels.items()} == {"praise": "ana"}
    tell(record_property, "D3: 1 of 1 corrections outlived a new like count")
