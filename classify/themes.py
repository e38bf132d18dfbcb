"""
Themes: what complaints are about, found in their words, and the same from hour to hour.

They are found by replay. From the first complaint on, whenever an hour is full or a quarter of all is new,
the complaints said until then are laid out by their words (TF-IDF over words and pairs, of which a
singular value decomposition keeps what differs most) and gathered by spherical k-means that begins where
the moment before left off. One theme more, or one less, must be worth it; so a theme and its name go on
while they fit. Whatever was said later changes nothing before it, so nothing has to be remembered: who
asks an hour later finds the same past. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn import config_context

from classify.naming import Name, names
from classify.phrases import Phrases, phrases
from classify.spheres import CHANCE, Group, Rows, by_chance, gathered, layout, regathered

FEWEST_TEXTS = 20
"""Complaints below which nothing is a theme."""

FEWEST_VOICES = 5
"""Voices below which a theme is no theme of the public's."""

HOURLY, QUARTERLY = 0.02, 0.25
"""Share of new complaints from which themes are found anew, on the hour and on its quarters."""

NEW_WITHIN = timedelta(hours=3)
"""How young a theme must be when it is first found, to be told as new."""

STRAGGLERS = 0.1
"""Share of a theme's complaints that may lie before its beginning: the same words, said of something else."""

_QUARTER = timedelta(minutes=15)


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something complained of, for all its copies: `id` is the first of its posts, said by `voice` at `at`.

    `heard` says when how many more voices said the same.
    """

    id: int
    voice: str
    at: datetime
    text: str
    heard: tuple[tuple[datetime, int], ...] = ()


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """
    What many complain of: `name` are its most telling words as people wrote them.

    `ids` are its complaints, what is most like all the others first. `since` is the hour in which it came
    up while others were there before; None if it was there as far as anybody knows.
    """

    name: str
    since: datetime | None
    ids: tuple[int, ...]


class _Known(msgspec.Struct):
    """What the moment before found: of each row its theme, and of each theme its name and beginning."""

    themes: Rows
    named: dict[int, Name]
    found: dict[int, datetime]
    since: dict[int, datetime]
    groups: list[Group]
    next: int = 0


def themes(
    said: Sequence[Complaint], hours: Sequence[datetime], stop: AbstractSet[str] = frozenset()
) -> list[Theme]:
    """
    Return the themes of complaints, the one with most voices first; none where nothing holds together.

    `hours` are the beginnings of the hours in which they were said, in order; `stop` are words that say
    nothing, such as the company's name.
    """
    said = sorted(said, key=lambda one: (one.at, one.id))
    if len(said) < FEWEST_TEXTS:
        return []
    replay = _Replay(said, phrases([one.text for one in said], stop), hours)
    # What it is given are our own numbers; to have them checked at every step takes time.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for moment, count in _moments([one.at for one in said], hours):
            replay.go(moment, count)
    return replay.themes()


def _moments(
    times: Sequence[datetime], hours: Sequence[datetime]
) -> Iterator[tuple[datetime, int]]:
    """Yield when themes are found anew, and how many complaints there are by then."""
    at, done = np.array([time.timestamp() for time in times]), 0
    for hour in hours:
        for quarter in range(4):
            moment = hour + quarter * _QUARTER
            count = int(np.searchsorted(at, moment.timestamp()))
            least = QUARTERLY if quarter else HOURLY
            if count >= FEWEST_TEXTS and count - done >= max(least * done, 1):
                yield moment, count
                done = count


class _Replay:
    """What is known as the replay goes on."""

    def __init__(self, said: list[Complaint], words: Phrases, hours: Sequence[datetime]) -> None:
        self._said, self._words, self._hours = said, words, hours
        heard = [(row, at, n) for row, one in enumerate(said) for at, n in one.heard]
        self._heard_row = np.array([row for row, _, _ in heard], int)
        self._heard_at = np.array([at.timestamp() for _, at, _ in heard])
        self._heard_by = np.array([n for _, _, n in heard], float)
        self._known = _Known(np.zeros(0, int), {}, {}, {}, [])

    def go(self, moment: datetime, count: int) -> None:
        """Find the themes of the first `count` complaints, as known at a moment."""
        weights, shares = self._weights(moment, count), self._shares(count)
        known, before = self._known, len(self._known.themes)
        place = layout(self._words.held, count, count)
        if place is None:
            return
        if known.groups:
            held = np.full(count, -1)
            held[:before] = known.themes
            young = moment - NEW_WITHIN
            fresh = sum(one.at < young for one in self._said[:count])
            groups, themes = regathered(place, weights, held, known.next, fresh)
        else:
            groups, themes = gathered(place, weights)
        named = names(self._words, themes, shares, known.named)
        found = {one.id: known.found.get(one.id, moment) for one in groups}
        since = {theme: known.since.get(theme) or self._began(themes, theme, moment)
                 for theme, at in found.items() if known.groups and moment - at <= NEW_WITHIN}  # fmt: skip
        told = {theme: at for theme, at in (known.since | since).items() if at and theme in found}
        self._known = _Known(
            themes, named, found, told, groups, max([known.next, *(one.id + 1 for one in groups)])
        )

    def themes(self) -> list[Theme]:
        """Return the themes, with what was said since they were last found."""
        known, count = self._known, len(self._known.themes)
        place = layout(self._words.held, count, len(self._said)) if known.groups else None
        if place is None:
            return []
        found = []
        for group, rows in place.joined(known.groups, known.themes):
            voices = {self._said[row].voice for row in rows}
            many = len(voices) + sum(n for row in rows for _, n in self._said[row].heard)
            name = known.named.get(group.id)
            if name is not None and many >= FEWEST_VOICES:
                ids = tuple(self._said[row].id for row in rows)
                since = known.since.get(group.id)
                found.append((many, Theme(name=name.said, since=since, ids=ids)))
        return [theme for _, theme in sorted(found, key=lambda one: (-one[0], one[1].name))]

    def _weights(self, moment: datetime, count: int) -> NDArray[np.float64]:
        """Return what each complaint weighs: more with more voices, less from one who says many things."""
        until = (self._heard_at < moment.timestamp()) & (self._heard_row < count)
        more = np.bincount(self._heard_row[until], self._heard_by[until], minlength=count)
        return (1 + np.log1p(more)) * self._shares(count)

    def _shares(self, count: int) -> NDArray[np.float64]:
        by = Counter(one.voice for one in self._said[:count])
        return np.array([1 / by[one.voice] for one in self._said[:count]])

    def _began(self, themes: Rows, theme: int, moment: datetime) -> datetime | None:
        """Return the hour in which a young theme came up; None if it may well have been there before."""
        rows = np.flatnonzero(themes == theme)
        if not len(rows):
            return None
        begin = self._said[rows[min(ceil(STRAGGLERS * len(rows)), len(rows) - 1)]].at
        hour = max((one for one in self._hours if one <= begin), default=begin)
        before = sum(one.at < hour for one in self._said[: len(themes)])
        later = int(np.sum(rows >= before))
        chance = by_chance(later, len(rows), before, len(themes))
        return hour if moment - hour <= NEW_WITHIN and chance < CHANCE else None
