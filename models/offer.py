"""
What people say was offered, held against what was. Pure.

A mention agrees if a campaign that had begun when it was written offers that to the plan it names, or, if
it names none, to any. It is of the wrong plan if only others are offered it, a conflict if nobody is, a
rumour if nothing had been offered yet. What a post merely wishes for is none of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from models.campaign import Terms
from models.mention import Mention
from models.origin import Origin, Origins
from models.phase import Course
from models.voice import words
from models.worth import Worth, worth_of

Finding = Literal["conflict", "wrong_plan", "rumour", "agrees", "asked"]
FINDINGS: tuple[Finding, ...] = ("conflict", "wrong_plan", "rumour", "agrees", "asked")
TITLES: Mapping[str, str] = {
    "conflict": "Not what was offered",
    "wrong_plan": "Offered to another plan",
    "rumour": "Before anything was offered",
    "agrees": "As offered",
    "asked": "Wished for",
}

STRAY: tuple[Finding, ...] = ("conflict", "wrong_plan")
"""Findings that a batch of mails may have caused."""

MOST_POSTS = 50
"""Posts that are named of one finding, the first ones."""


class Heard(NamedTuple):
    """A mention in a post, written at a moment by a voice."""

    post_id: int
    mention: Mention
    at: datetime
    voice: str
    text: str


class Offered(NamedTuple):
    """A campaign to hold mentions against."""

    terms: Terms
    course: Course


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts that mention one worth, and what that is; `first_at` is the earliest of them, by `first`.

    `origin` is the batch of mails it comes from, if it wasn't offered and some batch is known to have said it.
    """

    finding: Finding
    worth: str
    posts: int
    voices: int
    first: int
    first_at: datetime
    post_ids: tuple[int, ...]
    origin: Origin | None = None


class _Plan(NamedTuple):
    name: str
    starts: datetime
    worths: tuple[Worth, ...]


class Judge:
    """Holds mentions against an incident's campaigns."""

    def __init__(self, offered: Iterable[Offered]) -> None:
        self._plans = [
            _Plan(_spaced(name), one.course.starts, tuple(map(worth_of, worths)))
            for one in offered
            for name, worths in one.terms.offers.items()
        ]

    def finding(self, heard: Heard) -> Finding:
        """Return what one mention is."""
        if heard.mention.asked:
            return "asked"
        begun = [plan for plan in self._plans if plan.starts <= heard.at]
        if not begun:
            return "rumour"
        named = {plan.name for plan in begun if plan.name.strip()}
        text = _spaced(heard.text) if named else ""
        # A longer plan's name may hold a shorter one's; the longer is meant.
        meant = {name for name in named if name in text}
        meant = {name for name in meant if not any(name in one != name for one in meant)}
        fits = [plan for plan in begun if _matches(plan, heard.mention.worth)]
        if not fits:
            return "conflict"
        return "agrees" if not meant or any(_is_for(plan, meant) for plan in fits) else "wrong_plan"


def findings(heard: Iterable[Heard], judge: Judge, origins: Origins | None = None) -> list[Found]:
    """Return all findings, the worst kind first, and of each kind what most posts say."""
    posts: dict[tuple[Finding, Worth], set[int]] = {}
    voices: dict[tuple[Finding, Worth], set[str]] = {}
    first: dict[tuple[Finding, Worth], tuple[datetime, int]] = {}
    for one in heard:
        key = judge.finding(one), one.mention.worth
        posts.setdefault(key, set()).add(one.post_id)
        voices.setdefault(key, set()).add(one.voice)
        first[key] = min(first.get(key, (one.at, one.post_id)), (one.at, one.post_id))
    found = [
        Found(
            finding=key[0], worth=str(key[1]), posts=len(ids), voices=len(voices[key]),
            first=first[key][1], first_at=first[key][0], post_ids=tuple(sorted(ids)[:MOST_POSTS]),
            origin=origins.origin(key[1], first[key][0], len(voices[key]))
            if origins and key[0] in STRAY
            else None,
        )
        for key, ids in posts.items()
    ]  # fmt: skip
    return sorted(
        found, key=lambda one: (FINDINGS.index(one.finding), -one.posts, one.first_at, one.worth)
    )


def _matches(plan: _Plan, one: Worth) -> bool:
    return any(one.equals(worth) for worth in plan.worths)


def _is_for(plan: _Plan, meant: set[str]) -> bool:
    return not plan.name.strip() or plan.name in meant


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "
