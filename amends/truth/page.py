"""What the status page says of each component, at any moment: read from the company's own words. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from amends.truth.text import clauses, sentences
from amends.truth.vocabulary import Vocabulary
from models.store.status_words import Said

OPERATIONAL = "operational"
"""The state that complaints speak against."""

EVERY = "*"

LONGEST = 300
"""Characters of our own words that are told."""


class Word(NamedTuple):
    """What was said of a component, `EVERY` for all: its state, empty if it is only named, and the words."""

    at: datetime
    component: str
    state: str
    text: str


class StatusPage:
    """What was said of components, the newest word of each standing until the next."""

    def __init__(self, said: Iterable[Said], known: Vocabulary) -> None:
        self._words: dict[str, list[Word]] = {}
        # A component's own state says it better than an incident's title of the same moment.
        for one in sorted(said, key=lambda one: (one.at, one.by_component)):
            for word in _words(one, known):
                self._words.setdefault(word.component, []).append(word)

    def at(self, component: str, when: datetime) -> Word | None:
        """Return what the page said of a component at a moment; None if it said nothing of it."""
        last = [self._last(component, when), self._last(EVERY, when)]
        return max(filter(None, last), key=lambda word: word.at, default=None)

    def _last(self, component: str, when: datetime) -> Word | None:
        words = self._words.get(component, [])
        place = bisect_right(words, when, key=lambda word: word.at)
        return words[place - 1] if place else None


def _words(said: Said, known: Vocabulary) -> Iterator[Word]:
    if said.by_component:
        name, _, state = said.text.rpartition(":")
        for component in _components(name, known):
            yield Word(said.at, component, _state(state, known), said.text)
        return
    words = " ".join(said.text.split())[:LONGEST]
    for sentence in sentences(said.text):
        whole = _state(sentence, known)
        for clause in clauses(sentence):
            of = _components(clause, known)
            if not of and known.everything.has(clause):
                of = [EVERY]
            state = _state(clause, known) or whole
            for component in of:
                if state or component != EVERY:
                    yield Word(said.at, component, state, words)


def _components(text: str, known: Vocabulary) -> list[str]:
    """Return the components a text names; one that is said of many only if no other is."""
    named = list(dict.fromkeys(hit.name for hit in known.components.all(text.casefold())))
    sharp = [
        one
        for one in named
        if one in known.words.component and not known.words.component[one].generic
    ]
    return sharp or named


def _state(text: str, known: Vocabulary) -> str:
    """Return the state a text tells of, the better one first: who says it is fixed says what it was, too."""
    small = text.casefold()
    names = {hit.name for hit in known.states.all(small)}
    names -= {hit.name for hit in known.no_states.all(small)}
    return next((name for name in known.words.state if name in names), "")
