"""
How text stands in each place it goes to, so that no stranger's word becomes anything but a word.

All of them first lose control characters, line breaks and what turns the direction of reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from amends.digest.words import plain

_TEAMS_MARKS = re.compile(r"[\\*_\[\]`<]")
_TEAMS_FIRST = re.compile(r"^(?:[-+>#]|\d+(?=[.)]))")
_AWAY = "…"


def bare(text: str, longest: int) -> str:
    """Return text on one line, for plain text and files."""
    return plain(text, longest)


def header(text: str, longest: int) -> str:
    """
    Return text for a header of mail.

    `=?` would begin an encoded word, and what that decodes to may hold line breaks: Python's own mail
    library decodes it and then writes them out.
    """
    return plain(text, longest).replace("=?", "= ?")


def slack(text: str, longest: int) -> str:
    """
    Return text for Slack: nothing in it can ping, link or begin a command.

    Slack decodes exactly these three, in every kind of text. `longest` is kept after escaping.
    """
    return _fit(plain(text, longest), longest, _slack)


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_link(name: str, url: str, longest: int = 2_000) -> str:
    """Return a link for Slack; only its name where the address isn't a web address that fits."""
    to = web(url)
    said = slack(name, 80)
    if to is None or len(to) > longest:
        return said
    return f"<{_slack(to.replace('|', '%7C'))}|{said.replace('|', '¦')}>"


def teams(text: str, longest: int) -> str:
    """Return text for an adaptive card, whose Markdown knows emphasis, links and lists."""
    return _fit(plain(text, longest), longest, _teams)


def _teams(text: str) -> str:
    marked = _TEAMS_MARKS.sub(lambda found: "\\" + found[0], text)
    return _TEAMS_FIRST.sub(
        lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", marked
    )


def web(url: str | None) -> str | None:
    """Return a web address in which nothing can end it before its end, or None if it is none."""
    if not url or not url.startswith(("https://", "http://")):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if not host or any(c.isspace() or not c.isprintable() for c in url):
        return None
    return quote(url, safe=":/?&=#%+,;@~|[]!$'()*-._")


def _fit(text: str, longest: int, escape: Callable[[str], str]) -> str:
    """Return escaped text of at most so many characters, never cut inside an escape."""
    said = escape(text)
    while len(said) > longest:
        text = text[: max(len(text) - (len(said) - longest) - 1, 0)].rstrip(_AWAY)
        said = escape(text + _AWAY)
        if not text:
            break
    return said
