"""Posts by their words: conditions on folded words, and what an index knows before they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection

from models.columns import to_micros
from models.store import dialect, words_index
from models.store.where import Where, where
from models.words import BAR, MINUTE, POSTS, Term, by_time, terms

SHORTEST = 3
"""Letters of a word's beginning for which the index is asked: fewer begin too many words."""

MOST_ASKED = 8
"""Words the index is asked for, the longest; the others are looked for in what it finds."""

MOST_SPELLED = 64
"""Words that begin so which the index is asked for one by one."""

Known = dict[tuple[tuple[Any, ...], int], bool]
"""Whether there are fewer hits than so many, by what is asked of the index."""

_SPELLED = "SELECT term FROM words_index_terms WHERE term >= ? AND term < ? LIMIT ?"
_LAST_LETTER = "\U0010ffff"


class Hits(NamedTuple):
    """
    Where the posts with some words are found: a table, its key, a condition, and the values of its ?.

    `by_time` has the order in which the posts were made. `at_once`: in it the first are given before all
    have been found.
    """

    table: str
    key: str
    by_time: str
    condition: str
    values: tuple[Any, ...]
    at_once: bool

    def made(self, since: int | None, until: int | None = None) -> Hits:
        """Return those that were made between two times, and some more of the same minutes."""
        told = where(self.condition, *self.values)
        if since is not None:
            told += where(f"{self.by_time} >= ?", _within(by_time(since, 0)))
        if until is not None:
            told += where(f"{self.by_time} < ?", _within(by_time(until + MINUTE - 1, 0)))
        return self._replace(condition=" AND ".join(told.conditions), values=told.values)


class Words:
    """What a search asks for, made ready for a database; `since` and `until` bound when it was posted."""

    def __init__(
        self,
        connection: Connection,
        search: str | None,
        *,
        names: bool,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._connection = connection
        self._terms = terms(search)
        self._names = names
        self._since = None if since is None else to_micros(since)
        self._until = None if until is None else to_micros(until)
        known = list(dict.fromkeys(each for term in self._terms for each in _known(term)))
        self._known = sorted(known, key=lambda one: -len(one[0]))[:MOST_ASKED]

    def __bool__(self) -> bool:
        return bool(self._terms)

    @cached_property
    def said(self) -> Where:
        """What holds of the `words` of a post that is sought."""
        end = "%" if self._names else f"%{BAR}%"
        found = Where()
        for term in self._terms:
            like = "NOT LIKE" if term.out else "LIKE"
            found += where(f"words.words {like} ?", f"%{term.piece}{end}")
        return found

    @cached_property
    def exact(self) -> bool:
        """Whether what the index finds is all that is sought and nothing else."""
        asked = [(term.words[0], term.begins) for term in self._terms
                 if len(term.words) == 1 and not term.out]  # fmt: skip
        return self._names and len(asked) == len(self._terms) and {*asked} == {*self._known}

    @cached_property
    def hits(self) -> Hits | None:
        """Where the index has them and perhaps some others; None if it isn't worth asking."""
        if not self._known:
            return None
        found = hits_of(self._connection, [[word] for word in self._known])
        return found.made(self._since, self._until)

    @property
    def at_once(self) -> Hits | None:
        """The same if they are given at once."""
        return self.hits if self.hits and self.hits.at_once else None

    @cached_property
    def spelled(self) -> Hits | None:
        """The same, on SQLite by the words that there are instead of how they begin; None if those are too many."""
        if not self._known or not dialect.is_sqlite(self._connection):
            return self.hits
        each = [self._spelled(*word) for word in self._known]
        if not all(0 < len(words) <= MOST_SPELLED for words in each):
            return None
        return hits_of(self._connection, each).made(self._since, self._until)

    def _spelled(self, word: str, begins: bool) -> list[tuple[str, bool]]:
        if not begins:
            return [(word, False)]
        asked = (word, word + _LAST_LETTER, MOST_SPELLED + 1)
        return [(row[0], False) for row in dialect.rows(self._connection, _SPELLED, asked)]

    def fewer(self, hits: Hits, most: int, counted: Known | None = None) -> bool:
        """Return whether there are fewer hits than so many; `counted` remembers it by what is asked."""
        known, asked = {} if counted is None else counted, (hits.values, most)
        if asked not in known:
            sql = (
                f"SELECT COUNT(*) FROM (SELECT 1 FROM {hits.table}"  # noqa: S608  (our own words)
                f" WHERE {hits.condition} LIMIT ?) AS found"
            )
            found = dialect.rows(self._connection, sql, (*hits.values, most))
            known[asked] = found[0][0] < most
        return known[asked]


def _within(place: int) -> int:
    """Whoever asks may name any time; a database has numbers of 64 bits."""
    return max(0, min(place, 2**63 - 1))


def _known(term: Term) -> Sequence[tuple[str, bool]]:
    """Return what every post with a term has, as far as the index is asked for it."""
    if term.out:
        return []
    *whole, last = term.words
    if not term.begins or len(last) >= SHORTEST:
        return [*((word, False) for word in whole), (last, term.begins)]
    return [(word, False) for word in whole]


def hits_of(connection: Connection, words: Sequence[Sequence[tuple[str, bool]]]) -> Hits:
    """Return where posts are found that have of each of these one: a folded word, or with True how one begins."""
    lite = dialect.is_sqlite(connection)
    starts, whole, either, both = ('"{}" *', '"{}"', " OR ", " AND ") if lite else (
        "'{}':*", "'{}'", " | ", " & ")  # fmt: skip
    asked = both.join(
        f"({either.join((starts if begins else whole).format(word) for word, begins in one)})"
        for one in words
    )
    if lite:
        at_once = not any(begins for one in words for _, begins in one)
        key, condition = f"(hit.rowid & {POSTS - 1})", "hit.words_index MATCH ?"
        return Hits("words_index AS hit", key, "hit.rowid", condition, (asked,), at_once)
    line = words_index.WORDS.replace("words", "hit.words")
    condition = f"{line} @@ CAST(? AS tsquery)"
    return Hits("words AS hit", "hit.post_id", "hit.by_time", condition, (asked,), at_once=False)
