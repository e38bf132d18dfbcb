"""Posts by their words: conditions on folded words, and what an index knows before they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import Connection

from models.store import dialect
from models.store.where import Where, where
from models.words import BAR, Term, terms

SHORTEST = 3
"""Letters of a word's beginning for which the index is asked: fewer begin too many words."""

MOST_ASKED = 8
"""Words the index is asked for, the longest; the others are looked for in what it finds."""


Known = dict[tuple[str, int], bool]
"""Whether there are fewer hits than so many, by what is asked of the index."""


class Hits(NamedTuple):
    """
    Where the posts with some words are found: a table, its key, a condition, and the value of its ?.

    `at_once`: the first are given before all have been found.
    """

    table: str
    key: str
    condition: str
    value: str
    at_once: bool = False


class Words:
    """What a search asks for, made ready for a database."""

    def __init__(self, connection: Connection, search: str | None, *, names: bool) -> None:
        self._connection = connection
        self._terms = terms(search)
        self._names = names
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
        return hits_of(self._connection, self._known) if self._known else None

    def fewer(self, most: int, counted: Known | None = None) -> bool:
        """Return whether the index has fewer than so many; `counted` remembers it by what is asked."""
        hits = self.hits
        if hits is None:
            return False
        known, asked = {} if counted is None else counted, (hits.value, most)
        if asked not in known:
            sql = (
                f"SELECT COUNT(*) FROM (SELECT 1 FROM {hits.table}"  # noqa: S608  (our own words)
                f" WHERE {hits.condition} LIMIT ?) AS found"
            )
            known[asked] = dialect.rows(self._connection, sql, asked)[0][0] < most
        return known[asked]


def _known(term: Term) -> Sequence[tuple[str, bool]]:
    """Return what every post with a term has, as far as the index is asked for it."""
    if term.out:
        return []
    *whole, last = term.words
    if not term.begins or len(last) >= SHORTEST:
        return [*((word, False) for word in whole), (last, term.begins)]
    return [(word, False) for word in whole]


def hits_of(connection: Connection, words: Sequence[tuple[str, bool]]) -> Hits:
    """Return where posts are found that have all these folded words, or with True how one begins."""
    if dialect.is_sqlite(connection):
        asked = " AND ".join(f'"{word}"{" *" if begins else ""}' for word, begins in words)
        at_once = not any(begins for _, begins in words)
        return Hits("words_index AS hit", "hit.rowid", "hit.words_index MATCH ?", asked, at_once)
    asked = " & ".join(f"'{word}'{':*' if begins else ''}" for word, begins in words)
    line = dialect.WORDS.replace("words", "hit.words")
    return Hits("words AS hit", "hit.post_id", f"{line} @@ CAST(? AS tsquery)", asked)
