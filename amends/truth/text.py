"""A text made ready to be read for phrases: plain small letters, sentence by sentence."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2_000
"""Characters of a text that are read; who has said nothing by then won't."""

LONGEST_SENTENCE = 500

_AWAY = re.compile(r"https?://\S+|www\.\S+|@[\w.]+", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?…;])[\s\"”')]+|\n+")
_CLAUSE = re.compile(r",\s|\s(?:but|and|though|while|yet|however|because)\s|\s[-–—]+\s|:\s")
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "#": " ", "…": ". "}
)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in small letters, without addresses, handles and needless space."""
    said = (
        unicodedata.normalize("NFKC", _AWAY.sub(" ", text[:LONGEST])).translate(_SIGNS).casefold()
    )
    parts = (" ".join(part.split())[:LONGEST_SENTENCE] for part in _SENTENCE.split(said))
    return [part for part in parts if part]


def clauses(sentence: str) -> list[str]:
    """Return the parts of a sentence between commas and words that join."""
    return [part for part in _CLAUSE.split(sentence) if part]
