"""From rows of plain columns to posts, by a column map. A batch at a time; the busiest code here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ingest.source import Reject
from ingest.sources.file import values
from ingest.sources.file.reading import Reading
from models.incident import zone
from models.post import EARLIEST, LONGEST_NAME, Post, clean, identity

_COUNTS = frozenset(["author_followers", "likes", "replies", "reposts", "views", "version"])
_KINDS = frozenset(["post", "reply", "quote", "repost"])
_OWN_WAY = frozenset(["text", "external_id", "author", "posted_at", "as_of", "source", "labels"])


class Batch(msgspec.Struct):
    """What became of some rows; `filtered` and `odd` as in `Reading`."""

    posts: list[Post] = []
    rejects: list[Reject] = []
    labels: dict[str, tuple[str, ...]] = {}
    filtered: int = 0
    odd: int = 0


class Recipe:
    """Makes posts of rows in the way one file has to be read."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        """Take the column map, zone and stretch from `reading`; no time after `now` is true."""
        self._reading, self._now, self._zone = reading, now, zone(reading.tz)
        columns = reading.columns
        self._text = _getter(columns["text"])
        self._id = _getter(columns.get("external_id"))
        self._author = _getter(columns.get("author"))
        self._time = _getter(columns.get("posted_at"))
        self._as_of = _getter(columns.get("as_of"))
        self._source = _getter(columns.get("source"))
        self._labels = _getter(columns.get("labels")) if "labels" in columns else None
        self._rest = [
            (field, _getter(column), values.a_count if field in _COUNTS else _KEPT[field])
            for field, column in columns.items()
            if field not in _OWN_WAY
        ]

    def posts(
        self, rows: Sequence[Any], where: Callable[[int], str], raw: Callable[[int], str]
    ) -> Batch:
        """Return the posts of a batch of rows; `where` and `raw` tell of a row by its number."""
        batch = Batch()
        for number, row in enumerate(rows):
            try:
                post = self._post(row, batch)
            except ValueError as error:
                batch.rejects.append(
                    Reject(where=where(number), reason=str(error), raw=raw(number))
                )
                continue
            kept = keep(batch, post, self._reading)
            if kept and self._labels is not None:
                named = values.labels(self._labels(row))
                if named:
                    batch.labels[post.external_id] = named
        return batch

    def stamps(self, rows: Sequence[Any]) -> list[str]:
        """Return the times of these rows as they are written."""
        found = [self._time(row) for row in rows if type(row) is dict]
        return [stamp for stamp in found if isinstance(stamp, str)]

    def _post(self, row: Any, batch: Batch) -> Post:
        if type(row) is not dict:
            message = "this isn't an object with columns"
            raise ValueError(message)
        text = values.a_text(self._text(row))
        if not text:
            message = f"there is no text in “{self._reading.columns['text']}”"
            raise ValueError(message)
        said = self._author(row)
        author = values.a_name(said) or None
        stamp = self._time(row)
        posted_at = None
        if stamp is not None and stamp != "":
            posted_at = values.a_time(
                stamp, self._zone, self._now, day_first=self._reading.day_first
            )
            batch.odd += posted_at is None
        fields: dict[str, Any] = values.about(said) if type(said) is dict else {}
        for field, get, take in self._rest:
            value = take(get(row))
            if value is not None:
                fields[field] = value
        told = self._as_of(row)
        as_of = told and values.a_time(told, self._zone, self._now, day_first=False)
        return Post(
            source=values.a_source(self._source(row), self._reading.name),
            external_id=values.a_text(self._id(row)).strip() or identity(author, posted_at, text),
            text=text,
            author=author,
            posted_at=posted_at,
            as_of=as_of or posted_at or EARLIEST,
            **fields,
        )


def keep(batch: Batch, post: Post, reading: Reading) -> bool:
    """Add a post to a batch if it lies in the stretch asked for; say whether it does."""
    if not reading.wants(post.posted_at):
        batch.filtered += 1
        return False
    if post.posted_at is None and reading.undated_as is not None:
        post = msgspec.structs.replace(post, posted_at=reading.undated_as)
    if post.as_of is None:
        # A file proves nothing later than its posts' own time.
        post = msgspec.structs.replace(post, as_of=post.posted_at or EARLIEST)
    batch.posts.append(post)
    return True


def _kind(value: object) -> str | None:
    return value if isinstance(value, str) and value in _KINDS else None


def _name(value: object) -> str | None:
    return None if value is None else clean(values.a_text(value), LONGEST_NAME) or None


def _link(value: object) -> str | None:
    return values.a_text(value).strip() or None


_KEPT: dict[str, Callable[[Any], Any]] = {
    "author_id": _name,
    "parent_id": _name,
    "thread_id": _name,
    "origin_id": _name,
    "lang": _name,
    "url": _link,
    "kind": _kind,
    "official": values.a_flag,
}


def _getter(column: str | None) -> Callable[[dict[str, Any]], Any]:
    if column is None:
        return lambda _row: None

    def whole(row: dict[str, Any]) -> Any:
        return row[column] if column in row else _pieced(row, column)

    return whole if "+" in column or "." in column else lambda row: row.get(column)


def _pieced(row: dict[str, Any], column: str) -> Any:
    found = [_dug(row, part) for part in column.split("+")]
    return found[0] if len(found) == 1 else " ".join(values.a_text(part) for part in found).strip()


def _dug(row: Any, path: str) -> Any:
    for step in [path] if path in row else path.split("."):
        row = row.get(step) if isinstance(row, dict) else None
    return row
