"""What those see who may only look: posts without the handles of those who wrote them."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from amends.board.door import Visitor

HIDDEN = "@…"
_HANDLE = re.compile(r"(?<![\w@])@[\w.-]+(?:@[\w.-]+)?")
_NAMES = ("author", "author_id", "url", "parent_id", "thread_id", "origin_id")

Shown = TypeVar("Shown", bound=msgspec.Struct)
Themed = TypeVar("Themed", bound=msgspec.Struct)


def masked(line: Shown, who: Visitor) -> Shown:
    """Return a post as somebody may see it: what names its author, or leads to them, taken out."""
    if not who.masked:
        return line
    empty: dict[str, str | None] = {name: None for name in _NAMES if hasattr(line, name)}
    if hasattr(line, "external_id"):
        empty["external_id"] = ""
    text = _HANDLE.sub(HIDDEN, getattr(line, "text", ""))
    return msgspec.structs.replace(line, **empty, text=text)


def masked_found(found: Themed, who: Visitor) -> Themed:
    """Return contradictions or symptoms as somebody may see them: their `examples` as `masked` has them."""
    each = tuple(
        msgspec.structs.replace(one, examples=tuple(masked(post, who) for post in one.examples))
        for one in getattr(found, "found")  # noqa: B009  two values have it
    )
    return msgspec.structs.replace(found, found=each)


def masked_themes(found: Themed, who: Visitor) -> Themed:
    """Return themes as somebody may see them: their `examples` as `masked` has them."""
    themes = tuple(
        msgspec.structs.replace(one, examples=tuple(masked(post, who) for post in one.examples))
        for one in getattr(found, "themes")  # noqa: B009  two values have it: as found, as a digest tells it
    )
    return msgspec.structs.replace(found, themes=themes)
