"""
Voices: one author counted once, and one text counted once, however often it is copied.

`near` says exactly when two texts have the same words. Which texts with other words are copies of one
another `models/likeness.py` says, and `models/copies.py` gathers them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_ADDRESSES = re.compile(r"https?://\S+|www\.\S+|[@#]\w+", re.IGNORECASE)
_REPOST = re.compile(r"^rt\s+@\w+:?\s*", re.IGNORECASE)
_SIGNS = ("@", "#", "//", "w.", "W.")
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return a text's words, folded, without addresses, hashtags and handles."""
    # Most texts are plain, and have nothing to normalise; the answer is the same.
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    said = _REPOST.sub("", plain) if "@" in plain else plain
    return _WORD.findall(without_addresses(said).casefold())


def without_addresses(text: str) -> str:
    """Return a text with a space for each address, hashtag and handle."""
    # Most texts have none, and to look for a sign of one is a tenth of the work.
    return _ADDRESSES.sub(" ", text) if any(sign in text for sign in _SIGNS) else text


def near(text: str) -> int:
    """A signed 64-bit fingerprint of the text's words; texts with the same words have the same one."""
    said = " ".join(words(text) or [text.strip()])
    digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
