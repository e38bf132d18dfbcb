"""From the snapshot to the digest: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from amends.digest.coming import lines as coming
from amends.digest.hearing import heard, sampled
from amends.digest.lede import lede
from amends.digest.offered import plainly
from amends.digest.snapshot import Did, LabelStyle, Snapshot
from amends.digest.truth import lines
from amends.digest.value import (
    Count,
    Deed,
    Digest,
    HourCount,
    LabelCount,
    Overdue,
    Quote,
    SourceCount,
    Theme,
    Themed,
)
from amends.digest.words import LONGEST_NAME, plain
from amends.pulse.themes import Themes
from models.coverage import Span, merge
from models.day import hours_of
from models.store.days import Found
from models.store.volumes import Cell, Tally, Volume

LONGEST_DEED = 280
LONGEST_LINE = 600
MOST_DEEDS = 40
_GREY = "#767676"


def build(facts: Snapshot) -> Digest:
    """Return the digest of a snapshot."""
    styles = _styles(facts)
    titles = {style.name: style.title for style in styles}
    gaps = tuple(merge(hole for ear in facts.ears for hole in ear.holes))
    deaf = bool(gaps)
    listening = tuple(map(heard, facts.ears))
    digest = Digest(
        incident=msgspec.structs.replace(
            facts.incident,
            title=plain(facts.incident.title),
            company=plain(facts.incident.company, LONGEST_NAME),
            status=plain(facts.incident.status, LONGEST_NAME),
        ),
        day=facts.day,
        before=facts.before,
        window=facts.window,
        made_at=facts.now,
        over=facts.now >= facts.window.until,
        lede=(),
        posts=_count(facts.today.volumes, facts.yesterday.volumes, deaf=deaf),
        voiced=facts.voiced,
        official=facts.official,
        unlabelled=_of(facts, "", deaf=deaf),
        unscored=sum(volume.unscored for volume in facts.today.volumes),
        undated=_sum(facts.undated.volumes),
        labels=tuple(
            LabelCount(
                name=style.name,
                title=style.title,
                colour=style.colour,
                count=_of(facts, style.name, deaf=deaf),
                undated=_sum(cell for cell in facts.undated.cells if cell.label == style.name),
                corrected=next((one for one in facts.corrected if one.label == style.name), None),
            )
            for style in styles
        ),
        sources=_sources(facts, styles),
        hours=_hours(facts, styles, gaps),
        gaps=gaps,
        before_deaf=any(ear.holes_before for ear in facts.ears),
        sampled=tuple(sampled(ear, titles) for ear in facts.ears if ear.samples),
        waiting=facts.waiting.among,
        answer=_quotes(facts.waiting.posts, titles),
        waiting_undated=facts.waiting_undated.among,
        answer_undated=_quotes(facts.waiting_undated.posts, titles),
        thanks=facts.praise.among,
        praise=_quotes(facts.praise.posts, titles),
        listening=listening,
        alarms=tuple(
            msgspec.structs.replace(
                one, subject=plain(one.subject.replace("_", " "), LONGEST_NAME), why=plain(one.why)
            )
            for one in facts.alarms
        ),
        acts=_deeds(facts.acts),
        deeds=_deeds(facts.deeds),
        troubles=tuple(
            one
            for one in listening
            if one.trouble
            and one.trouble_since
            and facts.window.since <= one.trouble_since < facts.window.until
        ),
        late=tuple((plain(source, LONGEST_NAME), posts) for source, posts in facts.late),
        edited=facts.edited,
        overdue=_overdue(facts),
        themes=themed(facts.themes, titles),
        worked=facts.worked,
        offers=plainly(facts.offers),
        ahead=coming(facts.ahead, facts.incident.tz),
        truth=tuple(plain(line, LONGEST_LINE) for line in lines(facts.truth, facts.incident.tz)),
    )
    return msgspec.structs.replace(digest, lede=lede(digest))


def _styles(facts: Snapshot) -> tuple[LabelStyle, ...]:
    # A label taken out of use still stands on old posts; it comes last, under its own name.
    known = {style.name for style in facts.labels}
    used = {
        cell.label
        for tally in (facts.today, facts.yesterday, facts.undated)
        for cell in tally.cells
    }
    used |= {name for ear in facts.ears for sample in ear.samples for name in sample.having}
    retired = sorted(used - known - {"", *facts.told})
    return (
        *(LabelStyle(s.name, plain(s.title, LONGEST_NAME), s.colour) for s in facts.labels),
        *(LabelStyle(name, plain(name, LONGEST_NAME), _GREY) for name in retired),
    )


def _sum(parts: Iterable[Cell] | Iterable[Volume]) -> int:
    return sum(part.posts for part in parts)


def _count(
    today: Iterable[Cell] | Iterable[Volume],
    before: Iterable[Cell] | Iterable[Volume],
    *,
    deaf: bool,
) -> Count:
    posts, earlier = _sum(today), _sum(before)
    return Count(posts, earlier, posts - earlier, deaf)


def _of(facts: Snapshot, label: str, source: str | None = None, *, deaf: bool) -> Count:
    def cells(tally: Tally) -> Iterable[Cell]:
        return (c for c in tally.cells if c.label == label and source in {None, c.source})

    return _count(cells(facts.today), cells(facts.yesterday), deaf=deaf)


def _sources(facts: Snapshot, styles: tuple[LabelStyle, ...]) -> tuple[SourceCount, ...]:
    deaf = {ear.source for ear in facts.ears if ear.holes}
    names = {v.source for tally in (facts.today, facts.yesterday) for v in tally.volumes}
    names |= {ear.source for ear in facts.ears}

    def volumes(tally: Tally, name: str) -> Iterable[Volume]:
        return (volume for volume in tally.volumes if volume.source == name)

    return tuple(
        SourceCount(
            source=plain(name, LONGEST_NAME),
            count=_count(
                volumes(facts.today, name), volumes(facts.yesterday, name), deaf=name in deaf
            ),
            labels=tuple(_of(facts, style.name, name, deaf=name in deaf) for style in styles),
        )
        for name in sorted(names)
    )


def _hours(
    facts: Snapshot, styles: tuple[LabelStyle, ...], gaps: tuple[Span, ...]
) -> tuple[HourCount, ...]:
    posts: dict[int, int] = {}
    labelled: dict[tuple[int, str], int] = {}
    for volume in facts.today.volumes:
        posts[volume.hour] = posts.get(volume.hour, 0) + volume.posts
    for cell in facts.today.cells:
        key = cell.hour, cell.label
        labelled[key] = labelled.get(key, 0) + cell.posts
    return tuple(
        HourCount(
            span=span,
            posts=posts.get(hour, 0),
            labels=tuple(labelled.get((hour, style.name), 0) for style in styles),
            at_least=any(gap.since < span.until and span.since < gap.until for gap in gaps),
        )
        for hour, span in enumerate(hours_of(facts.window))
    )


def _quotes(posts: tuple[Found, ...], titles: dict[str, str]) -> tuple[Quote, ...]:
    return tuple(
        Quote(
            post_id=post.post_id,
            source=plain(post.source, LONGEST_NAME),
            author=plain(post.author, LONGEST_NAME) if post.author else None,
            text=plain(post.text),
            url=_link(post.url),
            host=_host(post.url),
            posted_at=post.posted_at,
            first_seen=post.first_seen,
            reach=post.reach,
            alike=post.alike,
            labels=tuple(titles[name] for name in titles if name in post.labels),
        )
        for post in posts
    )


def themed(found: Themes, titles: dict[str, str]) -> Themed:
    """Return themes as a digest tells them; `titles` is what people call each label."""
    return Themed(
        themes=tuple(
            Theme(
                name=plain(one.name, LONGEST_NAME),
                since=one.since,
                posts=one.posts,
                voices=one.voices,
                complaints=one.complaints,
                examples=_quotes(one.examples, titles),
            )
            for one in found.themes
        ),
        other=found.other,
        read=found.read,
        among=found.among,
        ready=found.ready,
    )


def _overdue(facts: Snapshot) -> Overdue | None:
    late = facts.overdue
    if late is None or late.found.oldest is None:
        return None
    return Overdue(
        posts=late.found.posts, unseen=late.found.unseen, oldest=late.found.oldest,
        minutes=late.minutes, hours=plain(late.hours, LONGEST_NAME),
    )  # fmt: skip


def _deeds(done: tuple[Did, ...]) -> tuple[Deed, ...]:
    return tuple(
        Deed(
            at=did.at,
            by=plain(did.by, LONGEST_NAME) if did.by else None,
            did=plain(did.did.replace("_", " "), LONGEST_NAME),
            text=plain(did.text, LONGEST_DEED),
            url=_link(did.url),
        )
        for did in done[:MOST_DEEDS]
    )


def _link(url: str | None) -> str | None:
    if url is None or not url.startswith(("https://", "http://")) or not _host(url):
        return None
    return None if any(c.isspace() or not c.isprintable() for c in url) else url


def _host(url: str | None) -> str:
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
    return plain(host.removeprefix("www."), LONGEST_NAME)
