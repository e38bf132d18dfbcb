"""The place a text names: a town, a region or a country, as its writer wrote it."""

from __future__ import annotations

import re

from amends.truth.text import LONGEST
from amends.truth.vocabulary import Vocabulary

MOST_IN_A_NAME = 4
_WORD = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?|[^\w\s]")
_OFF = re.compile(r"https?://\S+|[@#]\w+")


def place(text: str, known: Vocabulary) -> str:
    """Return the first place a text names, one behind “in” or “from” before others; empty for none."""
    said = _WORD.findall(_OFF.sub(" ", text[:LONGEST]))
    small = [word.casefold() for word in said]
    # Who shouts writes everything large: then it says nothing.
    shouts = text.isupper()
    bare = ""
    at = 0
    while at < len(said):
        name, size, shy = _named(small, at, known)
        if not size:
            at += 1
            continue
        behind = _behind(small, at, known)
        large = all(word[0].isupper() for word in said[at : at + size]) and not shouts
        if not _looks_like(small, at, size, known) and (large or (behind and not shy)):
            if behind:
                return name
            bare = bare or ("" if shy else name)
        at += size
    return bare


def _named(small: list[str], at: int, known: Vocabulary) -> tuple[str, int, bool]:
    for size in range(MOST_IN_A_NAME, 0, -1):
        words = tuple(small[at : at + size])
        found = known.places.get(words) or known.places.get((*words[:-1], words[-1].rstrip(".")))
        if len(words) == size and found:
            return found[0], size, found[1]
    return "", 0, False


def _behind(small: list[str], at: int, known: Vocabulary) -> bool:
    before = small[max(at - 2, 0) : at]
    if before[-1:] == ["the"]:
        before = before[:-1]
    return before[-1:] != [] and before[-1] in known.words.place.behind


def _looks_like(small: list[str], at: int, size: int, known: Vocabulary) -> bool:
    """Return whether it is a team, a street or the like."""
    around = {*small[at + size : at + size + 1], *small[max(at - 1, 0) : at]}
    return not around.isdisjoint(known.words.place.not_)
