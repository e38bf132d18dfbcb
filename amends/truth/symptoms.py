"""What fails for whom, against what the status page says of it: by component, in voices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple, get_args

import msgspec

from amends.truth.examples import EXAMPLES, MOST_IDS, first_of
from amends.truth.fails import Failure
from amends.truth.page import OPERATIONAL, StatusPage
from amends.truth.reading import Read, read
from amends.truth.vocabulary import Vocabulary
from models.coverage import Span
from models.incident import IncidentRow
from models.store import Transaction
from models.store.complaints import Utterance
from models.store.days import Found

By = Literal["component", "symptom", "device", "place"]
BYS: tuple[By, ...] = get_args(By)
"""What a line is of: a component, or besides one of its symptoms, devices or places."""

MOST_NAMED = 5
"""Symptoms, devices and places that are named of a component, those of most voices."""


class Named(msgspec.Struct, frozen=True):
    """A symptom, a device or a place, and the voices that name it."""

    name: str
    voices: int


class Symptom(msgspec.Struct, frozen=True, kw_only=True):
    """
    Posts that say a component fails; `component` is its name in the vocabulary, empty where none is named.

    `part` is the symptom, device or place if lines are by those. `against` are the voices that said so
    while the status page called it operational. `page` is what it says at the end of the stretch, since
    `page_at`, in the words of `page_words`; all three are empty or None if it says nothing of it.
    """

    component: str
    component_title: str
    part: str
    voices: int
    posts: int
    against: int
    page: str
    page_words: str
    page_at: datetime | None
    symptoms: tuple[Named, ...]
    devices: tuple[Named, ...]
    places: tuple[Named, ...]
    first: int
    first_at: datetime
    post_ids: tuple[int, ...]
    examples: tuple[Found, ...] = ()


class Symptoms(msgspec.Struct, frozen=True, kw_only=True):
    """
    What fails, that of most voices first, a component nobody names last.

    It was looked for in the `read` newest distinct complaints; if `cut`, back to `since` and no further.
    """

    found: tuple[Symptom, ...] = ()
    voices: int = 0
    posts: int = 0
    read: int = 0
    cut: bool = False
    since: datetime | None = None


class _Case(NamedTuple):
    post: Utterance
    what: Failure
    place: str


def symptoms(
    tx: Transaction,
    incident: IncidentRow,
    known: Vocabulary,
    now: datetime,
    within: Span | None = None,
    by: By = "component",
    heard: Read | None = None,
) -> Symptoms:
    """
    Find them in a stretch, or in the whole incident; some five statements, and bounded work.

    `heard` is what was said there, for who has read it already.
    """
    heard = heard or read(tx, incident, known, within)
    until = now if within is None else min(within.until, now)
    page = StatusPage(tx.status_words.of(incident, until), known)
    groups: dict[tuple[str, str], list[_Case]] = {}
    for post, what, place in heard.fails():
        part = {
            "component": "",
            "symptom": _symptom(what, known),
            "device": what.device,
            "place": place,
        }[by]
        if part or by == "component":
            groups.setdefault((what.component, part), []).append(_Case(post, what, place))
    found = [_found(key, each, page, until, known) for key, each in groups.items()]
    found.sort(
        key=lambda one: (not one.component, -one.voices, one.first_at, one.component, one.part)
    )
    shown = tx.complaints.shown(
        incident.id or 0, [post for one in found for post in one.post_ids[:EXAMPLES]]
    )
    posts = {post.post_id: post.voice for post, _, _ in heard.fails()}
    return Symptoms(
        found=tuple(
            msgspec.structs.replace(
                one, examples=tuple(shown[post] for post in one.post_ids[:EXAMPLES] if post in shown)
            )
            for one in found
        ),
        voices=len(set(posts.values())), posts=len(posts), read=heard.texts, cut=heard.cut,
        since=heard.since,
    )  # fmt: skip


def _found(
    key: tuple[str, str], each: list[_Case], page: StatusPage, until: datetime, known: Vocabulary
) -> Symptom:
    component, part = key
    first = first_of(case.post for case in each)
    word = page.at(component, until) if component else None
    against = {
        case.post.voice
        for case in each
        if component and _operational(page, component, case.post.at)
    }
    return Symptom(
        component=component, component_title=known.title("component", component), part=part,
        voices=len({case.post.voice for case in each}), posts=len({case.post.post_id for case in each}),
        against=len(against), page=_state(word.state, known) if word else "",
        page_words=word.text if word else "", page_at=word.at if word else None,
        symptoms=_most((_symptom(case.what, known), case.post.voice) for case in each),
        devices=_most((case.what.device, case.post.voice) for case in each),
        places=_most((case.place, case.post.voice) for case in each),
        first=first[0].post_id, first_at=first[0].at,
        post_ids=tuple(post.post_id for post in first[:MOST_IDS]),
    )  # fmt: skip


def _operational(page: StatusPage, component: str, at: datetime) -> bool:
    word = page.at(component, at)
    return word is not None and word.state == OPERATIONAL


def _state(name: str, known: Vocabulary) -> str:
    return known.title("state", name) if name else "only names it"


def _symptom(what: Failure, known: Vocabulary) -> str:
    return known.title("symptom", what.symptom)


def _most(named: Iterable[tuple[str, str]]) -> tuple[Named, ...]:
    """Return the names that most voices give, each voice once."""
    counted = Counter(name for name, _ in set(named) if name)
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Named(name, voices) for name, voices in ranked[:MOST_NAMED])
