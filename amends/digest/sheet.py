"""
What a digest says, section by section, before any medium: lines of words and rows of cells.

Markdown, HTML and text differ in marks and escapes alone, so they all print this.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from amends.digest.value import Digest, Listening, Quote
from amends.digest.words import change, counted, long_day, moment, number, several, stretch


class Table(msgspec.Struct, frozen=True):
    """A caption, the heads of the columns, and rows; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Quotes(msgspec.Struct, frozen=True):
    """Posts to read, each with a line about it."""

    quotes: tuple[tuple[Quote, str], ...]


class Section(msgspec.Struct, frozen=True):
    """A heading, sentences, and perhaps a table or quotations; `chart` asks for the day's chart."""

    heading: str
    sentences: tuple[str, ...] = ()
    table: Table | None = None
    quotes: Quotes | None = None
    chart: bool = False


def title(digest: Digest) -> str:
    """Return the headline."""
    return f"{digest.incident.title}: {long_day(digest.day)}"


def sections(digest: Digest) -> Iterator[Section]:
    """Yield the sections in the order of the sheet."""
    yield Section("Counts", table=_labels(digest))
    yield Section("Hour by hour", table=_hours(digest), chart=True)
    yield _to_answer(digest)
    if digest.answer_undated:
        sentence = f"{several(digest.waiting_undated, 'post', 'posts')} to answer carry no time."
        yield Section(
            "To answer, undated", (sentence,), quotes=_quotes(digest, digest.answer_undated)
        )
    if digest.praise:
        thanks = f"{several(digest.thanks, 'post thanks', 'posts thank')} us."
        yield Section("What people thank for", (thanks,), quotes=_quotes(digest, digest.praise))
    yield Section("Where we listened", table=_sources(digest))
    yield Section(
        "Coverage", tuple(_heard(digest, one) for one in digest.listening) or ("No watch.",)
    )
    yield Section("Since the last digest", tuple(_since(digest)) or ("Nothing changed.",))


def _labels(digest: Digest) -> Table:
    rows = [
        (label.title, counted(label.count), change(label.count), number(label.undated))
        for label in digest.labels
    ]
    rows.append(("None of these", counted(digest.unlabelled), change(digest.unlabelled), "–"))
    rows.append(("All posts", counted(digest.posts), change(digest.posts), number(digest.undated)))
    heads = ("Label", "Posts", "Change", "Undated")
    return Table("Posts by label, against the day before", heads, tuple(rows))


def _hours(digest: Digest) -> Table:
    heads = ("Hour", "Posts", *(label.title for label in digest.labels))
    rows = tuple(
        (stretch(hour.span, digest.incident.tz), number(hour.posts), *map(number, hour.labels))
        for hour in digest.hours
    )
    return Table("Posts per hour by label", heads, rows)


def _sources(digest: Digest) -> Table:
    heads = ("Source", "Posts", "Change", *(label.title for label in digest.labels))
    rows = tuple(
        (one.source, counted(one.count), change(one.count), *map(counted, one.labels))
        for one in digest.sources
    )
    return Table("Posts by source, against the day before", heads, rows)


def _to_answer(digest: Digest) -> Section:
    if not digest.answer:
        return Section("To answer first", ("Nothing waits for an answer.",))
    shown = len(digest.answer)
    sentence = f"{several(digest.waiting, 'post waits', 'posts wait')} for an answer; "
    sentence += f"these {shown} reach furthest." if shown > 1 else "it is this one."
    return Section("To answer first", (sentence,), quotes=_quotes(digest, digest.answer))


def _quotes(digest: Digest, quotes: tuple[Quote, ...]) -> Quotes:
    return Quotes(tuple((quote, _about(digest, quote)) for quote in quotes))


def _about(digest: Digest, quote: Quote) -> str:
    when = "no time" if quote.posted_at is None else moment(quote.posted_at, digest.incident.tz)
    alike = f", and {number(quote.alike)} alike" if quote.alike else ""
    labels = ", ".join(quote.labels)
    return f"{quote.author or 'somebody'} on {quote.source}, {when}; reach {number(quote.reach)}{alike}; {labels}"


def _heard(digest: Digest, one: Listening) -> str:
    name = f"{one.source} ({one.aim})"
    if one.backfilled:
        return (
            f"{name}: {several(one.posts, 'post', 'posts')} backfilled; how complete isn't known."
        )
    said = f"{name}: "
    if one.share is None:
        said += "no part of this day to hear."
    elif not one.holes:
        said += "complete."
    else:
        # Rounding must not make a hole vanish.
        percent = min(int(one.share * 100), 99)
        gaps = ", ".join(stretch(hole, digest.incident.tz) for hole in one.holes[:6])
        more = f" and {len(one.holes) - 6} more" if len(one.holes) > 6 else ""
        said += f"{percent} % complete; missing {gaps}{more}."
    if one.paused:
        said += " It is paused."
    return said + (f" Trouble: {one.trouble}" if one.trouble else "")


def _since(digest: Digest) -> Iterator[str]:
    tz = digest.incident.tz
    yield f"Posts: {change(digest.posts)} against the day before."
    for act in digest.acts:
        yield f"{moment(act.at, tz)}: {act.did} by {act.by or 'the company'}: {act.text}"
    for deed in digest.deeds:
        yield f"{moment(deed.at, tz)}: {deed.did} {deed.text} ({deed.by or 'somebody'})"
    for one in digest.troubles:
        yield f"{one.source} got into trouble: {one.trouble}"
    for source, posts in digest.late:
        yield f"{several(posts, 'post', 'posts')} of earlier days came in late from {source}."
    if digest.edited:
        yield f"{several(digest.edited, 'post was', 'posts were')} edited by the author."
    if digest.official:
        yield f"{several(digest.official, 'post', 'posts')} by the company itself, not counted above."


def foot(digest: Digest) -> str:
    """Return the line at the end."""
    return f"Made by Amends at {moment(digest.made_at, digest.incident.tz)}."
