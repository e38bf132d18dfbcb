"""
Texts of ours that may quote posts, within one transaction: looked through, and freed of what was erased.

Every column that holds words is named here once, with what an erasure does to it; a test holds the tables
to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import JSON
from sqlmodel import Session

from models.quote import ERASED, Quotes
from models.store import dialect
from models.store.schema import metadata

FREED: dict[str, tuple[str, ...]] = {
    "verdict": ("note", "url"),
    "act": ("text", "url"),
    "reply": ("title", "text", "owner"),
    "saved_view": ("title", "query"),
    "outbox": ("title", "value", "said"),
    "alarm": ("why",),
    "alert": ("title", "url"),
    "hole": ("why",),
    "watch": ("trouble", "again_trouble"),
    "campaign": ("text", "who"),
}
"""Columns in which people or we wrote freely: quotes are replaced. Of acts only drafts are."""

NAMED: dict[str, tuple[str, ...]] = {
    "incident": ("slug", "title", "company", "terms"),
    "watch": ("key", "address", "terms", "settings", "bookmark", "chain", "canary"),
    "hole": ("key", "chain"),
    "monitor": ("name", "company", "terms", "watches", "settings"),
}
"""Columns that say what to listen to: changing them would make us deaf, so they are only told."""

GOES: dict[str, tuple[str, ...]] = {
    "post": ("source", "external_id", "text", "url", "author", "author_id", "kind", "parent_id",
             "thread_id", "origin_id", "lang", "scored_by"),
    "words": ("words",),
    "mention": ("unit", "amount"),
    "edited": ("text",),
    "tag": ("label", "by"),
    "item": ("source", "lang", "labels", "holder", "decision"),
    "verdict": ("decision", "by"),
}  # fmt: skip
"""Columns whose rows go with their post."""

WORDLESS: dict[str, tuple[str, ...]] = {
    "incident": ("tz", "status", "hours"),
    "watch": ("source", "trouble_kind"),
    "act": ("kind", "by", "approved_by"),
    "audit": ("by", "did", "about", "detail", "changed", "key", "seal"),
    "audit_head": ("seal",),
    "lease": ("job", "holder"),
    "spent": ("day",),
    "sample": ("slices",),
    "regrouping": ("did", "by"),
    "person": ("name", "role", "password"),
    "session": ("digest",),
    "invitation": ("digest",),
    "token": ("title", "start", "digest", "scope"),
    "knock": ("name", "place"),
    "reply": ("label", "by", "phase"),
    "saved_view": ("by",),
    "campaign": ("how", "offers", "batches", "bill_by", "by"),
    "monitor": ("kind", "tz", "digest"),
    "alert": ("key", "event", "state"),
    "alarm": ("kind", "subject", "acked_by"),
    "chart": ("label", "key", "learnt", "state"),
    "outbox": ("event_id", "destination", "kind", "state", "claim", "remaining"),
    "digest": ("day", "print", "facts"),
    "tombstone": ("key", "mark", "why"),
    "tally": ("source", "labels"),
    "gone_posts": ("source", "label"),
    "gone_voices": ("label",),
    "retention": ("of", "by"),
    "asking": ("posts", "request"),
    "generation": ("key",),
}
"""Columns that hold names of ours, of places, of colleagues, or numbers: nothing of any post."""

_ONLY = {
    "act": " AND at IS NULL",
    "watch": " AND (trouble IS NOT NULL OR again_trouble IS NOT NULL)",
}
_SAID = {"act": " AND at IS NOT NULL"}
"""What the company has said in public stands there too, and is only told."""

CHUNK = 500
_FIXED = frozenset((
    "id", "kind", "type", "slug", "at", "day", "before", "since", "until", "made_at", "first_seen",
    "posted_at", "tz", "status", "colour", "source", "fate", "state",
))  # fmt: skip
"""Fields of an event that make it readable, and hold no words of any post."""

_QUOTED = ("post_id", "text")


class Found(NamedTuple):
    """A text of ours that quotes or names an erased post: which row, which column, and what it says."""

    table: str
    key: tuple[Any, ...]
    column: str
    text: str


class Texts:
    """Texts of ours, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, table: str, after: tuple[Any, ...] | None) -> list[tuple[Any, ...]]:
        """Return the next rows of a table whose texts are freed: first their keys, then the texts."""
        return self._read(table, FREED[table], _ONLY.get(table, ""), after)

    def free(
        self, table: str, rows: list[tuple[Any, ...]], quotes: Quotes, erased: set[int]
    ) -> int:
        """Replace what rows quote; return how many changed. `erased` are the numbers of the posts."""
        keys, columns = _keys(table), FREED[table]
        changed = self.quoted(table, rows, quotes, erased)
        for key, new in changed:
            sets = " AND ".join(f"{name} = ?" for name in keys)
            puts = ", ".join(f"{name} = {_cast(self._session, table, name)}" for name in columns)
            sql = f"UPDATE {table} SET {puts} WHERE {sets}"  # noqa: S608  names of our own columns
            dialect.many(self._session.connection(), sql, [(*new, *key)])
        return len(changed)

    def quoted(
        self, table: str, rows: list[tuple[Any, ...]], quotes: Quotes, erased: set[int]
    ) -> list[tuple[tuple[Any, ...], list[str | None]]]:
        """Return those of the rows that quote one of the posts: their keys, and what is to stand there."""
        size, columns = len(_keys(table)), FREED[table]
        found = []
        for row in rows:
            new = [
                self._freed(table, name, text, quotes, erased)
                for name, text in zip(columns, row[size:], strict=True)
            ]
            if new != list(row[size:]):
                found.append((row[:size], new))
        return found

    def quoting(self, quotes: Quotes, *, named: bool) -> Iterator[Found]:
        """Yield what quotes or names them: texts that would be freed, or with `named` only told."""
        told = [(table, columns, "") for table, columns in NAMED.items()]
        freed = [(table, columns, _ONLY.get(table, "")) for table, columns in FREED.items()]
        for table, columns, only in (
            [*told, ("act", FREED["act"], _SAID["act"])] if named else freed
        ):
            last: tuple[Any, ...] | None = None
            size = len(_keys(table))
            while rows := self._read(table, columns, only, last):
                for row in rows:
                    for column, text in zip(columns, row[size:], strict=True):
                        if text and quotes.found_in(text):
                            yield Found(table, row[:size], column, text)
                last = rows[-1][:size]

    def _freed(
        self, table: str, name: str, text: str | None, quotes: Quotes, erased: set[int]
    ) -> str | None:
        if not text:
            return text
        if (table, name) != ("outbox", "value"):
            return quotes.without(text)
        value = msgspec.json.decode(text)
        new = quotes.without_in(_unquoted(value, erased), _FIXED)
        return text if new == value else msgspec.json.encode(new).decode()

    def _read(
        self, table: str, columns: tuple[str, ...], only: str, after: tuple[Any, ...] | None
    ) -> list[tuple[Any, ...]]:
        keys = _keys(table)
        kinds = metadata.tables[table].columns
        read = ", ".join(
            f"CAST({name} AS TEXT)" if isinstance(kinds[name].type, JSON) else name
            for name in columns
        )
        behind = (
            "" if after is None else f" AND ({', '.join(keys)}) > ({', '.join('?' * len(keys))})"
        )
        sql = f"SELECT {', '.join(keys)}, {read} FROM {table} WHERE 1 = 1{only}{behind} ORDER BY {', '.join(keys)} LIMIT {CHUNK}"  # noqa: S608
        return [tuple(row) for row in dialect.rows(self._session.connection(), sql, after or ())]


def _keys(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in metadata.tables[table].primary_key.columns)


def _cast(session: Session, table: str, name: str) -> str:
    is_json = isinstance(metadata.tables[table].columns[name].type, JSON)
    return "CAST(? AS JSON)" if is_json and not dialect.is_sqlite(session.connection()) else "?"


def _unquoted(value: Any, erased: set[int]) -> Any:
    """Return an event in which the quotes of erased posts say nothing; whatever is counted stays."""
    if isinstance(value, list):
        return [_unquoted(one, erased) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() >= {*_QUOTED} and value["post_id"] in erased:
        blank = {"text": ERASED, "author": None, "url": None, "posted_at": None}
        return {name: blank.get(name, one) for name, one in value.items()}
    return {name: _unquoted(one, erased) for name, one in value.items()}
