"""
Voices: one author counted once, and one text counted once, however often it is copied.

`near` is the only place that says when two texts are near-duplicates: today when their normalised
words are equal.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_ADDRESSES = re.compile(r"https?://\S+|www\.\S+|[@#]\w+", re.IGNORECASE)
_REPOST = re.compile(r"^rt\s+@\w+:?\s*", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def near(text: str) -> int:
    """A signed 64-bit fingerprint of the text's words; near-duplicates have the same one."""
    bare = _ADDRESSES.sub(" ", _REPOST.sub("", unicodedata.normalize("NFKC", text)))
    words = _WORD.findall(bare.casefold()) or [text.strip()]
    digest = hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
