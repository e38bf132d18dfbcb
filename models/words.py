"""
Words: how a text is looked for. The same on every database, for both are given the same words.

A text is folded: no case, no accents, words apart by one space, and a bar before the author's name:
` still no discs | cleo `. What has no spaces between its words (Chinese, Thai …) counts by the letter,
and so do emoji. So to look for words, for a phrase or for how a word begins is always to look for a
piece of that line, whichever index narrowed it down before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID

LONGEST_WORD = 64
"""Characters of a word that count."""

LONGEST = 200_000
"""Characters of folded words that are kept: all, but of what grows when it is folded."""

MOST_TERMS = 64
"""Different words or phrases of a search that count."""

MINUTE = 60_000_000
"""Microseconds in a minute."""

POSTS = 2**32
"""More than there ever are: `WordsRow.by_time` counts them within a minute."""

BAR = "|"
_NEVER = "ß"
"""Folded to ss, so no text has it."""

_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe",
            "þ": "th"}  # fmt: skip
"""Letters with something across or grown together, which Unicode doesn't take apart."""

_ACCENTS = ((0x300, 0x36F), (0x483, 0x487), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F),
            (0x670, 0x670), (0x6D6, 0x6ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
            (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF))  # fmt: skip

_UNSPACED = ((0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF),
             (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
             (0x20000, 0x3FFFF))  # fmt: skip
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese letters."""

_TERM = re.compile(r'-?"[^"]*"\*?|\S+')
_QUOTES = dict.fromkeys(map(ord, "“”„«»"), '"')
_ASCII = {n: chr(n) if chr(n).isalnum() else " " for n in range(128)}


class WordsRow(SQLModel, table=True):
    """
    A post's folded words. They go with their post; an index over them belongs to the database.

    `by_time` is the minute since 1970 in which the post was made, or else first seen, and in its lowest 32
    bits the post: SQLite's index has posts in that order.
    """

    __tablename__ = "words"

    post_id: int = Field(
        primary_key=True, sa_type=BIG_ID, sa_column_args=[ForeignKey("post.id", ondelete="CASCADE")],
        sa_column_kwargs={"autoincrement": False},
    )  # fmt: skip
    words: str = Field(sa_type=Text)
    by_time: int = Field(sa_type=BigInteger)


class _Spaced(dict[int, str]):
    """What becomes of a character, once worked out."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _spaced(chr(code))
        return made


class _Bare(dict[int, int | None]):
    """Characters without accents: those themselves go."""

    def __missing__(self, code: int) -> int | None:
        self[code] = made = None if _in(code, _ACCENTS) else code
        return made


def _in(code: int, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _spaced(one: str) -> str:
    kind = unicodedata.category(one)
    if one in _LETTERS:
        return _LETTERS[one]
    if _in(ord(one), _UNSPACED) and kind[0] in "LMN":
        return f" {one} "
    if kind[0] in "LMN":
        return one
    if kind == "Cf":
        return ""
    # An emoji newer than this Python isn't in its tables.
    return f" {one} " if kind in ("So", "Cn") else " "


_SPACED, _BARE = _Spaced(), _Bare()


def fold(text: str) -> list[str]:
    """Return a text's words as they are looked for."""
    if text.isascii():
        words = text.lower().translate(_ASCII).split()
    else:
        bare = unicodedata.normalize("NFKD", text).casefold().translate(_BARE)
        words = unicodedata.normalize("NFC", bare).translate(_SPACED).split()
    return [word[:LONGEST_WORD] for word in words]


@lru_cache(maxsize=4_096)
def _name(author: str) -> str:
    return " ".join(["", *fold(author), ""])


def folded(text: str) -> str:
    """Return a text's words in one line."""
    said = " ".join(fold(text))
    return said if len(said) <= LONGEST else said[:LONGEST].rpartition(" ")[0]


def line(said: str, author: str | None) -> str:
    """Return the words of a post as they are kept: a folded text's, and its author's."""
    return f" {said} {BAR}{_name(author or '')}" if said else f" {BAR}{_name(author or '')}"


def by_time(made: int, post_id: int) -> int:
    """Return where a post's words stand in time; `made` is in microseconds since 1970."""
    return made // MINUTE * POSTS + post_id


def under(line_: str, author: str | None) -> str:
    """Return the words of a post with another author's name behind them."""
    return f"{line_.rpartition(BAR)[0]}{BAR}{_name(author or '')}"


class Term(NamedTuple):
    """One word or phrase sought; `begins`: its last word may go on; `out`: what has it is left out."""

    words: tuple[str, ...]
    begins: bool = False
    out: bool = False

    @property
    def piece(self) -> str:
        """The piece of a folded line that it is."""
        return f" {' '.join(self.words)}{'' if self.begins else ' '}"


def terms(search: str | None) -> list[Term]:
    """
    Return what a search asks for: `credit "no discs" deliver* -praise`, all of it together.

    Whatever somebody types is words; of signs alone, which no text has, nothing is found.
    """
    found: dict[Term, None] = {}
    for said in _TERM.findall((search or "").translate(_QUOTES)):
        out = said.startswith("-")
        words = fold(said)
        if words:
            found[Term(tuple(words), said.endswith("*"), out)] = None
    if not found and (search or "").strip():
        return [Term((_NEVER,))]
    return list(found)[:MOST_TERMS]
