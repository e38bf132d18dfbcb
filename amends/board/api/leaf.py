"""Cursors: where a list goes on, closed to whoever carries them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from models.errors import SetupError

_LIMIT = 2**62
One = TypeVar("One")


def sealed(*parts: int) -> str:
    """Return a cursor of these numbers."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def opened(after: str, size: int) -> list[int]:
    """Return the numbers of a cursor; SetupError for one we didn't make."""
    try:
        padded = after.encode("ascii") + b"=" * (-len(after) % 4)
        parts = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=list[int])
    except (UnicodeEncodeError, binascii.Error, ValueError, msgspec.MsgspecError):
        parts = []
    if len(parts) != size or any(abs(part) > _LIMIT for part in parts):
        message = "`after` is none of ours"
        raise SetupError(message, "give back the `next` of the part before, or leave it out")
    return parts


def leaf(
    found: Sequence[One],
    limit: int,
    shape: Callable[[One], Any],
    cursor: Callable[[One], str],
) -> dict[str, Any]:
    """Return a part of a list from one line more than was asked for, if there is one."""
    shown = found[:limit]
    following = cursor(shown[-1]) if len(found) > limit and shown else None
    return {"items": [shape(one) for one in shown], "next": following}
