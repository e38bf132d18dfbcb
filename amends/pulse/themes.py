"""What people complain about in a day of an incident: themes, with who says them, and since when."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from amends.pulse.rising import STOP
from models.coverage import Span
from models.day import day_before, day_window, hours_of, local_day
from models.incident import IncidentRow
from models.store import Transaction
from models.store.days import Found
from models.store.gathered import Gathered
from models.store.pulse import Crowd
from models.store.voices import COMPLAINT

MOST_TEXTS = 3_000
"""Distinct complaints in which themes are looked for; of more it is always the same part that is drawn."""

TOO_FEW = 20
"""Distinct complaints below which nobody looks for themes."""

FEWEST = 5
"""Voices on the day below which a theme is one of `other`."""

EXAMPLES = 3
"""Posts shown of each theme."""

SHORTEST, TRIED = 20, 12
"""Characters an example should have, and how many of the most typical complaints are looked at for it."""

WHEN = frozenset(
    """
    ago always april august day days december early evening february first friday hour hours january july
    june last late later march may minute minutes monday month months morning new next night noon november
    october old one saturday second seconds september since six soon sunday ten three thursday times today
    tomorrow tonight tuesday twice two four five wednesday week weekend weeks year years yesterday
    """.split()  # noqa: SIM905
)
"""Words that say when or how often, which everybody does, and not of what."""

VAGUE = frozenset(
    """
    anybody anything bad better else everybody everyone everything fact good great guy guys lot nice
    nobody nothing people person place somebody someone something stuff thing things whatever worse
    """.split()  # noqa: SIM905
)
"""Words that stand for whatever it may be."""

QUIET = STOP | WHEN | VAGUE
"""Words that never name a theme."""

_WORD = re.compile(r"\w+")


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """
    One theme: its name, in words as people wrote them, and its posts, voices and distinct complaints.

    `since` is the hour in which it came up; None if it was there as far as anybody knows.
    """

    name: str
    since: datetime | None
    posts: int
    voices: int
    complaints: int
    examples: tuple[Found, ...]


class Themes(msgspec.Struct, frozen=True, kw_only=True):
    """
    The themes of a day, the one with most voices first, and apart from them `other` complaints.

    They were looked for in `read` of `among` distinct complaints of that day and the one before.
    `ready` is false while nobody has looked yet.
    """

    themes: tuple[Theme, ...] = ()
    other: int = 0
    read: int = 0
    among: int = 0
    ready: bool = True


def themes_of(
    tx: Transaction,
    incident: IncidentRow,
    window: Span,
    now: datetime,
    items: Gathered | None = None,
    most: int = MOST_TEXTS,
) -> Themes:
    """
    Find the themes of a local day, as far as it has come, in at most so many distinct complaints.

    `items` are the day's, for who has gathered them already.

    They are followed from the midnight before it on, so a day doesn't begin without knowing what was said.
    """
    key, until = incident.id or 0, min(window.until, now)
    if until <= window.since:
        return Themes()
    before = day_window(day_before(local_day(window.since, incident.tz), incident.tz), incident.tz)
    whole = Span(before.since, until)
    heard, among = tx.complaints.heard(key, whole, COMPLAINT, most, items)
    today = {one.post_id for one in heard if any(at >= window.since for at, _ in one.hours)}
    if len(heard) < TOO_FEW:
        return Themes(other=len(today), read=len(heard), among=among)
    # scikit-learn is loaded only where it is needed.
    from classify.themes import Complaint, themes

    nears = {one.post_id: one.near for one in heard}
    said = [
        Complaint(
            id=one.post_id, voice=one.voice, text=one.text, at=one.hours[0][0],
            heard=tuple((at, n - (not place)) for place, (at, n) in enumerate(one.hours)),
        )
        for one in heard
    ]  # fmt: skip
    hours = [span.since for span in hours_of(whole)]
    names = " ".join([incident.company, *incident.terms])
    found = themes(said, hours, QUIET | set(_WORD.findall(names.casefold())))
    mine = [(one, [post for post in one.ids if post in today]) for one in found]
    parts = {nears[post]: place for place, (_, ids) in enumerate(mine) for post in ids}
    crowds = tx.complaints.crowds(key, Span(window.since, until), COMPLAINT, parts)
    posts = tx.complaints.shown(key, [post for _, ids in mine for post in ids[:TRIED]])
    told = [
        Theme(
            name=one.name,
            since=one.since if one.since and one.since >= window.since else None,
            posts=crowds[place].posts,
            voices=crowds[place].authors,
            complaints=len(ids),
            examples=_examples(ids, posts),
        )
        for place, (one, ids) in enumerate(mine)
        if crowds.get(place, Crowd()).authors >= FEWEST
    ]
    return Themes(
        themes=tuple(sorted(told, key=lambda one: (-one.voices, one.name))),
        other=len(today) - sum(one.complaints for one in told),
        read=len(said),
        among=among,
    )


def _examples(ids: list[int], posts: dict[int, Found]) -> tuple[Found, ...]:
    """Return the most typical posts, each by somebody else, and long ones before those of a word or two."""
    typical = [posts[post] for post in ids[:TRIED] if post in posts]
    typical.sort(key=lambda one: len(one.text) < SHORTEST)
    chosen: dict[str, Found] = {}
    for one in typical:
        chosen.setdefault(f"{one.source} {one.author or one.post_id}", one)
    return tuple(chosen.values())[:EXAMPLES]
