"""
Phrases: the words and pairs of words of texts, as people wrote them, and in which text each stands.

Unlike `classify/words.py` it forgets stop words and endings, for it must say what texts are about and not
what they feel. A letter of any script is a letter, with the marks that belong to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

LONGEST_TEXT = 400
"""Characters of a text that are looked at."""

LONGEST_WORD = 24
"""Letters beyond which a word is none: an address, or a line of a script without spaces."""

_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_APOSTROPHES = str.maketrans("’ʼ", "''")

Key = tuple[str, ...]


class Phrases(NamedTuple):
    """
    What n texts say: `held` is (n, phrases), 1 where a text has a phrase.

    `keys` are the phrases with stop words and endings gone, one or two words each, and `forms` how each
    was written, in the order of the texts, and in which.
    """

    held: csr_array
    keys: list[Key]
    forms: list[list[tuple[int, str]]]


def phrases(texts: Sequence[str], stop: AbstractSet[str]) -> Phrases:
    """Return the phrases that at least two of n texts have; `stop` are small words that say nothing."""
    places: dict[Key, int] = {}
    forms: list[list[tuple[int, str]]] = []
    rows, columns = [], []
    for row, text in enumerate(texts):
        for key, form in _of(_words(text), stop).items():
            place = places.setdefault(key, len(places))
            if place == len(forms):
                forms.append([])
            forms[place].append((row, form))
            rows.append(row)
            columns.append(place)
    ones = np.ones(len(rows), np.float32)
    held = csr_array((ones, (rows, columns)), shape=(len(texts), len(places)))
    several = np.flatnonzero(np.bincount(np.array(columns, int), minlength=len(places)) > 1)
    keys = list(places)
    return Phrases(
        held[:, several], [keys[at] for at in several], [forms[at] for at in several]
    )  # fmt: skip


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text[:LONGEST_TEXT]).translate(_APOSTROPHES)
    return _word().findall(_NOISE.sub(" ", plain))


@cache
def _word() -> re.Pattern[str]:
    marks = "".join(
        char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char)[0] == "M"
    )
    letter = rf"(?:[^\W\d_]|[{marks}])"
    return re.compile(rf"{letter}+(?:'{letter}+)*|\d+")


def _of(words: Sequence[str], stop: AbstractSet[str]) -> dict[Key, str]:
    """Return the words of a text, and its pairs with at most one stop word between."""
    found: dict[Key, str] = {}
    last, before = -9, ""
    for place, word in enumerate(words):
        small = word.casefold()
        short = len(small) < 3 and small.isascii() and not word.isupper()
        if small in stop or short or not small[0].isalpha() or len(small) > LONGEST_WORD:
            continue
        key = _stem(small)
        found.setdefault((key,), word)
        if place - last <= 2 and key != before:
            found.setdefault((before, key), " ".join(words[last : place + 1]))
        last, before = place, key
    return found


def _stem(word: str) -> str:
    """Return a word without the endings English gives it most: charged, charges and charging are one."""
    if not word.isascii():
        return word
    word = word.removesuffix("'s")
    for ending, left in (("ing", 4), ("ed", 4), ("es", 4), ("s", 3), ("e", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= left and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
