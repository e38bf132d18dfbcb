"""The words that made a tag, marked in the text: worked out for the posts shown, in one batch."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

from amends.board.place import Place
from classify.explain import Reason, reasons_of
from classify.words import LONGEST_TEXT
from models.errors import SetupError
from models.store.queue import Line
from models.tag import CLASSIFIER

MOST = 3
"""Words or pairs of words marked for one label: those that say the most for it."""

MOST_KEPT = 1_000
"""Texts of which is kept what made their tags: the leaves that a team looks at."""

_Key = tuple[str, str, tuple[str, ...]]
_KEPT: dict[_Key, dict[str, tuple[Reason, ...]]] = {}
_LOCK = Lock()

_JOINERS = "\u200c\u200d"
_HIDDEN = {"Cc", "Cf", "Cs"}


class Piece(NamedTuple):
    """A part of a text, and the labels its words speak for, if they do."""

    text: str
    why: tuple[str, ...] = ()


def marked(place: Place, lines: Sequence[Line], most: int) -> list[tuple[Piece, ...]]:
    """
    Return the first `most` characters of each post's text in pieces, with what made its tags.

    What a person put on has no words that made it. Without a classifier, or until it is there, nothing
    is marked.
    """
    texts = [line.text[:LONGEST_TEXT] for line in lines]
    made = [
        [label for label, held in line.labels.items() if held.by.startswith(CLASSIFIER)]
        for line in lines
    ]
    asked = [at for at, labels in enumerate(made) if labels]
    found: dict[int, dict[str, tuple[Reason, ...]]] = {}
    try:
        if asked and place.ready():
            told = _reasons(place, [(texts[at], tuple(made[at])) for at in asked])
            found = dict(zip(asked, told, strict=True))
    except SetupError:
        # There is none, or it doesn't fit: the board shows what there is without it.
        found = {}
    return [
        _pieces(line.text, _spans(found.get(at, {}), made[at]), most)
        for at, line in enumerate(lines)
    ]


def _reasons(
    place: Place, asked: Sequence[tuple[str, tuple[str, ...]]]
) -> list[dict[str, tuple[Reason, ...]]]:
    """Return what made the tags of texts; many look at the same ones, so what was worked out is kept."""
    classifier = place.classifier()
    keys = [(classifier.fingerprint, *one) for one in asked]
    with _LOCK:
        found = {key: _KEPT[key] for key in keys if key in _KEPT}
    fresh = list(dict.fromkeys(key for key in keys if key not in found))
    if fresh:
        told = reasons_of(classifier, [key[1] for key in fresh], [list(key[2]) for key in fresh])
        found |= zip(fresh, told, strict=True)
        with _LOCK:
            _KEPT.update(zip(fresh, told, strict=True))
            for key in list(_KEPT)[: max(len(_KEPT) - MOST_KEPT, 0)]:
                del _KEPT[key]
    return [found[key] for key in keys]


def bare(text: str) -> str:
    """Return what a stranger wrote without what can't be seen or turns the writing round."""
    return "".join(
        c for c in text if c in _JOINERS or c == "\n" or unicodedata.category(c) not in _HIDDEN
    )


def cut(text: str, most: int) -> int:
    """Return where a text is cut so that no word is, if it is longer than `most` characters."""
    if len(text) <= most:
        return len(text)
    at = max(text.rfind(" ", 0, most), text.rfind("\n", 0, most))
    return at if at > most // 2 else most


def _spans(
    reasons: dict[str, tuple[Reason, ...]], labels: Sequence[str]
) -> list[tuple[int, int, str]]:
    return [
        (begin, end, label)
        for label in labels
        for reason in [one for one in reasons.get(label, ()) if one.weight > 0][:MOST]
        for begin, end in reason.spans
    ]


def _pieces(text: str, spans: Sequence[tuple[int, int, str]], most: int) -> tuple[Piece, ...]:
    last = cut(text, most)
    edges = sorted({0, last} | {min(at, last) for begin, end, _ in spans for at in (begin, end)})
    pieces: list[Piece] = []
    for begin, end in pairwise(edges):
        why = tuple(dict.fromkeys(
            label for first, behind, label in spans if first <= begin and end <= behind
        ))  # fmt: skip
        shown = bare(text[begin:end])
        if pieces and pieces[-1].why == why:
            pieces[-1] = Piece(pieces[-1].text + shown, why)
        elif shown:
            pieces.append(Piece(shown, why))
    return tuple(pieces)
