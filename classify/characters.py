"""
What a character is to the classifier: a letter or a gap, how it looks plain, whether it can be seen.

Looked up in tables with a place for each of Unicode's characters, filled as they are met.
"""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.uint32]

GAP, LETTER, DIGIT, SIGN, APOSTROPHE, POINT, NOTHING, LIGATURE, _UNKNOWN = range(9)

# From the private area of Unicode, where no post has characters of its own.
LINK, NUMBER = "\ue000", "\ue001"
UNSEEN = "\u200b"
END = "\n"

_MOODS = "!?#%$£€¥"

_POINTS = 0x110000
_kinds = np.full(_POINTS, _UNKNOWN, np.uint8)
_plain = np.arange(_POINTS, dtype=np.uint32)
_letters: dict[int, list[int]] = {}


def points_of(text: str) -> Points:
    """Return a text's characters as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def kinds_of(points: Points) -> NDArray[np.uint8]:
    """Return of what kind each character is."""
    kinds = _kinds[points]
    unknown = kinds == _UNKNOWN
    if unknown.any():
        _learn(np.unique(points[unknown]))
        kinds = _kinds[points]
    return kinds


def plain_of(points: Points) -> Points:
    """Return how characters look plain that `kinds_of` has seen: small, without a width or style."""
    return _plain[points]


def letters_of(ligatures: Points) -> list[list[int]]:
    """Return the letters each ligature stands for."""
    return [_letters[point] for point in ligatures.tolist()]


def _learn(points: Points) -> None:
    """Note for characters met the first time of what kind they are, and what they look like plain."""
    for point in points.tolist():
        char = chr(point)
        plain = unicodedata.normalize("NFKC", char).lower()
        if _is_ligature(char, plain):
            _letters[point] = [ord(part) for part in plain]
            _kinds[point] = LIGATURE
            _learn(np.array(_letters[point], np.uint32))
            continue
        plain = "'" if char == "’" else plain if len(plain) == 1 else char
        _plain[point] = ord(plain)
        _kinds[point] = _kind(plain)


def _is_ligature(char: str, plain: str) -> bool:
    """Whether a letter stands for two or three; one that stands for a sentence stays what it is."""
    letters = all(unicodedata.category(part)[0] in "LM" for part in plain)
    return unicodedata.category(char)[0] == "L" and 1 < len(plain) <= 3 and letters


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    plain = {"'": APOSTROPHE, ".": POINT, ",": POINT, ":": POINT, LINK: SIGN}
    if char in plain:
        return plain[char]
    if category[0] == "L":
        return LETTER
    if category == "Nd":
        return DIGIT
    if char.isascii() or "\u2010" <= char <= "\u2027":
        return SIGN if char in _MOODS else GAP
    # Marks on letters, joiners, skin tones: a text with them says what it says without them.
    if category[0] == "M" or category in ("Cf", "Sk"):
        return NOTHING
    return SIGN if category[0] in "SP" else GAP


_learn(np.array([*range(128), ord(LINK)], np.uint32))
