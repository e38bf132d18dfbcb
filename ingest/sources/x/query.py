"""From an incident's terms to X's query language. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.errors import SetupError

_HANDLE = re.compile(r"@[A-Za-z0-9_]{1,15}")
_TAG = re.compile(r"#\w*[^\W\d_]\w*")
_WORD = re.compile(r"\w+")
_OPERATORS = frozenset(["OR", "AND", "NOT"])
_QUOTES = re.compile('["\\\\“”„‟″＂«»]')


def queries(terms: Sequence[str], longest: int) -> list[str]:
    """
    Return the queries that together find every term, each at most `longest` characters.

    A phrase is quoted, so that nothing in it is an operator; `@handle` finds mentions and replies;
    `#tag` stays a hashtag. The company's own handles are left out as authors: what it says of
    itself is no feedback. Terms without a letter, digit or sign X could look for are skipped;
    SetupError when none is left, or one can't fit.
    """
    wanted = _once(part for term in terms if (part := _written(term)))
    if not wanted:
        message = "there is nothing to look for on X"
        raise SetupError(message, "give the watch at least one term, such as “card payments”")
    tail = "".join(f" -from:{handle}" for handle in own_handles(terms))
    room = longest - len("()") - len(tail)
    groups: list[list[str]] = []
    used = 0
    for part in wanted:
        if len(part) > room:
            message = (
                f"the term “{part[:60]}” doesn't fit into one X query of {longest} characters"
                f" ({len(tail)} of them leave out the company's own handles)"
            )
            raise SetupError(message, "shorten the term, or watch fewer handles")
        used += len(" OR ") + len(part)
        if not groups or used > room:
            groups.append([])
            used = len(part)
        groups[-1].append(part)
    return [f"({' OR '.join(group)}){tail}" for group in groups]


def own_handles(terms: Iterable[str]) -> list[str]:
    """Return the company's handles among the terms, without the @, each once."""
    found = _once(term.strip() for term in terms if _HANDLE.fullmatch(term.strip()))
    return [handle[1:] for handle in found]


def _once(parts: Iterable[str]) -> list[str]:
    """X doesn't tell upper from lower case, so neither does "twice"."""
    seen: dict[str, str] = {}
    for part in parts:
        seen.setdefault(part.casefold(), part)
    return list(seen.values())


def _written(term: str) -> str:
    term = term.strip()
    if _HANDLE.fullmatch(term) or _TAG.fullmatch(term):
        return term
    plain = _QUOTES.sub(" ", term)
    plain = "".join(c if c.isprintable() else " " for c in plain)
    plain = " ".join(plain.split())
    if all(c.isascii() and not c.isalnum() for c in plain):
        return ""
    if _WORD.fullmatch(plain) and plain not in _OPERATORS:
        return plain
    return f'"{plain}"'
