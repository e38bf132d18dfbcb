"""
Quotes: where a text of ours holds what erased posts said, or names who said it.

A quote is `RUN` words in a row, or all words of a shorter post; an address; a name; or one word that tells
by itself, such as a number of an order. It is found whatever stands around it and however it is written,
large or small; what takes its place is `ERASED`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol

ERASED = "[erased]"

RUN = 5
"""Words in a row that are a quote. Fewer are phrases that many use."""

FEWEST = 3
"""Words a short post must have for all of them in a row to be a quote."""

SHORTEST_NAME = 4
"""Letters of a name that is looked for also where no @ stands before it."""

SHORTEST_ID = 6
"""Letters or digits of an id that is looked for: shorter ones are years and amounts."""

_WORD = re.compile(r"\w+")
_TELLING = re.compile(r"(?=\w*\d)\w{6,}")


class Post(Protocol):
    """What is looked for of an erased post."""

    @property
    def external_id(self) -> str:
        """Its id at its source."""

    @property
    def text(self) -> str:
        """What it said."""

    @property
    def author(self) -> str | None:
        """Who said it."""

    @property
    def author_id(self) -> str | None:
        """Who said it, as the source numbers people."""

    @property
    def url(self) -> str | None:
        """Where it stood."""


class Quotes:
    """
    What to look for, of a batch of posts and with `authors` who said them; and `names` apart from them.

    What the texts `but` say isn't looked for.
    """

    def __init__(
        self,
        posts: Iterable[Post],
        names: Iterable[str] = (),
        *,
        authors: bool = False,
        but: Iterable[str] = (),
    ) -> None:
        self._authors = authors
        self._runs: set[tuple[str, ...]] = set()
        self._telling: set[str] = set()
        self._names: set[tuple[str, ...]] = set()
        self._addresses: set[str] = set()
        for post in posts:
            self._take(post)
        for name in names:
            self._name(name)
        for text in but:
            self._leave(text)
        self._lengths = sorted({len(run) for run in self._runs | self._names}, reverse=True)

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._runs or self._telling or self._names or self._addresses)

    def _take(self, post: Post) -> None:
        words = [word.casefold() for word in _WORD.findall(post.text)]
        size = min(RUN, len(words))
        if size >= FEWEST:
            self._runs |= {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}
        self._telling |= {word for word in words if _TELLING.fullmatch(word)}
        if self._authors:
            self._name(post.author or "")
        for number in (post.external_id, post.author_id if self._authors else None):
            if number and len(number) >= SHORTEST_ID:
                self._name(number)
        if post.url:
            self._addresses.add(post.url)

    def _leave(self, text: str) -> None:
        words = [word.casefold() for word in _WORD.findall(text)]
        for size in range(FEWEST, RUN + 1):
            self._runs -= {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}
        self._telling -= {*words}

    def _name(self, name: str) -> None:
        words = tuple(word.casefold() for word in _WORD.findall(name))
        if words:
            self._names.add(words)

    def found_in(self, text: str) -> bool:
        """Return whether a text quotes or names one of them."""
        return next(self._spans(text), None) is not None

    def without(self, text: str) -> str:
        """Return a text in which each quote and name is replaced."""
        spans = sorted(self._spans(text))
        if not spans:
            return text
        parts: list[str] = []
        end = 0
        for since, until in spans:
            if since > end or not parts:
                parts += [text[end:since], ERASED]
            end = max(end, until)
        return "".join(parts) + text[end:]

    def without_in(self, value: Any, fixed: Collection[str] = ()) -> Any:
        """Return a JSON value in which they are replaced in every text; `fixed` fields stay as they are."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.without_in(one, fixed) for one in value]
        if isinstance(value, dict):
            return {
                name: one if name in fixed else self.without_in(one, fixed)
                for name, one in value.items()
            }
        return value

    def share(self, text: str) -> float:
        """Return which share of a text's letters is quoted, from 0 to 1."""
        covered, end = 0, 0
        for since, until in sorted(self._spans(text)):
            covered += max(until - max(since, end), 0)
            end = max(end, until)
        return covered / max(len(text), 1)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where they stand, in no order; spans may lie on one another."""
        for address in self._addresses:
            at = text.find(address)
            while at >= 0:
                yield at, at + len(address)
                at = text.find(address, at + 1)
        found = list(_WORD.finditer(text))
        words = [one.group().casefold() for one in found]
        for at, word in enumerate(words):
            if word in self._telling:
                yield found[at].span()
            for size in self._lengths:
                run = tuple(words[at : at + size])
                if len(run) < size:
                    continue
                if run in self._runs or (run in self._names and _is_name(text, found[at], run)):
                    yield found[at].start(), found[at + size - 1].end()


def _is_name(text: str, first: re.Match[str], run: tuple[str, ...]) -> bool:
    # Whoever calls themselves “me” mustn't take that word out of every note.
    at = first.start()
    return sum(map(len, run)) >= SHORTEST_NAME or (at > 0 and text[at - 1] == "@")
