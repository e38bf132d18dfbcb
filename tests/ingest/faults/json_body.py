# ruff: noqa: D102 - what each way does stands in `Body`
"""JSON, spoilt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.ingest.faults.body import APART, BEYOND, DEEP, DIGITS, LONG, MANY, dated
from tests.ingest.faults.good import Good

Path = tuple[str | int, ...]

_NAMES = re.compile(r"id$|^id|^uri$|^url$|^guid$|^link$", re.IGNORECASE)
_OF_OTHERS = re.compile(r"parent|repl|conversation|thread|story|author", re.IGNORECASE)


class JsonBody:
    """A JSON answer: somewhere in it lies a list of objects, one for each post."""

    def __init__(self, good: Good) -> None:
        self._good = good
        self._document: Any = json.loads(good.body)
        self._way, self._items = self._find()
        self._item: dict[str, Any] = self._items[0] if self._items else {}
        self._raw: list[str] = []
        self.first = frozenset(
            post.external_id
            for post in good.posts
            if any(_names(post.external_id, name) for name in _own_names(self._item))
        )

    def insert(self, words: str) -> bytes:
        way = _longest_text(self._item)
        return self._with(way, f"{_at(self._item, way)} {words}")

    def nan(self) -> bytes:
        return self._with(_number(self._item), self._as_is("NaN"))

    def nested(self) -> bytes:
        deep = self._as_is("[" * DEEP + "]" * DEEP)
        if isinstance(self._document, list):
            return self._dump([*self._items, deep])
        self._document["extra"] = deep
        return self._dump(self._items)

    def long_number(self) -> bytes:
        return self._with(_number(self._item), self._as_is(DIGITS))

    def doubled(self) -> bytes:
        own, text = _id_key(self._item), str(_longest_text(self._item)[0])
        wrong = {own: "1", text: "said first"}
        item = json.dumps(wrong)[:-1] + ", " + json.dumps(self._item)[1:]
        return self._dump([self._as_is(item), *self._items[1:]])

    def half_a_pair(self) -> bytes:
        return self.insert("\ud83d")

    def nul(self) -> bytes:
        return self.insert("\0")

    def without_data(self) -> bytes:
        if not self._way:
            return b"null"
        _at(self._document, self._way[:-1]).pop(self._way[-1])
        return json.dumps(self._document).encode()

    def with_error(self) -> bytes:
        error = {"title": "Not Found Error", "message": "one of them could not be found"}
        if isinstance(self._document, list):
            return self._dump([*self._items, error])
        self._document["errors"] = [error]
        return self._dump(self._items)

    def another_kind(self) -> bytes:
        return self._dump({})

    def emptied(self) -> bytes:
        return self._dump([])

    def out_of_order(self) -> bytes:
        return self._dump([*self._items[1:], *self._items[:1]])

    def beyond_64_bits(self) -> bytes:
        own = _id_key(self._item)
        return self._with((own,), str(BEYOND) if isinstance(self._item[own], str) else BEYOND)

    def dated(self) -> bytes:
        return dated(self._good.body)

    def long_text(self) -> bytes:
        return self.insert(LONG)

    def many(self) -> bytes:
        plain, names = json.dumps(self._item), _own_names(self._item)

        def another(number: int) -> Any:
            text = plain
            for name in names:
                other = str(int(name) + number * APART) if name.isdecimal() else f"{name}-{number}"
                text = text.replace(name, other)
            return self._as_is(text)

        return self._dump([*(another(number) for number in range(1, MANY + 1)), *self._items])

    def _find(self) -> tuple[Path, list[Any]]:
        """Return where the list is that holds the answer's posts: the shallowest that names one."""
        ids = [post.external_id for post in self._good.posts]
        lists = [
            (way, value)
            for way, value in _within(self._document)
            if isinstance(value, list) and all(isinstance(item, dict) for item in value)
        ]
        for way, items in sorted(lists, key=lambda found: len(found[0])):
            if any(_names(own, name) for item in items for name in _own_names(item) for own in ids):
                return way, items
        assert not ids, f"the posts of {self._good.question[0]} aren't in a list of objects"
        return (), []

    def _as_is(self, text: str) -> str:
        self._raw.append(text)
        return f"@as-is-{len(self._raw) - 1}@"

    def _with(self, way: Path, value: object) -> bytes:
        above = _at(self._item, way[:-1])
        above[way[-1]] = value
        return self._dump(self._items)

    def _dump(self, items: object) -> bytes:
        if self._way:
            _at(self._document, self._way[:-1])[self._way[-1]] = items
        text = json.dumps(items if isinstance(self._document, list) else self._document)
        return re.sub(r'"@as-is-(\d+)@"', lambda at: self._raw[int(at[1])], text).encode()


def _within(value: Any, way: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield way, value
    below: dict[Any, Any] = dict(enumerate(value)) if isinstance(value, list) else {}
    for name, inner in (value if isinstance(value, dict) else below).items():
        yield from _within(inner, (*way, name))


def _at(value: Any, way: Path) -> Any:
    for name in way:
        value = value[name]
    return value


def _longest_text(item: dict[str, Any]) -> Path:
    texts = [(way, said) for way, said in _within(item) if isinstance(said, str)]
    return max(texts, key=lambda found: len(found[1]))[0]


def _number(item: dict[str, Any]) -> Path:
    """Return where the first number is that is no id, or where one could be."""
    for way, value in _within(item):
        counts = isinstance(value, int) and not isinstance(value, bool) and value < 10**9
        if counts and not _NAMES.search(str(way[-1])):
            return way
    return ("likes",)


def _id_key(item: dict[str, Any]) -> str:
    return next(name for name in item if _NAMES.search(name) and not _OF_OTHERS.search(name))


def _own_names(item: dict[str, Any]) -> list[str]:
    """Return by what an item itself may be known."""
    names = (name for name in item if _NAMES.search(name) and not _OF_OTHERS.search(name))
    return list(dict.fromkeys(str(item[name]) for name in names if item[name]))


def _names(external_id: str, name: str) -> bool:
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(name)}$", external_id) is not None
