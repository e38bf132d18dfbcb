"""The forum of a recorded incident: one thread over several pages, where NAME said something."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from amends.incident_script import Line, Script

THREAD = "/forum/t/881"
TITLE = "Reelpost down again?"
ON_ONE_PAGE = 25


class Forum:
    """The thread of a script, oldest first."""

    def __init__(self, script: Script, lines: Sequence[Line], url: str) -> None:
        self.zone = ZoneInfo(script.tz)
        self.url = url
        self.lines = [line for line in lines if line.place == "forum"]
        self.by_id = {line.id: line for line in self.lines}

    def page(self, number: int) -> str:
        """Return one page of the thread, with links to the others."""
        said = self.lines[(number - 1) * ON_ONE_PAGE : number * ON_ONE_PAGE]
        pages = -(-len(self.lines) // ON_ONE_PAGE)
        links = " ".join(
            f"<b>{n}</b>" if n == number else f'<a href="{_path(n)}">{n}</a>'
            for n in range(1, pages + 1)
        )
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
            f'</head><body><h1>{TITLE}</h1><div class="pages">Page {links}</div>'
            f'{"".join(map(self._post, said))}<div class="pages">Page {links}</div></body></html>'
        )

    def _post(self, line: Line) -> str:
        local = line.at.astimezone(self.zone)
        quoted = "" if line.reply_to is None else _quoted(self.by_id[line.reply_to])
        return (
            f'<div class="post" id="post-{line.id}"><p class="head"><b class="username">'
            f"{escape(line.author)}</b> said on {local:%B %d, %Y at %I:%M %p}:</p>{quoted}"
            f'<div class="content"><p>{escape(line.text)}</p></div></div>'
        )


def _path(number: int) -> str:
    return THREAD if number == 1 else f"{THREAD}?page={number}"


def _quoted(line: Line) -> str:
    return f"<blockquote>{escape(line.author)} said: {escape(line.text)}</blockquote>"
