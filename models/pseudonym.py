"""
Pseudonyms: keyed hashes in place of authors, the same one for the same person. Pure.

    voice-a3f9a2c71b0e4      what stands for a name or a number; the letter says with which key it was made

A key that is new goes over what the one before it made, so who has the older one and a newer database can
link nothing. Only names, numbers and addresses of authors are covered: what a text says stays.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from models.quote import Quotes
from models.words import fold

VOICE = "voice-"
DIGITS = 12
"""Hexadecimal digits: among a million authors any two have the same once in five hundred homes."""

LETTERS = 26
SHORTEST = 3
"""Letters of a name that an address is looked through for."""

SHORTEST_TELLING = 6
"""Letters of a name with a digit or _ in it that is found in our texts without an @ before it."""

SHAPE = re.compile(r"\bvoice-[a-z][0-9a-f]{12}\b")
_HASHED = re.compile(r"sha-[0-9a-f]{24}")
_COVERED = re.compile(r"key-([a-z])[0-9a-f]{24}")
_IN_ID = re.compile(
    r"(https?://[^/?#]+/(?:users/|@|p/))[^/?#]+(/(?:statuses/)?[a-z]*\d[0-9a-z]*(?:/activity)?)$",
    re.IGNORECASE,
)
_ON_X = re.compile(r"(https://(?:www\.)?(?:x|twitter)\.com/)\w+(/status/\d+)", re.IGNORECASE)
_NOBODYS = r"\1i\2"
_SAID = re.compile(r"(?<![\w@])(@?)([\w.-]*\w(?:@[\w.-]*\w)?)")
_TELLING = re.compile(r"[^\W\d]*[\d_]")

What = Literal["name", "number"]


class Naming(NamedTuple):
    """What a post says of people: who wrote it, where it stands, and the ids that may tell it."""

    external_id: str
    url: str | None
    author: str | None
    author_id: str | None
    parent_id: str | None
    thread_id: str | None
    origin_id: str | None


class Pseudonyms:
    """Makes pseudonyms with `keys`, oldest first; `generation` counts them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)
        self.generation = len(self._keys)
        self._known: dict[tuple[What, str, str], str] = {}

    def of(self, what: What, source: str, said: str) -> str:
        """Return what stands for an author of a source, told by name or by number."""
        found = self._known.get((what, source, said))
        if found is None:
            found = self._known[what, source, said] = self.each(what, source, said)[-1]
        return found

    def each(self, what: What, source: str, said: str) -> list[str]:
        """Return what has stood for an author, with each key in turn."""
        plain = _bare(said) if what == "name" else said
        found = [f"{what}\x1f{source}\x1f{plain}"]
        for number in range(1, self.generation + 1):
            found.append(self._over(found[-1], number))
        return found[1:]

    def onward(self, pseudonym: str, since: int) -> str:
        """Return what a pseudonym of an older generation has become."""
        for number in range(since + 1, self.generation + 1):
            pseudonym = self._over(pseudonym, number)
        return pseudonym

    def ids(self, external_id: str) -> list[str]:
        """Return what a post goes by: as its source says it, then with each key; the last holds now."""
        found = [external_id]
        if external_id.isdecimal():
            return found
        bare = _IN_ID.sub(r"\1_\2", external_id)
        if bare != external_id:
            found.append(bare)
        covered = _COVERED.fullmatch(bare)
        if covered or _HASHED.fullmatch(bare):
            since = self._age(covered[1]) if covered else 0
            for number in range(since + 1, self.generation + 1):
                digest = self._digest(found[-1], number)
                found.append(f"key-{_letter(number)}{digest[:24]}")
        return found

    def over(self, source: str, said: Naming, since: int = 0) -> Naming:
        """Return what a post says of people without telling who they are; `since` is its generation now."""

        def id_(one: str | None) -> str | None:
            return one and self.ids(one)[-1]

        if since:
            author, number = (
                one and self.onward(one, since) for one in (said.author, said.author_id)
            )
        else:
            author = said.author and self.of("name", source, said.author)
            number = said.author_id and self.of("number", source, said.author_id)
        url = said.url if since else _address(said)
        return Naming(
            self.ids(said.external_id)[-1], url, author, number,
            id_(said.parent_id), id_(said.thread_id), id_(said.origin_id),
        )  # fmt: skip

    def current(self, pseudonym: str) -> str:
        """Return what a pseudonym that stands in a text has become; its letter tells of which key it is."""
        return self.onward(pseudonym, self._age(pseudonym[len(VOICE)]))

    def _age(self, letter: str) -> int:
        """Return the newest generation that has a letter."""
        age = self.generation - (self.generation - 1 - (ord(letter) - ord("a"))) % LETTERS
        # A letter nobody has had yet was only made to look like one of ours.
        return age if age >= 1 else self.generation

    def _over(self, said: str, number: int) -> str:
        return f"{VOICE}{_letter(number)}{self._digest(said, number)[:DIGITS]}"

    def _digest(self, said: str, number: int) -> str:
        key = self._keys[number - 1]
        return hmac.digest(key, said.encode("utf-8", "replace"), hashlib.sha256).hex()


class Renaming(Quotes):
    """
    Puts pseudonyms into texts of ours, in place of names of `authors` (source, name) and older pseudonyms.

    A name is found behind an @, or by itself if it has a digit or _ in it: others are words like any.
    """

    def __init__(self, pseudonyms: Pseudonyms, authors: Iterable[tuple[str, str]]) -> None:
        super().__init__([])
        self._pseudonyms = pseudonyms
        self._by_name: dict[str, str] = {}
        for source, name in authors:
            self._by_name.setdefault(_bare(name), pseudonyms.of("name", source, name))

    def without(self, text: str) -> str:
        """Return a text with pseudonyms in place of names."""
        nobodys = _SAID.sub(self._one, _ON_X.sub(_NOBODYS, text))
        return SHAPE.sub(partial(_each, self._pseudonyms), nobodys)

    def without_in(self, value: Any, fixed: Iterable[str] = ()) -> Any:
        """Return a JSON value with pseudonyms in every text, and in place of every author."""
        if isinstance(value, dict) and isinstance(value.get("author"), str):
            value = {**value, **self._quoted(value)}
            fixed = {*fixed, "author", "url"}
        if isinstance(value, list):
            return [self.without_in(one, fixed) for one in value]
        if isinstance(value, dict):
            return {
                name: one if name in fixed else self.without_in(one, fixed)
                for name, one in value.items()
            }
        return self.without(value) if isinstance(value, str) else value

    def _quoted(self, value: dict[str, Any]) -> dict[str, Any]:
        author, source, url = value["author"], str(value.get("source", "")), value.get("url")
        if SHAPE.fullmatch(author):
            return {"author": self._pseudonyms.current(author)}
        said = Naming("-", url if isinstance(url, str) else None, author, None, None, None, None)
        covered = self._pseudonyms.over(source, said)
        return {"author": covered.author} | ({"url": covered.url} if "url" in value else {})

    def _one(self, found: re.Match[str]) -> str:
        mark, name = found.groups()
        if not mark and not (len(name) >= SHORTEST_TELLING and _TELLING.match(name)):
            return found[0]
        pseudonym = self._by_name.get(name.casefold())
        return found[0] if pseudonym is None else mark + pseudonym


def is_pseudonym(author: str | None) -> bool:
    """Return whether what stands for an author is no name."""
    return author is not None and SHAPE.fullmatch(author) is not None


def _each(pseudonyms: Pseudonyms, found: re.Match[str]) -> str:
    return pseudonyms.current(found[0])


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % LETTERS)


def _bare(name: str) -> str:
    return unicodedata.normalize("NFKC", name).removeprefix("@").casefold()


def _address(said: Naming) -> str | None:
    """Return where a post stands, if that doesn't tell who wrote it."""
    if said.url is None:
        return None
    if _ON_X.fullmatch(said.url):
        return _ON_X.sub(_NOBODYS, said.url)
    url = said.url
    words = f" {' '.join(fold(unquote(url)))} "
    for name in (said.author, (said.author or "").partition("@")[0], said.author_id):
        sought = " ".join(fold(name or ""))
        if len(sought) >= SHORTEST and f" {sought} " in words:
            return None
    return url
