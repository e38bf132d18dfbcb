"""
What a robots.txt says to us, as RFC 9309 reads it: the longest rule that fits, with * and $. Pure.

Our own reader, because the standard library's takes the first rule and knows no *, and the best one
there is (protego) unfolds 60 kB made for it to half a gigabyte. This one takes a file once through.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from models.errors import SetupError
from models.incident import Watch

IGNORED = "the site's robots.txt isn't asked, because this watch says robots=ignore"
"""The note on each page that is read so."""

LARGEST = 500 * 1024
"""Bytes of a robots.txt that are read; the standard asks for at least as many."""

_TOKEN = re.compile(r"[a-z_-]+")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Rule(NamedTuple):
    """One line: what it says, as written and as compared, and whether it lets us in."""

    said: str
    pattern: str
    allows: bool

    def fits(self, path: str) -> bool:
        """Whether it is about this path, in time that grows with their lengths and no faster."""
        first, *further = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        at = last = len(first)
        for piece in further:
            begins = path.find(piece, at)
            if begins < 0:
                return False
            at, last = begins + len(piece), at
        if not self.pattern.endswith("$"):
            return True
        return path.endswith(further[-1], last) if further else at == len(path)


def forbids(body: bytes, agent: str, path: str) -> str:
    """Return the rule, as written, that keeps `agent` from a path with its query; or nothing."""
    compared = _compared(path)
    found = [rule for rule in _rules_for(body, agent) if rule.fits(compared)]
    if not found:
        return ""
    best = max(found, key=lambda rule: (len(rule.pattern), rule.allows))
    return "" if best.allows else best.said


def ignored(watch: Watch) -> bool:
    """Whether this watch reads pages whatever robots.txt says; SetupError for any other wish."""
    wish = watch.setting("robots")
    if wish not in ("", "ignore"):
        message = f"robots={wish} means nothing"
        raise SetupError(message, "leave it out, or write robots=ignore")
    return wish == "ignore"


def _rules_for(body: bytes, agent: str) -> list[Rule]:
    """Return the rules for an agent, a lower-case name: its own, or else those for everyone."""
    lines = body[:LARGEST].decode("utf-8-sig", "replace").splitlines()
    if len(body) > LARGEST:
        # The last line of a file that was cut would say something else than its writer meant.
        lines.pop()
    own: list[Rule] = []
    everyone: list[Rule] = []
    is_named = for_us = for_all = in_head = False
    for line in lines:
        field, _, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if field == "user-agent":
            if not in_head:
                for_us = for_all = False
            token = _TOKEN.match(value.lower())
            for_us = for_us or (token is not None and token[0] == agent)
            for_all = for_all or value == "*"
            is_named, in_head = is_named or for_us, True
        elif field in ("allow", "disallow"):
            in_head = False
            if value and (for_us or for_all):
                rule = Rule(f"{field.title()}: {value}", _compared(value), field == "allow")
                own += [rule] if for_us else []
                everyone += [rule] if for_all else []
    return own if is_named else everyone


def _compared(path: str) -> str:
    """Return a path with one spelling for each: %7E is ~, %2f is %2F, é is %C3%A9."""
    asked = quote(path, safe="".join(map(chr, range(128))))

    def one(found: re.Match[str]) -> str:
        plain = chr(int(found[1], 16))
        return plain if plain in _PLAIN else found[0].upper()

    return _ESCAPED.sub(one, asked)
