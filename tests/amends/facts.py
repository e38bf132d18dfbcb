"""Facts of a day made by hand: a snapshot, a post, a theme, a sample; override what the scene is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from amends.digest import (
    LabelStyle,
    Snapshot,
)
from amends.digest.snapshot import Affair
from amends.pulse.themes import Theme
from amends.truth.contradictions import Contradiction, Contradictions
from amends.truth.day import Truth
from amends.truth.symptoms import Named, Symptom, Symptoms
from models.coverage import Span
from models.day import day_before, day_window
from models.sample import Reading
from models.store.days import Found
from models.store.volumes import Cell, Tally, Volume

TZ = "America/Chicago"
DAY = date(2026, 3, 4)
WINDOW = day_window(DAY, TZ)
NOON = WINDOW.since + timedelta(hours=12)
HOUR = timedelta(hours=1)
STYLES = (
    LabelStyle("complaint", "Complaint", "#b3400a"),
    LabelStyle("praise", "Praise", "#00704d"),
    LabelStyle("credit_request", "Credit request", "#0a5fa8"),
)
WAIT = "x answered 429: it asks us to wait 15 minutes"
GONE = "it was gone before it could be read"
AFFAIR = Affair(
    slug="discs-late", title="Discs late in the Midwest", company="Reelpost", tz=TZ,
    status="identified", began=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
)  # fmt: skip


def a_snapshot(**said: Any) -> Snapshot:
    """Return the snapshot of a day without posts, or what the scene makes of it."""
    day, affair = said.get("day", DAY), said.get("incident", AFFAIR)
    plain: dict[str, Any] = {
        "now": datetime(2026, 3, 5, 13, 5, tzinfo=UTC), "day": day, "incident": affair,
        "before": day_before(day, affair.tz), "window": day_window(day, affair.tz),
        "labels": STYLES,
    }  # fmt: skip
    return Snapshot(**(plain | said))


def a_found(**said: Any) -> Found:
    """Return Cleo's complaint of noon, or what the scene makes of it."""
    plain: dict[str, Any] = {
        "post_id": 1, "source": "x", "author": "cleo", "text": "day two and still no discs",
        "url": "https://forum.example/cleo/1", "posted_at": NOON, "first_seen": NOON,
        "reach": 120, "alike": 0, "labels": ("complaint",),
    }  # fmt: skip
    return Found(**(plain | said))


def a_theme(
    name: str, posts: int, voices: int, complaints: int, *examples: Found, **said: Any
) -> Theme:
    """Return a theme of the day."""
    plain: dict[str, Any] = {
        "name": name, "posts": posts, "voices": voices, "complaints": complaints, "since": None,
        "examples": examples,
    }  # fmt: skip
    return Theme(**(plain | said))


def a_truth(channel: str, where: str, component: str, fails_in: tuple[str, int]) -> Truth:
    """Return what nine were told in a channel, and what fails for 37 though the page says it works."""
    one = Contradiction(
        channel="chat", channel_title=channel, says="no_credit", says_title="there is no credit",
        place=where, against="offer", public="3 %", values="", voices=9, posts=11, first=1,
        first_at=NOON, post_ids=(1,),
    )  # fmt: skip
    fails = Symptom(
        component="tv_app", component_title=component, part="", voices=37, posts=41, against=37,
        page="operational", page_words="TV app: operational", page_at=NOON, devices=(),
        symptoms=(Named("won't load", 37),), places=(Named(*fails_in),), first=2, first_at=NOON,
        post_ids=(2,),
    )  # fmt: skip
    return Truth(
        told=Contradictions(found=(one,), voices=9, posts=11, read=12_400),
        fails=Symptoms(found=(fails,), voices=37, posts=41, read=5_000, cut=True, since=NOON),
    )


def a_reading(span: Span, **said: Any) -> Reading:
    """Return what was read of a peak in six of 124 slices, and what was said to the company besides."""
    plain: dict[str, Any] = {
        "span": span, "counted": 12_400, "probability": 6 / 124,
        "posts": (92, 118, 131, 104, 88, 97),
        "having": {"complaint": (51, 60, 71, 55, 40, 47), "credit_request": (9, 12, 16, 8, 7, 11),
                   "praise": (0, 0, 0, 0, 0, 0)},
        "read": 690, "seen": {"complaint": 371, "credit_request": 88, "praise": 2},
    }  # fmt: skip
    return Reading(**(plain | said))


def tally_of(curve: tuple[int, ...], share: int) -> Tally:
    """Return so many posts an hour, a third of them on the blog; of `share` one is labelled."""
    cells, volumes = [], []
    for hour, posts in enumerate(curve):
        for source, part in (("x", posts - posts // 3), ("wordpress", posts // 3)):
            if not part:
                continue
            volumes.append(Volume(hour, source, part, 0))
            complaints, credits_, thanks = part // share, part // (3 * share), part // (5 * share)
            labelled = {"complaint": complaints, "credit_request": credits_, "praise": thanks}
            cells += [Cell(hour, source, name, n) for name, n in labelled.items() if n]
            cells.append(Cell(hour, source, "", part - complaints - thanks))
    return Tally(tuple(sorted(cells)), tuple(sorted(volumes)))
