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
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return a text's words, folded, without addresses, hashtags and handles."""
    # Most texts are plain, and have nothing to normalise; the answer is the same.
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _WORD.findall(_ADDRESSES.sub(" ", _REPOST.sub("", plain)).casefold())


def near(text: str) -> int:
    """A signed 64-bit fingerprint of the text's words; texts with the same words have the same one."""
    said = " ".join(words(text) or [text.strip()])
    digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
