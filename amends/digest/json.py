"""The digest for programs."""

from __future__ import annotations

import msgspec

from amends.digest.value import Digest


def as_json(digest: Digest) -> str:
    """Return the digest as indented JSON; spans are objects with `since` and `until`."""
    return msgspec.json.format(msgspec.json.encode(digest), indent=2).decode() + "\n"
