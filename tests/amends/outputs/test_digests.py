"""Digests that are due, their versions, and what is said when one has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from amends.outputs.digests import Made, send, send_what_is_due
from amends.outputs.event import Event, Line, Sheet
from amends.outputs.settings import Folder, Outputs, Plan
from models.errors import SetupError
from models.incident import IncidentRow, Watch
from models.post import Post
from models.store import Store
from tests.amends.goldens import STYLES
from tests.factories import a_post, a_watch, an_incident

TZ = "America/Chicago"
BEGAN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
NOON = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
EIGHT = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OUTPUTS = Outputs(
    named={"mail": Folder(folder="x"), "chat": Folder(folder="y")},
    plan=Plan(at="08:00", to=("mail", "chat")),
    board="https://amends.reelpost.example",
)


class Scene:
    """An incident that began on Monday, with a watch, and a schedule at eight."""

    def __init__(self, store: Store, **said: Any) -> None:
        self.store = store
        with store.begin() as tx:
            self.row = tx.incidents.add(
                an_incident(**({"tz": TZ, "began": BEGAN, "opened_at": BEGAN} | said))
            )
        self.watch: Watch = a_watch(store, incident_id=self.row.id)

    def says(self, *posts: Post, at: datetime) -> None:
        """Keep posts that came in at this moment."""
        with self.store.begin() as tx:
            tx.posts.add(self.watch, posts, at)

    def look(self, at: datetime, outputs: Outputs = OUTPUTS) -> list[Made]:
        """Look what is due."""
        return send_what_is_due(self.store, outputs, STYLES, at)

    def events(self, to: str = "mail") -> list[Event]:
        """Return what is on its way to an output, oldest first."""
        with self.store.read() as tx:
            rows = [row for row in tx.outbox.rows(1_000) if row.destination == to]
        return [msgspec.json.decode(row.value, type=Event) for row in reversed(rows)]

    def close(self, at: datetime) -> None:
        """Close the incident."""
        with self.store.begin() as tx:
            row = tx.incidents.find(self.row.slug)
            row.closed_at = at
            tx.incidents.save(row)


@pytest.fixture
def scene(store: Store) -> Scene:
    """Return the scene on each of the two databases, looked at once when the incident was opened."""
    made = Scene(store)
    assert made.look(BEGAN) == []
    return made


def ids(made: Sequence[Made]) -> list[str]:
    """Return the events' ids."""
    return [one.event_id for one in made]


def test_the_digest_of_the_day_that_ended_is_made_once_at_its_time(scene: Scene) -> None:
    """Not a minute before eight, and never again."""
    scene.says(a_post(posted_at=NOON), a_post(posted_at=NOON), at=NOON)
    assert ids(scene.look(EIGHT - DAY)) == ["digest.discs-late.2026-03-02.1"]
    assert scene.look(EIGHT - timedelta(minutes=1)) == []
    assert ids(scene.look(EIGHT)) == ["digest.discs-late.2026-03-03.1"]
    assert scene.look(EIGHT) == scene.look(EIGHT + timedelta(hours=5)) == []

    for to in ("mail", "chat"):
        last = scene.events(to)[-1]
        assert isinstance(last.value, Sheet) and last.value.digest.posts.posts == 2
        assert last.value.digest.over and last.value.links[0].url == (
            "https://amends.reelpost.example/i/discs-late/digest?day=2026-03-03"
        )


def test_days_while_the_machine_was_off_are_caught_up(scene: Scene) -> None:
    """Each in a digest of its own, in order."""
    found = ids(scene.look(EIGHT + 3 * DAY))
    assert found == [f"digest.discs-late.2026-03-0{n}.1" for n in (2, 3, 4, 5, 6)][:5]


def test_outputs_named_late_bring_no_flood_of_old_days(store: Store) -> None:
    """An incident weeks old begins with the day before."""
    scene = Scene(store, began=BEGAN - 40 * DAY, opened_at=BEGAN - 40 * DAY)
    assert ids(scene.look(EIGHT)) == ["digest.discs-late.2026-03-03.1"]
    assert ids(scene.look(EIGHT + DAY)) == ["digest.discs-late.2026-03-04.1"]


def test_a_closed_incident_has_a_last_digest(scene: Scene) -> None:
    """That of the day it was closed on, and none after."""
    scene.look(EIGHT)
    scene.close(EIGHT + timedelta(hours=3))
    assert ids(scene.look(EIGHT + 6 * DAY)) == ["digest.discs-late.2026-03-04.1"]
    assert scene.look(EIGHT + 7 * DAY) == []


def test_late_posts_make_a_version_and_one_message_that_says_what_changed(scene: Scene) -> None:
    """With the next digest, once a day; who is asked later sees both versions."""
    scene.says(a_post(posted_at=NOON), at=NOON)
    scene.look(EIGHT)
    scene.says(
        a_post(posted_at=NOON, author="dre"), a_post(posted_at=NOON), at=EIGHT + timedelta(hours=1)
    )
    assert scene.look(EIGHT + timedelta(hours=2)) == [], "it waits for the next digest"

    made = scene.look(EIGHT + DAY)

    assert ids(made) == ["digest.discs-late.2026-03-04.1", "correction.discs-late.2026-03-04"]
    told = scene.events()[-1]
    assert isinstance(told.value, Line) and told.kind == "correction"
    (line,) = told.value.items
    assert line.startswith("Tuesday 3 March 2026: All posts: 1 → 3 (2 more).")
    assert "From x: 1 → 3 (2 more)." in line and "Voices: 1 → 2 (1 more)." in line
    with scene.store.read() as tx:
        versions = tx.digests.of(scene.row.id or 0, "2026-03-03")
    assert [row.version for row in versions] == [1, 2]
    assert ids(scene.look(EIGHT + 2 * DAY)) == ["digest.discs-late.2026-03-05.1"]


def test_a_deleted_post_makes_a_version_too(scene: Scene) -> None:
    """Fewer is a change like more."""
    scene.says(a_post(posted_at=NOON, external_id="gone"), a_post(posted_at=NOON), at=NOON)
    scene.look(EIGHT)
    with scene.store.begin() as tx:
        connection = tx.session.connection()
        connection.exec_driver_sql("UPDATE post SET posted_at = NULL WHERE external_id = 'gone'")
    assert ids(scene.look(EIGHT + DAY))[-1] == "correction.discs-late.2026-03-04"
    assert "All posts: 2 → 1 (1 fewer)." in scene.events()[-1].value.items[0]  # type: ignore[union-attr]


def test_what_somebody_answers_or_a_new_watch_corrects_nothing(scene: Scene) -> None:
    """Only posts do."""
    scene.says(a_post(posted_at=NOON), at=NOON)
    scene.look(EIGHT)
    a_watch(scene.store, incident_id=scene.row.id, terms=["another"])
    with scene.store.begin() as tx:
        tx.watches.in_trouble(scene.watch.id, "busy", "wait", EIGHT, EIGHT)
    assert ids(scene.look(EIGHT + DAY)) == ["digest.discs-late.2026-03-04.1"]


def by_hand(scene: Scene, day: date, at: datetime, *to: str) -> Made | None:
    """Send a day's digest by hand."""
    return send(scene.store, _fresh(scene), day, at, STYLES, OUTPUTS, to or ("mail",))


def _fresh(scene: Scene) -> IncidentRow:
    with scene.store.read() as tx:
        return tx.incidents.find(scene.row.slug)


def test_sent_by_hand_twice_is_sent_once_unless_numbers_changed(scene: Scene) -> None:
    """A place that hasn't had it gets the same version under the same id."""
    scene.says(a_post(posted_at=NOON), at=NOON)
    first = by_hand(scene, TUESDAY, EIGHT)
    again = by_hand(scene, TUESDAY, EIGHT + timedelta(hours=1))
    other = by_hand(scene, TUESDAY, EIGHT + timedelta(hours=1), "mail", "chat")
    scene.says(a_post(posted_at=NOON), at=EIGHT)
    changed = by_hand(scene, TUESDAY, EIGHT + timedelta(hours=2))

    assert first and again and other and changed
    assert (first.event_id, first.to) == ("digest.discs-late.2026-03-03.1", ("mail",))
    assert (again.event_id, again.to) == (first.event_id, ())
    assert (other.event_id, other.to) == (first.event_id, ("chat",))
    assert (changed.event_id, changed.to) == ("digest.discs-late.2026-03-03.2", ("mail",))
    value = scene.events()[-1].value
    assert isinstance(value, Sheet) and value.version == 2
    assert value.changes[0] == "All posts: 1 → 2 (1 more)."
    assert scene.look(EIGHT + timedelta(hours=3)) == [
        Made(event_id="digest.discs-late.2026-03-02.1",
             title="the digest of 2026-03-02, version 1", to=("mail", "chat")),
    ]  # fmt: skip


def test_half_a_day_sent_by_hand_doesnt_take_the_place_of_the_whole_day(scene: Scene) -> None:
    """Somebody asks at noon; the digest of the day comes all the same, also if nothing was said since."""
    scene.look(EIGHT)
    scene.says(a_post(posted_at=NOON + DAY), at=NOON + DAY)
    noon = by_hand(scene, WEDNESDAY, NOON + DAY)
    assert noon and noon.event_id == "digest.discs-late.2026-03-04.1"

    assert ids(scene.look(EIGHT + DAY)) == ["digest.discs-late.2026-03-04.2"]
    assert scene.look(EIGHT + DAY) == []


def test_an_incident_in_trouble_keeps_no_other_from_its_digest(scene: Scene) -> None:
    """A zone that isn't known any more is said, after the others have had theirs."""
    Scene(scene.store, slug="lost", tz="Mars/Olympus")
    with pytest.raises(SetupError, match="lost: there is no time zone"):
        scene.look(EIGHT)
    assert [event.id for event in scene.events()][-1] == "digest.discs-late.2026-03-03.1"


def test_of_two_who_look_at_once_one_makes_it(scene: Scene) -> None:
    """Both build it; the second finds its version taken and puts in nothing."""
    import threading

    scene.says(a_post(posted_at=NOON), at=NOON)
    found: list[Made] = []
    threads = [threading.Thread(target=lambda: found.extend(scene.look(EIGHT))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids(found)) == [
        "digest.discs-late.2026-03-02.1",
        "digest.discs-late.2026-03-03.1",
    ]
    assert len(scene.events()) == 2
