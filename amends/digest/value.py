"""
The digest as a value: what a day of an incident adds up to, before it is a document.

Times are aware UTC; texts are one line each, without control or bidi characters, and still not
to be trusted: whoever renders them escapes them.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from amends.digest.snapshot import Affair
from models.coverage import Span


class Count(msgspec.Struct, frozen=True):
    """A number of posts, the day before's, and whether posts may be missing from it."""

    posts: int
    before: int
    change: int
    at_least: bool


class LabelCount(msgspec.Struct, frozen=True, kw_only=True):
    """Posts with one label; `undated` ones belong to no day and stand in no other count."""

    name: str
    title: str
    colour: str
    count: Count
    undated: int


class SourceCount(msgspec.Struct, frozen=True, kw_only=True):
    """Posts of one source; `labels` in the order of the digest's."""

    source: str
    count: Count
    labels: tuple[Count, ...]


class HourCount(msgspec.Struct, frozen=True, kw_only=True):
    """Posts of one hour of the day; `labels` in the order of the digest's."""

    span: Span
    posts: int
    labels: tuple[int, ...]
    at_least: bool


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A post to read: shortened, with how far it reaches and how many more say the same."""

    post_id: int
    source: str
    author: str | None
    text: str
    url: str | None
    host: str
    posted_at: datetime | None
    first_seen: datetime
    reach: int
    alike: int
    labels: tuple[str, ...]


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """
    How well one watch heard the day.

    `share` (0 to 1) and `holes` are of the part of the day that has passed since the incident
    began; None when there is no such part, and for a backfill, which claims nothing.
    """

    source: str
    aim: str
    posts: int
    backfilled: bool
    share: float | None
    holes: tuple[Span, ...]
    trouble: str | None
    trouble_since: datetime | None
    paused: bool


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something the company said or did, or a person did to the incident."""

    at: datetime
    by: str | None
    did: str
    text: str
    url: str | None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """
    One local day of one incident.

    `lede` says it in a few sentences. `over` is false while the day goes on. `gaps` are the
    stretches in which at least one watch was deaf. `waiting` counts the posts to answer on which
    nobody has decided; `answer` shows the first of them. `late` are posts of earlier days that
    were first seen on this one, by source.
    """

    incident: Affair
    day: date
    before: date
    window: Span
    made_at: datetime
    over: bool
    lede: tuple[str, ...]
    posts: Count
    voices: int
    official: int
    unlabelled: Count
    unscored: int
    undated: int
    labels: tuple[LabelCount, ...]
    sources: tuple[SourceCount, ...]
    hours: tuple[HourCount, ...]
    gaps: tuple[Span, ...]
    before_deaf: bool
    waiting: int
    answer: tuple[Quote, ...]
    waiting_undated: int
    answer_undated: tuple[Quote, ...]
    thanks: int
    praise: tuple[Quote, ...]
    listening: tuple[Listening, ...]
    acts: tuple[Deed, ...]
    deeds: tuple[Deed, ...]
    troubles: tuple[Listening, ...]
    late: tuple[tuple[str, int], ...]
    edited: int
