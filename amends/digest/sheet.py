"""
What a digest says, section by section, before any medium: lines of words and rows of cells.

Markdown, HTML and text differ in marks and escapes alone, so they all print this.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from amends.digest.listening import told
from amends.digest.offered import lines, rows, wanted
from amends.digest.offers import Offers
from amends.digest.section import Cited, Item, Section, Table
from amends.digest.snapshot import Alarm
from amends.digest.themes import complained, overdue, table
from amends.digest.value import Count, Digest, HourCount, Quote, Sampled
from amends.digest.words import (
    change,
    clock,
    counted,
    fold,
    length,
    long_day,
    moment,
    number,
    rough,
    several,
    stretch,
)


def title(digest: Digest) -> str:
    """Return the headline."""
    return f"{digest.incident.title}: {long_day(digest.day)}"


def about(digest: Digest) -> str:
    """Return the line below the headline: whose incident it is, and how it stands."""
    incident = digest.incident
    began = moment(incident.began, incident.tz)
    return f"{incident.company} · {incident.status} · began {began}"


def foot(digest: Digest) -> str:
    """Return the line at the end."""
    return (
        f"Made by Amends at {moment(digest.made_at, digest.incident.tz)}. "
        "Reach is followers, plus ten for every repost, plus one for every hundred views. "
        "A post can carry several labels."
    )


def sections(digest: Digest) -> Iterator[Section]:
    """Yield the sections in the order of the sheet; one with nothing to say is left out."""
    yield Section(heading="Counts", table=_labels(digest), items=tuple(_spot_checked(digest)))
    for sample in digest.sampled:
        yield _estimates(sample)
    if any(one.posts for one in digest.hours):
        yield Section(heading="Hour by hour", table=_hours(digest), chart=True)
    if digest.alarms:
        yield Section(heading="Alarms", items=tuple(Item(_rang(digest, a)) for a in digest.alarms))
    themes, examples = complained(digest)
    if themes:
        yield Section(
            heading="What they complain about",
            sentence=themes,
            table=table(digest),
            quotes=_cited(digest, examples),
        )
    if digest.truth:
        yield Section(
            heading="What they were told, and what fails", items=tuple(map(Item, digest.truth))
        )
    if digest.offers is not None:
        yield _offered(digest, digest.offers)
    if digest.ahead:
        yield Section(heading="What comes next", items=tuple(map(Item, digest.ahead)))
    yield _to_answer(digest)
    if digest.answer_undated:
        wait = several(digest.waiting_undated, "undated post waits", "undated posts wait")
        yield Section(
            heading="To answer, without a time",
            sentence=f"{wait} for an answer too.",
            quotes=_cited(digest, digest.answer_undated),
        )
    if digest.praise:
        yield Section(
            heading="What people thank for",
            sentence=_floor(digest, several(digest.thanks, "post thanks us.", "posts thank us.")),
            quotes=_cited(digest, digest.praise),
        )
    if digest.sources:
        yield Section(heading="By source", table=_sources(digest))
    heard = tuple(Item(told(digest, one)) for one in digest.listening)
    if heard:
        yield Section(heading="How well we listened", items=heard)
    yield Section(heading="Since the last digest", items=tuple(_since(digest)))


def _rang(digest: Digest, alarm: Alarm) -> str:
    tz = digest.incident.tz

    def at(when: datetime) -> str:
        within = digest.window.since <= when < digest.window.until
        return clock(when, tz) if within else moment(when, tz)

    said = (
        alarm.why if alarm.peak is None else f"{alarm.subject.capitalize()} since {at(alarm.since)}"
    )
    if alarm.peak is not None and alarm.peak_voices is not None and alarm.peak_at is not None:
        said += (
            f", at its height {several(alarm.peak_voices, 'voice', 'voices')} in the hour to "
            f"{at(alarm.peak_at)}, {fold(alarm.peak)} times the usual"
        )
    return f"{said}; {f'over at {at(alarm.ended_at)}' if alarm.ended_at else 'it goes on'}."


def hour(digest: Digest, one: HourCount) -> str:
    """Return the name of an hour, such as 09:00–10:00 CST."""
    return stretch(one.span, digest.incident.tz)


def _floor(digest: Digest, said: str) -> str:
    return f"At least {said}" if digest.posts.at_least else said


def _labels(digest: Digest) -> Table:
    rows = [
        (label.title, counted(label.count), change(label.count), number(label.undated))
        for label in digest.labels
    ]
    rows.append(("None of these", counted(digest.unlabelled), change(digest.unlabelled), "–"))
    rows.append(("All posts", counted(digest.posts), change(digest.posts), number(digest.undated)))
    heads = ("Label", "Posts", "Change", "Undated")
    return Table("Posts by label, and the change against the day before", heads, tuple(rows))


def _spot_checked(digest: Digest) -> Iterator[Item]:
    for label in digest.labels:
        one = label.corrected
        if one is None:
            continue
        between = "" if one.low == one.high else f" ({number(one.low)} to {number(one.high)})"
        yield Item(
            f"{label.title}: really about {number(one.posts)}{between}, from {number(label.count.posts)}"
            f" tagged; {number(one.wrong)} of {several(one.looked, 'post', 'posts')} drawn by chance and"
            " looked at were tagged wrongly."
        )


def _estimates(sample: Sampled) -> Section:
    rows = []
    for label in sample.labels:
        posts, low, high = rough(label, sample.counted)
        rows.append((label.title, number(label.seen), f"about {posts}", f"{low} to {high}"))
    return Section(
        heading=f"Estimated from a sample: {sample.source}",
        sentence=(
            f"{sample.source} ({sample.aim}) counted {several(sample.counted, 'post', 'posts')} in"
            f" stretches that were too dear to read in full. {number(sample.read)} of them were read,"
            " most drawn by chance; only those stand in the other counts."
        ),
        table=Table(
            "Posts by label in those stretches: read, and all of them as estimated",
            ("Label", "Read", "In all", "In 95 of 100 cases"),
            tuple(rows),
        )
        if rows
        else None,
    )


def _hours(digest: Digest) -> Table:
    rows = tuple(
        (
            hour(digest, one),
            *(counted(Count(n, 0, 0, one.at_least)) for n in (one.posts, *one.labels)),
        )
        for one in digest.hours
    )
    heads = ("Hour", "Posts", *(label.title for label in digest.labels))
    return Table("Posts per hour by label", heads, rows)


def _sources(digest: Digest) -> Table:
    rows = tuple(
        (one.source, *(_changed(count) for count in (one.count, *one.labels)))
        for one in digest.sources
    )
    heads = ("Source", "Posts", *(label.title for label in digest.labels))
    return Table("Posts by source and label, and the change against the day before", heads, rows)


def _changed(count: Count) -> str:
    return f"{counted(count)} ({change(count)})" if count.change else counted(count)


def _offered(digest: Digest, found: Offers) -> Section:
    asked = Table(
        "Open credit requests of the day, by how the offer stood when they were written",
        ("Phase", "Posts", "Voices"),
        rows(found),
    )
    return Section(
        heading="What was offered",
        sentence="" if found.made else "Nothing, as far as anybody wrote down.",
        items=tuple(map(Item, [*lines(found, digest.incident.tz), *wanted(found)])),
        table=asked if asked.rows else None,
    )


def _to_answer(digest: Digest) -> Section:
    heading = "To answer first"
    if not digest.answer:
        nothing = "Nothing waits for an answer."
        late = f"Nothing of this day waits for an answer. {overdue(digest)}"
        return Section(heading=heading, sentence=late if digest.overdue else nothing)
    wait = several(digest.waiting, "post waits", "posts wait")
    shown = len(digest.answer)
    which = f"these {shown} reach farthest" if shown > 1 else "this one reaches farthest"
    return Section(
        heading=heading,
        sentence=f"{_floor(digest, f'{wait} for a decision; {which}.')} {overdue(digest)}".rstrip(),
        quotes=_cited(digest, digest.answer),
    )


def _cited(digest: Digest, quotes: tuple[Quote, ...]) -> tuple[Cited, ...]:
    return tuple(Cited(quote, _about(digest, quote)) for quote in quotes)


def _about(digest: Digest, quote: Quote) -> str:
    tz = digest.incident.tz
    if quote.posted_at is None:
        when = f"time unknown, first seen {moment(quote.first_seen, tz)}"
    else:
        age = length(max(digest.made_at - quote.posted_at, timedelta()))
        when = f"{clock(quote.posted_at, tz)}, {age} ago"
    who = f"{quote.author or 'somebody'} on {quote.source}"
    alike = f", and {number(quote.alike)} alike" if quote.alike else ""
    return f"{who}, {when}; reach {number(quote.reach)}{alike}"


def _since(digest: Digest) -> Iterator[Item]:
    labels = [f"{label.title.lower()} {change(label.count)}" for label in digest.labels]
    yield Item(", ".join([f"Posts {change(digest.posts)}", *labels]) + ".")
    for when, said, url in sorted(_happened(digest), key=lambda one: one[0]):
        yield Item(f"{clock(when, digest.incident.tz)}, {said}", url)
    for said in digest.worked:
        yield Item(said)
    for source, posts in digest.late:
        came = several(posts, "post of an earlier day", "posts of earlier days")
        yield Item(f"{came} came in late from {source}; that day's digest has changed.")
    if digest.edited:
        were = several(digest.edited, "post was", "posts were")
        yield Item(f"{were} changed by the author.")
    if digest.official:
        yield Item(
            f"By the company: {several(digest.official, 'post', 'posts')}, counted nowhere else."
        )


def _happened(digest: Digest) -> Iterator[tuple[datetime, str, str | None]]:
    for act in digest.acts:
        yield act.at, f"{act.by or digest.incident.company}, {act.did}: {act.text}", act.url
    for deed in digest.deeds:
        facts = f" ({deed.text})" if deed.text else ""
        yield deed.at, f"{deed.by or 'somebody'}: {deed.did}{facts}.", None
    for one in digest.troubles:
        if one.trouble_since is not None:
            trouble = f"{one.source} ({one.aim}) got into trouble: {one.trouble}"
            yield one.trouble_since, trouble, None
