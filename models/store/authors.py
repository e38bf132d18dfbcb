"""
Authors within one transaction: whether they stand under pseudonyms, and those of posts kept before.

Which key is in use the database says, by its name; the keys themselves lie in the home. So a database that
was put back goes on with the key it was kept with, and one whose key is missing takes nothing in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.authors_key import REMEDY, AuthorsKey, name_of
from models.columns import to_micros
from models.errors import SetupError
from models.pseudonym import Naming, Pseudonyms
from models.store import bulk, dialect
from models.words import under

AUTHORS = "authors"
"""Under which name a session knows the keys."""

BATCH = 1_000
"""Posts renamed in one transaction: others never wait long."""

_AMONG = "ROW EXCLUSIVE"
"""How PostgreSQL calls it that others may do as we do, and nobody be alone."""

_USED = "SELECT number, key, settled FROM generation ORDER BY number"
_PUT = (
    "INSERT INTO generation (number, key, at, settled) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SETTLED = "UPDATE generation SET settled = TRUE WHERE number = ?"
_OLDER = "(generation IS NULL OR generation < ?)"
_READ = f"SELECT id, source, COALESCE(generation, 0), {', '.join(Naming._fields)} FROM post"  # noqa: S608
_DUE = f"{_READ} WHERE {_OLDER} AND id > ? ORDER BY id LIMIT ?"
_FIND = f"{_READ} WHERE {_OLDER} AND source = ? AND external_id = {{KEYS}}"
_COUNT = f"SELECT COUNT(*) FROM post WHERE {_OLDER}"  # noqa: S608  our own words
_WORDS = "SELECT post_id, words FROM words WHERE post_id = {KEYS}"
_NAMED = """
SELECT DISTINCT source, author FROM post WHERE generation IS NULL AND author IS NOT NULL
"""


class Authors:
    """Authors within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def in_use(self) -> Pseudonyms | None:
        """Return what makes pseudonyms, None where there are none; SetupError if their key is missing."""
        used = [key for _, key, _ in self._rows(_USED)]
        if not used:
            return None
        keys = self._key.keys()[: len(used)]
        if [name_of(key) for key in keys] != used:
            message = "authors stand under pseudonyms here, and the key of those is missing"
            raise SetupError(message, REMEDY)
        return Pseudonyms(keys)

    def at_the_door(self, now: datetime) -> Pseudonyms | None:
        """Return what posts get pseudonyms from that come in now; the first asks a setting to begin."""
        dialect.alone(self._session.connection(), "generation", _AMONG)
        found = self.in_use()
        if found is None and self._key.wanted:
            self._use(self._key.made(), now)
            found = self.in_use()
        return found

    def begin(self, now: datetime) -> Pseudonyms:
        """Use pseudonyms from now on; nobody who keeps names is still at it when this returns."""
        dialect.alone(self._session.connection(), "generation")
        found = self.in_use()
        if found is None:
            self._use(self._key.made(), now)
            found = self.in_use()
        assert found is not None  # noqa: S101  just put
        return found

    def rotate(self, now: datetime) -> Pseudonyms:
        """
        Use a new key from now on.

        One that is there already is taken: a rotation was cut short, or an older database put back.
        """
        dialect.alone(self._session.connection(), "generation")
        found = self.in_use()
        if found is None:
            message = "no author stands under a pseudonym here"
            raise SetupError(message, "first: amends authors pseudonymise")
        keys = self._key.keys()
        self._use(keys if len(keys) > found.generation else self._key.add(), now)
        return self.in_use() or found

    def settled(self) -> bool:
        """Return whether no post is left under a name or an older key; so where there are no pseudonyms."""
        used = self._rows(_USED)
        return not used or bool(used[-1][2])

    def left(self) -> int:
        """Return how many posts stand under a name or an older key."""
        used = self._rows(_USED)
        return 0 if self.settled() else int(self._rows(_COUNT, used[-1][0])[0][0])

    def generations(self) -> list[tuple[int, int]]:
        """Return how many posts each generation has; number 0 is those under names."""
        sql = "SELECT COALESCE(generation, 0), COUNT(*) FROM post GROUP BY 1 ORDER BY 1"
        return [(number, posts) for number, posts in self._rows(sql)]

    def misses_key(self) -> bool:
        """Return whether there are pseudonyms, and not their key."""
        try:
            self.in_use()
        except SetupError:
            return True
        return False

    def of(self, source: str, name: str) -> list[str]:
        """Return all that stands or stood for an author, given by name or number."""
        found = self.in_use()
        if found is None:
            return []
        return [*found.each("name", source, name), *found.each("number", source, name)]

    def named(self) -> list[tuple[str, str]]:
        """Return the authors whose posts stand under their names, with their sources."""
        return [(source, author) for source, author in self._rows(_NAMED)]

    def bring(self, keys: Iterable[tuple[str, str]], pseudonyms: Pseudonyms) -> None:
        """Rename posts that were kept before under another id, so that they are known again."""
        if self.settled():
            return
        by_source: dict[str, list[str]] = {}
        for source, external_id in keys:
            *older, newest = pseudonyms.ids(external_id)
            by_source.setdefault(source, []).extend(one for one in older if one != newest)
        connection = self._session.connection()
        for source, ids in by_source.items():
            before = (pseudonyms.generation, source)
            self._rename(dialect.within(connection, _FIND, before, ids), pseudonyms)

    def rename(self, after: int, pseudonyms: Pseudonyms) -> tuple[int, int]:
        """
        Rename the next batch of posts; return the last one's number, and how many they were.

        With none left it is settled.
        """
        rows = self._rows(_DUE, pseudonyms.generation, after, BATCH)
        self._rename(rows, pseudonyms)
        return (rows[-1][0] if rows else after), len(rows)

    def settle(self, pseudonyms: Pseudonyms) -> bool:
        """Note that no post is left under a name or an older key, if so; return whether."""
        dialect.alone(self._session.connection(), "generation")
        number = pseudonyms.generation
        if self._rows(_COUNT, number)[0][0]:
            return False
        dialect.many(self._session.connection(), _SETTLED, [(number,)])
        return True

    def _rename(self, rows: Sequence[Any], pseudonyms: Pseudonyms) -> None:
        connection = self._session.connection()
        new = {
            post_id: pseudonyms.over(source, Naming(*said), since)
            for post_id, source, since, *said in rows
        }
        columns = (*Naming._fields, "generation")
        values = ((*said, pseudonyms.generation, post_id) for post_id, said in new.items())
        bulk.update(connection, "post", columns, ("id",), values)
        words = dialect.within(connection, _WORDS, (), list(new))
        changed = ((under(line, new[post_id].author), post_id) for post_id, line in words)
        dialect.many(connection, "UPDATE words SET words = ? WHERE post_id = ?", changed)

    def _use(self, keys: Sequence[bytes], now: datetime) -> None:
        """Note the keys as used; settled at once where no post is kept yet."""
        empty = not self._rows("SELECT 1 FROM post LIMIT 1")
        each = enumerate(keys, start=1)
        rows = [(number, name_of(key), to_micros(now), empty) for number, key in each]
        dialect.many(self._session.connection(), _PUT, rows)

    @property
    def _key(self) -> AuthorsKey:
        found: AuthorsKey = self._session.info.get(AUTHORS) or AuthorsKey()
        return found

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return dialect.rows(self._session.connection(), sql, values)
