"""
What one text says fails: the symptom, the component, the device. Pure, and linear in the text.

A text is read clause by clause, so that “the phone app works fine but the TV app won't load” tells of the TV
app. A clause that says it works, or that speaks of another company's service, tells of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from amends.truth.text import clauses, sentences
from amends.truth.vocabulary import Hit, Vocabulary

MOST = 8
"""Failures that are kept of one text."""

CODE = "error "
"""What the name of a symptom begins with that is an error code: “error UI-800”."""

_CODE = re.compile(
    r"\b(?:error|err)(?: code| message| number| no\.?)?[ :#-]{1,3}((?:[a-z]{1,6}[- ]?)?\d[\w-]{1,11})(?!\w|[.,]\d)"
    r"|\bcode[ :#]{1,2}([a-z]{1,6}-?\d[\w-]{1,11})(?!\w)"
    r"|\b([45]\d\d)(?= (?:error|bad gateway|gateway time|internal server|not found|service unav))"
)
_BOTH = re.compile(r"\b(?:else|only me|just me|only one)\b")


class Failure(NamedTuple):
    """A symptom, and which component and device it is of; both are empty where none is named."""

    component: str
    symptom: str
    device: str


class _Clause(NamedTuple):
    """What one clause names."""

    symptoms: list[str]
    components: list[str]
    devices: list[str]


def fails(text: str, known: Vocabulary, ours: frozenset[str] = frozenset()) -> list[Failure]:
    """Return what a text says fails, up to `MOST`; `ours` are our own names, in small letters."""
    said = sentences(text)
    if not any(known.symptoms.has(one) or _CODE.search(one) for one in said):
        return []
    read = [list(_clauses(sentence, known, ours)) for sentence in said]
    everything = _joined(clause for sentence in read for clause in sentence)
    found: dict[Failure, None] = {}
    for sentence in read:
        beside = _joined(sentence)
        for clause in sentence:
            devices = clause.devices or beside.devices or everything.devices
            components = (
                _sharp(clause.components, known) or _sharp(beside.components, known)
                or clause.components or beside.components or everything.components
            )  # fmt: skip
            for symptom in clause.symptoms:
                for component in _meant(components, devices, symptom, known):
                    for device in devices or [""]:
                        found[Failure(component, symptom, device)] = None
    return list(found)[:MOST]


def _clauses(sentence: str, known: Vocabulary, ours: frozenset[str]) -> Iterator[_Clause]:
    asked = sentence.endswith("?") and known.asks.match(sentence) is not None
    if asked and not _BOTH.search(sentence):
        return
    for clause in clauses(sentence):
        others = [
            one for one in known.others.all(clause) if clause[one.start : one.end] not in ours
        ]
        if others or known.fails_not.has(clause):
            continue
        yield _Clause(
            _symptoms(clause, known),
            _names(known.components.all(clause)),
            _names(known.devices.all(clause)),
        )


def _symptoms(clause: str, known: Vocabulary) -> list[str]:
    codes = [next(filter(None, one.groups())) for one in _CODE.finditer(clause)]
    names = _names(known.symptoms.all(clause))
    if codes:
        names = [one for one in names if one != "error"]
    return names + [CODE + code.upper() for code in dict.fromkeys(codes)]


def _meant(components: list[str], devices: list[str], symptom: str, known: Vocabulary) -> list[str]:
    """Return the components a symptom is of: one that is said of many yields to what the device means."""
    words = known.words
    if sharp := _sharp(components, known):
        return sharp
    means = [words.device_means[one] for one in devices if one in words.device_means]
    return list(dict.fromkeys(means)) or components or [words.implied.get(symptom, "")]


def _sharp(components: list[str], known: Vocabulary) -> list[str]:
    return [one for one in components if not known.words.component[one].generic]


def _joined(read: Iterable[_Clause]) -> _Clause:
    every = list(read)
    return _Clause(
        [], _unique(one for clause in every for one in clause.components),
        _unique(one for clause in every for one in clause.devices),
    )  # fmt: skip


def _names(hits: Iterable[Hit]) -> list[str]:
    return _unique(one.name for one in hits)


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
