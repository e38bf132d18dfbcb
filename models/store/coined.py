"""
Names that were coined from posts' words, within one transaction: themes and phrases in what was sent.

Such a name is nobody's alone while somebody says its words; once no post that is left says one of them, it
is replaced wherever an event holds it.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from sqlmodel import Session

from models.quote import ERASED
from models.store import dialect
from models.store.hits import hits_of
from models.words import fold

CHUNK = 100

_EVENTS = "SELECT id, kind, value FROM outbox WHERE id > ? AND value <> '' ORDER BY id LIMIT ?"
_PUT = "UPDATE outbox SET value = ? WHERE id = ?"
_PHRASE = re.compile(r"(?<=say “)[^”]+(?=”)")
"""How a line for whoever leads cites what many say (`amends/pulse/line.py`)."""


class Coined:
    """Names coined from posts' words, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def free(self, after: int) -> int | None:
        """Free the next events of names nobody's words stand for; return the last one's number, or None."""
        connection = self._session.connection()
        rows = dialect.rows(connection, _EVENTS, (after, CHUNK))
        for number, kind, value in rows:
            event = msgspec.json.decode(value)
            new = self._line(event) if kind == "line" else self._digest(event)
            if new != event:
                freed = msgspec.json.encode(new).decode()
                dialect.many(connection, _PUT, [(freed, number)])
        return rows[-1][0] if rows else None

    def _line(self, value: Any) -> Any:
        if isinstance(value, str):
            return _PHRASE.sub(lambda found: self._name(found[0]), value)
        if isinstance(value, list):
            return [self._line(one) for one in value]
        if isinstance(value, dict):
            return {name: self._line(one) for name, one in value.items()}
        return value

    def _digest(self, event: dict[str, Any]) -> dict[str, Any]:
        digest = event.get("value", {}).get("digest")
        if digest is None:
            return event
        found = digest["themes"]
        themes = [one | {"name": self._name(one["name"])} for one in found["themes"]]
        fresh = digest | {"themes": found | {"themes": themes}}
        return event | {"value": event["value"] | {"digest": fresh}}

    def _name(self, name: str) -> str:
        words = fold(name.removeprefix(ERASED))
        return name if all(map(self._is_said, words)) else ERASED

    def _is_said(self, word: str) -> bool:
        connection = self._session.connection()
        hits = hits_of(connection, [[(word, False)]])
        sql = f"SELECT 1 FROM {hits.table} WHERE {hits.condition} LIMIT 1"  # noqa: S608  our own words
        return bool(dialect.rows(connection, sql, hits.values))
