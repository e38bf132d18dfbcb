"""
Hand-made snapshots and the sheets they must give, kept in `fixtures/digests/`.

After a wanted change of the digest write them anew and read what changed:

    python -m tests.amends.goldens
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from amends.digest import (
    Digest,
    LabelStyle,
    Snapshot,
    as_html,
    as_json,
    as_markdown,
    as_text,
    build,
)
from amends.digest.snapshot import Affair, Did, Ear
from models.coverage import Span
from models.day import day_before, day_window, hours_of
from models.store.days import Best, Cell, Found, Tally, Volume

FOLDER = Path(__file__).parents[2] / "fixtures" / "digests"
FORMS: dict[str, Callable[[Digest], str]] = {
    "md": as_markdown, "html": as_html, "txt": as_text, "json": as_json,
}  # fmt: skip
TZ = "America/Chicago"
DAY = date(2026, 3, 4)
WINDOW = day_window(DAY, TZ)
NOON = WINDOW.since + timedelta(hours=12)
STYLES = (
    LabelStyle("complaint", "Complaint", "#b3400a"),
    LabelStyle("praise", "Praise", "#00704d"),
    LabelStyle("credit_request", "Credit request", "#0a5fa8"),
)
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


def _busy() -> Snapshot:
    curve = (4, 2, 0, 0, 1, 3, 12, 31, 58, 96, 120, 143, 188, 1240, 910, 402, 260, 201, 170, 144,
             131, 90, 44, 16)  # fmt: skip
    before = tuple(posts * 2 // 3 for posts in curve)
    hours = hours_of(WINDOW)
    deaf = Span(hours[9].since + timedelta(minutes=10), hours[10].since + timedelta(minutes=25))
    brief = Span(NOON, NOON + timedelta(seconds=35))
    return a_snapshot(
        today=tally_of(curve, 2),
        yesterday=tally_of(before, 2),
        undated=Tally((Cell(0, "wordpress", "credit_request", 3),), (Volume(0, "wordpress", 7, 0),)),
        voices=3187,
        official=4,
        waiting=Best(
            (
                a_found(reach=48_210, alike=37, labels=("complaint", "credit_request"), text=(
                    "Reelpost sent the apology twice and my discs not once. Three weekends now. "
                    "I pay for three at a time and I have had none at a time. Somebody there must "
                    "know when the Chicago warehouse ships again, so why does nobody say so? And "
                    "yes, I would like this month's money back before you charge me for the next."
                )),
                a_found(post_id=2, source="wordpress", author="Dre", reach=0, labels=(
                    "credit_request",), text="Is there a credit?\nI called twice and was cut off.",
                    url="https://blog.example/late-again/#comment-812",
                    posted_at=NOON - timedelta(hours=3)),
                a_found(post_id=3, author=None, reach=0, url=None, text=(
                    "<script>alert('hi')</script> [free discs](https://evil.example) @channel # win"
                )),
            ),
            812,
        ),
        waiting_undated=Best(
            (a_found(post_id=4, source="wordpress", author="Dre", posted_at=None, reach=0,
                     text="Still waiting for the 15 % they wrote about.",
                     labels=("credit_request",), url="https://blog.example/late/#comment-3"),),
            3,
        ),
        praise=Best(
            (a_found(post_id=5, author="fay", reach=900, alike=2, labels=("praise",),
                     text="They told me before I noticed. Thank you, whoever decided that."),),
            188,
        ),
        ears=(
            Ear(id=1, source="x", aim="reelpost, @reelpost", posts=2844, stretch=WINDOW,
                holes=(deaf, brief), trouble="x answered 429: it asks us to wait 15 minutes",
                trouble_since=deaf.since),
            Ear(id=2, source="wordpress", aim="https://blog.example/late-again/", posts=1422,
                stretch=WINDOW),
            Ear(id=3, source="file", aim="old-tickets.csv", posts=12, once=True),
        ),
        acts=(
            Did(at=NOON + timedelta(hours=1, minutes=2), by="ana", did="status_update",
                text="The warehouse ships again since 11:30. Everyone who missed a disc gets 15 %.",
                url="https://blog.example/status/3"),
        ),
        deeds=(
            Did(at=NOON, by="bo", did="incident status", text="from investigating, to identified"),
            Did(at=NOON + timedelta(minutes=4), by="ana", did="watch 2 added", text="source wordpress"),
        ),
        late=(("wordpress", 3),),
        edited=2,
    )  # fmt: skip


def _hostile() -> Snapshot:
    evil = (
        "</p></section><img src=x onerror=alert(1)> ![i](https://evil.example/i.png) "
        "www.evil.example @everyone #1 `x` | a | b | \u202egnp.exe \x1b[31m <!channel> $x$ ~~no~~"
    )
    firsts = ("# head", "- item", "1. one", "=== ", "+ plus", "> quote", "``` code", "| a | b |")
    return a_snapshot(
        incident=Affair(slug="e", title=evil, company=evil, tz=TZ, status=evil, began=NOON),
        labels=(*STYLES, LabelStyle("odd", "Odd <b> $x$ \u732b", "red;} body{display:none")),
        today=Tally((Cell(12, "x\n# y", "gone|label", 1),), (Volume(12, "x\n# y", 1, 1),)),
        voices=1,
        waiting=Best(
            (
                a_found(text=evil, author=evil, source=evil, url="javascript:alert(1)"),
                a_found(text="w" * 600, url="https://evil.example/)](x) \"onclick='x'"),
                a_found(text="two\n\nlines", url="https://evil.example/a)b>c|d\"e'f[g]h?q=%3C&r=<"),
                *(a_found(text=first) for first in firsts),
            ),
            11,
        ),
        ears=(Ear(id=1, source=evil, aim=evil, posts=0, stretch=WINDOW, trouble=evil,
                  trouble_since=NOON),),
        acts=(Did(at=NOON, by=evil, did=evil, text=evil, url="https://evil.example/\u202e"),),
        deeds=(Did(at=NOON, by=evil, did=evil, text=evil),),
        late=((evil, 1),),
    )  # fmt: skip


def _skipped() -> Snapshot:
    affair = Affair(slug="apia", title="Ferry site down", company="Moana Lines", tz="Pacific/Apia",
                    status="resolved", began=datetime(2011, 12, 28, tzinfo=UTC))  # fmt: skip
    return a_snapshot(incident=affair, day=date(2011, 12, 30), now=datetime(2012, 1, 2, tzinfo=UTC))


SNAPSHOTS: dict[str, Snapshot] = {
    "busy": _busy(),
    "hostile": _hostile(),
    "quiet": a_snapshot(ears=(Ear(id=1, source="x", aim="reelpost", posts=0, stretch=WINDOW),)),
    "skipped": _skipped(),
}


def main() -> None:
    """Write every sheet anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, facts in SNAPSHOTS.items():
        digest = build(facts)
        for suffix, render in FORMS.items():
            (FOLDER / f"{name}.{suffix}").write_text(render(digest), encoding="utf-8")


if __name__ == "__main__":
    main()
