"""
What an event says, before any medium.

Every output prints this, so an event of a new kind needs no more than a branch here.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from amends.digest.section import Cited, Item, Section
from amends.digest.sheet import about, sections
from amends.digest.value import Digest, Quote
from amends.digest.words import change, counted, number, stretch
from amends.outputs.escapes import bare, web
from amends.outputs.event import Event, Line, Link, Sheet, title_of

MOST_QUOTES = 5
"""Posts of one section that a short message shows."""

MOST_ITEMS = 12
BARS = "▁▂▃▄▅▆▇█"


class Figure(msgspec.Struct, frozen=True):
    """A number with its name, and how it has changed."""

    name: str
    value: str
    changed: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and what stands below it."""

    heading: str
    sentence: str = ""
    items: tuple[Item, ...] = ()
    quotes: tuple[Cited, ...] = ()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message as a person reads it, short enough for a chat."""

    title: str
    about: str = ""
    text: str = ""
    figures: tuple[Figure, ...] = ()
    parts: tuple[Part, ...] = ()
    links: tuple[Link, ...] = ()
    foot: str = ""


def message_of(event: Event) -> Message:
    """Return what an event says."""
    foot = f"Amends · {event.id}"
    value = event.value
    if isinstance(value, Line):
        items = tuple(Item(bare(one, 1_000)) for one in value.items)
        return Message(
            title=bare(value.title, 200),
            text=bare(value.text, 4_000),
            parts=(Part(heading="", items=items),) if items else (),
            links=_links(value.links),
            foot=foot,
        )
    digest = value.digest
    return Message(
        title=title_of(value),
        about=about(digest),
        text=" ".join(digest.lede),
        figures=tuple(figures(digest)),
        parts=tuple(_parts(value)),
        links=_links(value.links),
        foot=foot,
    )


def _links(links: tuple[Link, ...]) -> tuple[Link, ...]:
    return tuple(link for link in links if web(link.url))


def figures(digest: Digest) -> Iterator[Figure]:
    """Yield the numbers of a day that everybody asks for first."""
    floor = "at least " if digest.posts.at_least else ""
    yield Figure("Posts", counted(digest.posts), change(digest.posts))
    yield Figure("Voices", f"{floor}{number(digest.voiced.voices)}")
    yield Figure("Distinct complaints", f"{floor}{number(digest.voiced.complaints)}")
    for label in digest.labels:
        yield Figure(label.title, counted(label.count), change(label.count))


def changes_part(value: Sheet) -> Part | None:
    """Return what has changed since the last version, if this is a later one."""
    if not value.changes:
        return None
    return Part(
        heading="Changed since the last version", items=tuple(Item(one) for one in value.changes)
    )


def _parts(value: Sheet) -> Iterator[Part]:
    changed = changes_part(value)
    if changed is not None:
        yield changed
    curve = sparkline([one.posts for one in value.digest.hours])
    if curve:
        hours = stretch(value.digest.window, value.digest.incident.tz)
        yield Part(heading=f"Hour by hour, {hours}", sentence=curve)
    for section in sections(_nameless(value.digest)):
        if _is_short(section):
            rest = len(section.quotes) - MOST_QUOTES
            more = f" {rest} more stand in the digest." if rest > 0 else ""
            yield Part(
                heading=section.heading,
                sentence=section.sentence + more,
                items=section.items[:MOST_ITEMS],
                quotes=section.quotes[:MOST_QUOTES],
            )


def _nameless(digest: Digest) -> Digest:
    # A chat is read by many and kept for long: who said it can be seen where it was said.
    return msgspec.structs.replace(
        digest,
        answer=_without_authors(digest.answer),
        answer_undated=_without_authors(digest.answer_undated),
        praise=_without_authors(digest.praise),
        themes=msgspec.structs.replace(digest.themes, themes=tuple(
            msgspec.structs.replace(theme, examples=_without_authors(theme.examples))
            for theme in digest.themes.themes
        )),
    )  # fmt: skip


def _without_authors(quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
    return tuple(msgspec.structs.replace(one, author=None) for one in quotes)


def _is_short(section: Section) -> bool:
    # Tables stay in the digest itself: a chat has no columns.
    return bool(section.quotes or section.items or (section.sentence and not section.chart))


def sparkline(counts: list[int]) -> str:
    """Return counts as a row of bars, one a count; nothing if all are 0."""
    most = max(counts, default=0)
    if not most:
        return ""
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)
