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
from amends.digest.ahead import Ahead, Pledge
from amends.digest.ears import LAG, Ear, Lost
from amends.digest.offers import Asked, Made, Offers, Told, Wanted
from amends.digest.snapshot import Affair, Alarm, Did, Late
from amends.pulse.themes import Themes
from models.campaign import Batch
from models.coverage import Span
from models.day import hours_of
from models.origin import Origin
from models.spot import Corrected
from models.store.days import Best
from models.store.pulse import Overdue
from models.store.voices import Spread, Voiced
from models.store.volumes import Cell, Tally, Volume
from tests.amends.facts import (
    GONE,
    HOUR,
    NOON,
    STYLES,
    TZ,
    WAIT,
    WINDOW,
    a_found,
    a_reading,
    a_snapshot,
    a_theme,
    a_truth,
    tally_of,
)

FOLDER = Path(__file__).parents[2] / "fixtures" / "digests"
FORMS: dict[str, Callable[[Digest], str]] = {
    "md": as_markdown, "html": as_html, "txt": as_text, "json": as_json,
}  # fmt: skip


def _busy() -> Snapshot:
    curve = (4, 2, 0, 0, 1, 3, 12, 31, 58, 96, 120, 143, 188, 1240, 910, 402, 260, 201, 170, 144,
             131, 90, 44, 16)  # fmt: skip
    before = tuple(posts * 2 // 3 for posts in curve)
    hours = hours_of(WINDOW)
    deaf = Span(hours[9].since + timedelta(minutes=10), hours[10].since + timedelta(minutes=25))
    brief = Span(NOON, NOON + timedelta(seconds=35))
    peak = Span(hours[13].since + timedelta(minutes=5), hours[13].until)
    return a_snapshot(
        today=tally_of(curve, 2),
        yesterday=tally_of(before, 2),
        undated=Tally((Cell(0, "wordpress", "credit_request", 3),), (Volume(0, "wordpress", 7, 0),)),
        voiced=Voiced(posts=4266, voices=3187, complaints=964, widest=Spread(
            post_id=1, posts=421, voices=398, share=421 / 4266, complaint=True
        )),
        worked=("No detectable effect of the apology on complaints: without it about 92 voices (70 to 130) were to be expected, 88 came; anything from −33 % to +26 % would fit.",),
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
        overdue=Late(found=Overdue(612, 288, WINDOW.since - 20 * HOUR), minutes=120,
                     hours="Mon-Fri 08:00-20:00"),
        themes=Themes(
            themes=(
                a_theme("discs, shipped", 1010, 744, 380, a_found(post_id=6, reach=31)),
                a_theme("playback fails", 803, 691, 214, a_found(
                    post_id=7, source="wordpress", author="Cleo", text="Playback fails on my TV."
                ), since=hours[13].since),
            ),
            other=370, read=3000, among=12_400,
        ),
        praise=Best(
            (a_found(post_id=5, author="fay", reach=900, alike=2, labels=("praise",),
                     text="They told me before I noticed. Thank you, whoever decided that."),),
            188,
        ),
        ears=(
            Ear(id=1, source="x", aim="reelpost, @reelpost", posts=2844, stretch=WINDOW,
                holes=(deaf, brief, peak), unread=(deaf,), lost=(Lost(brief, GONE),),
                samples=(a_reading(peak),), trouble=WAIT, trouble_since=deaf.since),
            Ear(id=2, source="wordpress", aim="https://blog.example/late-again/", posts=1422,
                stretch=WINDOW),
            Ear(id=3, source="file", aim="old-tickets.csv", posts=12, once=True),
        ),
        alarms=(
            Alarm(subject="complaint", since=hours[8].since, why="Complaint: 31 voices in 8 minutes",
                  peak=12.4, peak_voices=588, peak_at=hours[13].until, ended_at=hours[20].since),
            Alarm(subject="credit_request", since=hours[13].since, why="Credit request: 16 voices",
                  peak=6.25, peak_voices=196, peak_at=hours[14].since),
            Alarm(subject="watch:1", since=deaf.since, ended_at=deaf.until,
                  why="x (reelpost) has been blind since 09:10 CST: it answered 503"),
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
        corrected=(
            Corrected(label="complaint", posts=2010, low=1764, high=2289, looked=40, wrong=4),
            Corrected(label="praise", posts=398, low=392, high=405, looked=40, wrong=1),
        ),
        offers=Offers(
            made=(
                Made(offered="15 %", how="automatic", once=False, phase="on_bill", bill_by="2026-03-03",
                     starts=hours[0].since - 9 * 24 * HOUR, closes=None, text="You get it by itself."),
                Made(offered="3 %, 24 cents; Streaming: $5", how="link", once=True, phase="inside",
                     starts=NOON, closes=hours[0].since + 8 * 24 * HOUR, bill_by=None,
                     text="Click the link within 7 days.\nIt works once.",
                     batches=(Batch(NOON, 120_000), Batch(NOON + HOUR))),
            ),
            asked=(Asked(phase="before", posts=12, voices=9), Asked(phase="rolling_out", posts=1, voices=1),
                   Asked(phase="inside", posts=1_204, voices=988)),
            told=(Told(finding="conflict", worth="1 month", posts=31, voices=24, first_at=NOON + HOUR),
                  Told(finding="conflict", worth="2 %", posts=9, voices=9, first_at=NOON + 2 * HOUR, origin=Origin(
                      batch=2, at=NOON + HOUR, named=True, righted_at=NOON + 5 * HOUR)),
                  Told(finding="rumour", worth="5 %", posts=1, voices=1, first_at=NOON - HOUR)),
            wanted=(Wanted(title="Mail not received", posts=1_031, voices=870),
                    Wanted(title="Accepts a credit", posts=1, voices=1)),
        ),
        ahead=Ahead(
            at=WINDOW.until - HOUR, waiting=812,
            closes=(("3 %, 24 cents; Streaming: $5", hours[0].since + 8 * 24 * HOUR),),
            billed=(("15 %", "2026-03-20"),), next_update_at=WINDOW.until + HOUR,
            pledges=(
                Pledge(words="Next update 15:00", said_at=NOON, due=NOON + 3 * HOUR, state="overdue", kept_at=None),
                Pledge(words="We tell you more by tomorrow", said_at=NOON, due=WINDOW.until + 24 * HOUR,
                       state="due", kept_at=None),
                Pledge(words="Next update 11:00", said_at=NOON - 2 * HOUR, due=NOON - HOUR, state="kept late",
                       kept_at=NOON),
            ),
        ),
        truth=a_truth("Chat", "Leeds", "TV app", ("Spain", 30)),
    )  # fmt: skip


def _hostile() -> Snapshot:
    evil = (
        "</p></section><img src=x onerror=alert(1)> ![i](https://evil.example/i.png) "
        "www.evil.example @everyone #1 `x` | a | b | \u202egnp.exe \x1b[31m <!channel> $x$ ~~no~~"
    )
    noon = Span(NOON, NOON + HOUR)
    firsts = ("# head", "- item", "1. one", "=== ", "+ plus", "> quote", "``` code", "| a | b |")
    return a_snapshot(
        incident=Affair(slug="e", title=evil, company=evil, tz=TZ, status=evil, began=NOON),
        labels=(*STYLES, LabelStyle("odd", "Odd <b> $x$ \u732b", "red;} body{display:none")),
        today=Tally((Cell(12, "x\n# y", "gone|label", 1),), (Volume(12, "x\n# y", 1, 1),)),
        voiced=Voiced(posts=1, voices=1, complaints=1),
        waiting=Best(
            (
                a_found(text=evil, author=evil, source=evil, url="javascript:alert(1)"),
                a_found(text="w" * 600, url="https://evil.example/)](x) \"onclick='x'"),
                a_found(text="two\n\nlines", url="https://evil.example/a)b>c|d\"e'f[g]h?q=%3C&r=<"),
                *(a_found(text=first) for first in firsts),
            ),
            11,
        ),
        ears=(Ear(id=1, source=evil, aim=evil, posts=0, stretch=WINDOW, holes=(noon,),
                  lost=(Lost(noon, evil),), trouble=evil, trouble_since=NOON, state="blind",
                  since=NOON, why=evil,
                  samples=(a_reading(noon, having={"gone|label": (1, 2, 3, 4, 5, 6)},
                                     seen={"gone|label": 21}),)),),
        alarms=(Alarm(subject=evil, since=NOON, why=evil, peak=3.0, peak_voices=9, peak_at=NOON),
                Alarm(subject="watch:1", since=NOON, why=evil)),
        themes=Themes(themes=(a_theme(evil, 9, 8, 7, a_found(text=evil, author=evil)),), other=1,
                      read=8, among=8),
        acts=(Did(at=NOON, by=evil, did=evil, text=evil, url="https://evil.example/\u202e"),),
        deeds=(Did(at=NOON, by=evil, did=evil, text=evil),),
        late=((evil, 1),),
        offers=Offers(
            made=(Made(offered=evil, how=evil, once=True, phase="over", starts=NOON, closes=NOON,
                       bill_by="2026-03-04", text=evil),),
            told=(Told(finding="wrong_plan", worth="3 %", posts=1, voices=1, first_at=NOON),),
        ),
        ahead=Ahead(at=NOON, waiting=11, closes=((evil, NOON),), billed=((evil, evil),),
                    pledges=(Pledge(words=evil, said_at=NOON, due=NOON, state="due", kept_at=None),)),
        truth=a_truth(evil, evil, evil, (evil, 30)),
    )  # fmt: skip


def _skipped() -> Snapshot:
    affair = Affair(slug="apia", title="Ferry site down", company="Moana Lines", tz="Pacific/Apia",
                    status="resolved", began=datetime(2011, 12, 28, tzinfo=UTC))  # fmt: skip
    return a_snapshot(incident=affair, day=date(2011, 12, 30), now=datetime(2012, 1, 2, tzinfo=UTC))


def _quiet() -> Snapshot:
    now = NOON + timedelta(hours=4)
    passed = Span(WINDOW.since, now - LAG)
    late, early = (Span(NOON - HOUR * n, NOON - HOUR * n + HOUR / 4) for n in (1, 4))
    known: dict[str, Any] = {"stretch": passed, "posts": 0}
    return a_snapshot(now=now, ears=(
        Ear(id=1, source="x", aim="reelpost", state="quiet", since=NOON - HOUR, **known,
            why="complete, and nobody has spoken since"),
        Ear(id=2, source="mastodon", aim="reelpost", state="blind", since=NOON, **known,
            why="the canary “train” finds nothing, so silence proves nothing"),
        Ear(id=3, source="feed", aim="https://blog.example/feed/", state="live", since=NOON, **known,
            holes=(early, late), lost=(Lost(early, GONE), Lost(late, GONE)),
            why="complete, and people speak"),
        Ear(id=4, source="hackernews", aim="reelpost", state="capped", since=NOON + HOUR, **known,
            holes=(early, late), unread=(late,),
            why="still to be read: 04 Mar 17:00 to 17:15 UTC (200 answers were taken in one round)"),
        Ear(id=5, source="x", aim="@reelpost", state="throttled", since=NOON, trouble=WAIT,
            trouble_since=NOON, why=WAIT, **known),
        Ear(id=6, source="wordpress", aim="https://blog.example/late/", state="paused",
            since=WINDOW.since - HOUR, why="a person paused it", holes=(passed,), **known),
        Ear(id=7, source="wordpress", aim="https://blog.example/later/", state="capped",
            since=NOON, why="older posts are still to come, so counts are “at least”", **known),
    ))  # fmt: skip


SNAPSHOTS: dict[str, Snapshot] = {
    "busy": _busy(),
    "hostile": _hostile(),
    "quiet": _quiet(),
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
