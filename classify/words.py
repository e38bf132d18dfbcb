"""From a text to its words, the way the classifier sees them."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TEXT = 5_000
"""Characters looked at: a post says what it is about in its first few thousand."""

_LONGEST_WORD = 40

_LINK = "<link>"
_NUMBER = "<number>"

# Links, @names, words with their apostrophes, numbers, and single signs that carry a mood.
_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|@\w+"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|\d+(?:[.,:]\d+)*"
    r"|[!?#%$£€¥]"
    r"|[^\w\s\x00-\x7f‐-‧…]",
    re.IGNORECASE,
)
_LONG_DRAWN = re.compile(r"(.)\1{2,}")


class Words(dict[str, str]):
    """
    Remembers the plain form of each word met, so that a batch works out "DOWN" only once.

    A word becomes small letters, a link or a number a marker, and an @name nothing: whom a post
    is addressed to must not decide what it says.
    """

    def __missing__(self, token: str) -> str:
        """Work out a new word."""
        self[token] = word = _plain(token)
        return word

    def of(self, text: str) -> list[str]:
        """Return the words of a text in order."""
        return [word for token in _TOKEN.findall(text[:LONGEST_TEXT]) if (word := self[token])]

    def spans(self, text: str) -> list[tuple[str, int, int]]:
        """Return the words of a text in order, with where each begins and ends."""
        found = _TOKEN.finditer(text[:LONGEST_TEXT])
        return [(word, at.start(), at.end()) for at in found if (word := self[at[0]])]


def _plain(token: str) -> str:
    if token[0] == "@":
        return ""
    if token[0].isdecimal():
        return _NUMBER
    if "://" in token or token[:4].lower() == "www.":
        return _LINK
    word = unicodedata.normalize("NFKC", token).lower().replace("’", "'")
    return _LONG_DRAWN.sub(r"\1\1", word)[:_LONGEST_WORD]
