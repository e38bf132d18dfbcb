"""
The digest as a value: what a day of an incident adds up to, before it is a document.

Times are aware UTC; texts are one line each, without control or bidi characters, and still not
to be trusted: whoever renders them escapes them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from amends.digest.offers import Offers
from amends.digest.snapshot import Affair, Alarm
from models.coverage import Span
from models.listening import State
from models.spot import Corrected
from models.store.voices import Voiced

Fate = Literal["lost", "sampled", "unread", "unheard"]


class Count(msgspec.Struct, frozen=True):
    """A number of posts, the day before's, and whether posts may be missing from it."""

    posts: int
    before: int
    change: int
    at_least: bool


class LabelCount(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts with one label; `undated` ones belong to no day and stand in no other count.

    `corrected` is how many there really are, as far as a spot check tells; None without one.
    """

    name: str
    title: str
    colour: str
    count: Count
    undated: int
    corrected: Corrected | None = None


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


class Missing(msgspec.Struct, frozen=True, order=True):
    """
    A stretch not proved complete, and what becomes of it.

    `lost` for good, for the reason in `why`; `sampled`: too dear to read in full; `unread`: known to
    be still to come; `unheard` where nothing is known.
    """

    span: Span
    fate: Fate
    why: str = ""


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """
    How well one watch heard the day.

    `share` (0 to 1) and `missing` are of the part of the day that has passed since the incident
    began; None when there is no such part, and for a backfill, which claims nothing. `state`,
    `since` and `why` are of now, so they are None unless the day goes on.
    """

    source: str
    aim: str
    posts: int
    backfilled: bool
    share: float | None
    missing: tuple[Missing, ...]
    state: State | None
    since: datetime | None
    why: str | None
    trouble: str | None
    trouble_since: datetime | None
    paused_since: datetime | None


class Estimated(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts with one label, estimated: about `posts`, in 95 of 100 cases between `low` and `high`.

    Never fewer than were `seen`, and never more than were counted.
    """

    name: str
    title: str
    seen: int
    posts: int
    low: int
    high: int


class Sampled(msgspec.Struct, frozen=True, kw_only=True):
    """
    The stretches of which one watch read only a sample, because all was too dear.

    The source `counted` so many posts, of which so many were `read`; only labels that the sample
    shows are estimated. None of it stands in any other count but what was read.
    """

    source: str
    aim: str
    spans: tuple[Span, ...]
    counted: int
    read: int
    labels: tuple[Estimated, ...]


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """
    What many complain of: its name, posts, voices and distinct complaints, and posts to read.

    `since` is the hour in which it came up on that day, None if it was there before.
    """

    name: str
    since: datetime | None
    posts: int
    voices: int
    complaints: int
    examples: tuple[Quote, ...]


class Themed(msgspec.Struct, frozen=True, kw_only=True):
    """
    The themes of the day's complaints, found in `read` of `among` distinct complaints; `other` are in none.

    Where fewer were read than there are, all numbers and posts here are of those that were: a sample, drawn
    by the hashes of their words.

    `ready` is false while nobody has looked for them yet.
    """

    themes: tuple[Theme, ...] = ()
    other: int = 0
    read: int = 0
    among: int = 0
    ready: bool = True


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts that have waited for an answer longer than `minutes` of the `hours` in which people work.

    Of any day up to this one; `unseen` are those nobody has looked at, `oldest` is when the first was seen.
    """

    posts: int
    unseen: int
    oldest: datetime
    minutes: int
    hours: str


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

    `lede` says it in a few sentences; `voiced` are its posts, voices and distinct complaints. `over` is
    false while the day goes on. `gaps` are the stretches in which at least one watch was deaf, `sampled`
    what is estimated of some of them, watch by watch: two may have counted the same posts. `waiting`
    counts the posts to answer on which nobody has decided; `answer` shows the first of them. `late` are
    posts of earlier days that were first seen on this one, by source. `overdue` is None if no answer is;
    `worked` says what acts changed; `offers` is None where nothing was offered and nobody said so.
    `ahead` says what we promised and what comes next, as it stood when the day ended.
    `truth` says what people were told otherwise and what fails, where there is something to tell.
    """

    incident: Affair
    day: date
    before: date
    window: Span
    made_at: datetime
    over: bool
    lede: tuple[str, ...]
    posts: Count
    voiced: Voiced
    official: int
    unlabelled: Count
    unscored: int
    undated: int
    labels: tuple[LabelCount, ...]
    sources: tuple[SourceCount, ...]
    hours: tuple[HourCount, ...]
    gaps: tuple[Span, ...]
    before_deaf: bool
    sampled: tuple[Sampled, ...]
    waiting: int
    answer: tuple[Quote, ...]
    waiting_undated: int
    answer_undated: tuple[Quote, ...]
    thanks: int
    praise: tuple[Quote, ...]
    listening: tuple[Listening, ...]
    alarms: tuple[Alarm, ...]
    acts: tuple[Deed, ...]
    deeds: tuple[Deed, ...]
    troubles: tuple[Listening, ...]
    late: tuple[tuple[str, int], ...]
    edited: int
    overdue: Overdue | None = None
    themes: Themed = Themed()
    worked: tuple[str, ...] = ()
    offers: Offers | None = None
    ahead: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
