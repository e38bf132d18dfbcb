"""What people were told otherwise than the company said in public, by channel and place, in voices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from amends.truth.examples import EXAMPLES, MOST_IDS, first_of
from amends.truth.page import OPERATIONAL, StatusPage
from amends.truth.reading import Read, read
from amends.truth.text import sentences
from amends.truth.told import DIFFERS, Told
from amends.truth.vocabulary import Vocabulary
from models.campaign import ActRow
from models.coverage import Span
from models.incident import IncidentRow
from models.phase import Course
from models.store import Transaction
from models.store.complaints import Utterance
from models.store.days import Found

Against = Literal["offer", "statement", "elsewhere", "experience", "nothing"]
AGAINST: tuple[Against, ...] = ("offer", "statement", "elsewhere", "experience", "nothing")
"""What it is held against: an offer, a statement, another channel, what people see; or nothing we know of."""

LONGEST_PUBLIC = 300
"""Characters of our own words that are told."""

_OF_CREDIT = re.compile(r"\b(?:credit|refund|reimburs|compensat|discount)|%", re.IGNORECASE)


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts that say one thing was told in one channel: `channel` and `says` are names of the vocabulary.

    `place` is as named in the posts, empty if in none; `public` is what we had said of it, where we had;
    `values` are what two channels said, in the first post that tells. `first` is the earliest post.
    """

    channel: str
    channel_title: str
    says: str
    says_title: str
    place: str
    against: Against
    public: str
    values: str
    voices: int
    posts: int
    first: int
    first_at: datetime
    post_ids: tuple[int, ...]
    examples: tuple[Found, ...] = ()


class Contradictions(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that were found, those against our own words first, with the voices and posts in any of them.

    They were looked for in the `read` newest distinct complaints; if `cut`, back to `since` and no further.
    """

    found: tuple[Contradiction, ...] = ()
    voices: int = 0
    posts: int = 0
    read: int = 0
    cut: bool = False
    since: datetime | None = None


class _Key(NamedTuple):
    channel: str
    says: str
    place: str
    against: Against


class _Case(NamedTuple):
    post: Utterance
    what: Told
    public: str


def contradictions(
    tx: Transaction,
    incident: IncidentRow,
    known: Vocabulary,
    now: datetime,
    within: Span | None = None,
    heard: Read | None = None,
) -> Contradictions:
    """
    Find them in a stretch, or in the whole incident; some five statements, and bounded work.

    `heard` is what was said there, for who has read it already.
    """
    heard = heard or read(tx, incident, known, within)
    judge = _Judge(tx, incident, known, now)
    groups: dict[_Key, list[_Case]] = {}
    for post, what, place in heard.told():
        against, public = judge.against(what, post.at)
        key = _Key(what.channel, what.says, place, against)
        groups.setdefault(key, []).append(_Case(post, what, public))
    found = [_found(key, each, known) for key, each in groups.items()]
    found.sort(
        key=lambda one: (one.against == "nothing", -one.voices, one.first_at, one.first, one.says)
    )
    shown = tx.complaints.shown(
        incident.id or 0, [post for one in found for post in one.post_ids[:EXAMPLES]]
    )
    return _all(heard, (
        msgspec.structs.replace(
            one, examples=tuple(shown[post] for post in one.post_ids[:EXAMPLES] if post in shown)
        )
        for one in found
    ))  # fmt: skip


def _all(heard: Read, found: Iterable[Contradiction]) -> Contradictions:
    posts = [post for post, _, _ in heard.told()]
    return Contradictions(
        found=tuple(found), voices=len({post.voice for post in posts}),
        posts=len({post.post_id for post in posts}), read=heard.texts, cut=heard.cut, since=heard.since,
    )  # fmt: skip


def _found(key: _Key, each: list[_Case], known: Vocabulary) -> Contradiction:
    """Return a group, whose cases stand from the newest back."""
    posts = [case.post for case in each]
    first = first_of(posts)
    values = next((case.what.values for case in reversed(each) if case.what.values), "")
    return Contradiction(
        channel=key.channel, channel_title=known.title("channel", key.channel), says=key.says,
        says_title=known.title("says", key.says), place=key.place, against=key.against,
        public=each[0].public, values=values, voices=len({post.voice for post in posts}),
        posts=len({post.post_id for post in posts}), first=first[0].post_id, first_at=first[0].at,
        post_ids=tuple(post.post_id for post in first[:MOST_IDS]),
    )  # fmt: skip


class _Judge:
    """Holds what was told against what had been said in public by then."""

    def __init__(
        self, tx: Transaction, incident: IncidentRow, known: Vocabulary, now: datetime
    ) -> None:
        key = incident.id or 0
        courses = tx.campaigns.courses(key, incident.tz)
        self._known = known
        self._offers: list[tuple[Course, str]] = [
            (courses[row.id or 0], row.offered) for row in tx.campaigns.of(key) if row.id in courses
        ]
        self._acts = [act for act in tx.acts.of(key) if act.at is not None]
        self._page = StatusPage(tx.status_words.of(incident, now), known)

    def against(self, what: Told, at: datetime) -> tuple[Against, str]:
        """Return what speaks against what was told, and in which words of ours."""
        if what.says == DIFFERS or what.elsewhere:
            offer = self._offer(at) if what.says == "no_credit" else ""
            return ("offer", offer) if offer else (
                "elsewhere", self._known.title("channel", what.elsewhere) if what.elsewhere else ""
            )  # fmt: skip
        if what.says in ("no_credit", "expired"):
            if offer := self._offer(at):
                return "offer", offer
            begun = any(course.starts <= at for course, _ in self._offers)
            act = None if begun or what.says == "expired" else self._act(at, of_credit=True)
            return ("statement", _words(act)) if act else ("nothing", "")
        # Where we had said that it works, only what people see speaks against it.
        act = self._act(at, of_credit=False)
        word = self._page.at("*", at)
        well = word is not None and word.state == OPERATIONAL
        return ("statement", _words(act)) if act and not well else ("experience", "")

    def _offer(self, at: datetime) -> str:
        """Return what was on offer at a moment, as far as it could still be had."""
        standing = [
            words for course, words in self._offers
            if course.starts <= at and (course.closes is None or at < course.closes)
        ]  # fmt: skip
        return "; ".join(standing)[:LONGEST_PUBLIC]

    def _act(self, at: datetime, *, of_credit: bool) -> ActRow | None:
        """Return the newest act by then that speaks of a credit, or of what is wrong."""
        kinds = ("apology", "status_update", "statement")
        out = [
            act for act in self._acts
            if act.at is not None and act.at <= at
            and (self._grants(act.text) if of_credit else act.kind in kinds)
        ]  # fmt: skip
        return out[-1] if out else None

    def _grants(self, text: str) -> bool:
        denied = any(
            hit.name == "no_credit"
            for one in sentences(text)
            for hit in self._known.claims.all(one)
        )
        return not denied and _OF_CREDIT.search(text) is not None


def _words(act: ActRow) -> str:
    return " ".join(act.text.split())[:LONGEST_PUBLIC]
