"""The blog of a recorded incident, as WordPress serves it: articles, and comments by REST."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from amends.incident_script import Line, Script

FIRST_NUMBER = 44
"""The number of the blog's first article."""

MOST = 100
"""Comments WordPress gives at once."""

COMMENTS = "/wp-json/wp/v2/comments"
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")

Asked = Mapping[str, str]
Told = tuple[Any, int, dict[str, str]]
"""What is answered: a value for JSON, a status, and headers."""


class Blog:
    """The articles of a script with what was said under them; `url` is where the server is."""

    def __init__(self, script: Script, lines: Sequence[Line], url: str) -> None:
        self.script = script
        self.url = url
        self.numbers = {slug: FIRST_NUMBER + at for at, slug in enumerate(script.articles)}
        self.lines = [line for line in lines if line.place in self.numbers]

    def answer(self, path: str, asked: Asked) -> Told:
        """Answer a question as WordPress at this path would; text is HTML, the rest JSON."""
        if path == COMMENTS:
            return self.comments(asked)
        if path == "/wp-json/":
            named = {"name": self.script.company, "url": self.url, "namespaces": ["wp/v2"]}
            return named, 200, {}
        for slug in self.numbers:
            if path.rstrip("/") == self.path(slug).rstrip("/"):
                root = f'<{self.url}/wp-json/>; rel="https://api.w.org/"'
                return self.article(slug), 200, {"Link": root}
        missing = {"code": "rest_no_route", "message": "No route was found."}
        return missing | {"data": {"status": 404}}, 404, {}

    def path(self, slug: str) -> str:
        """Return the path of an article, named by the month the incident began in."""
        return f"/{self.script.began:%Y/%m}/{slug}/"

    def article(self, slug: str) -> str:
        """Return an article as a visitor sees it: WordPress's signs in its head, then comments."""
        title, number = escape(self.script.articles[slug]), self.numbers[slug]
        lines = [line for line in self.lines if line.place == slug]
        items = "".join(self._item(line) for line in lines)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<link rel="https://api.w.org/" href="{self.url}/wp-json/">'
            f'<link rel="alternate" type="application/json"'
            f' href="{self.url}/wp-json/wp/v2/posts/{number}">'
            f'<link rel="shortlink" href="{self.url}/?p={number}"></head>'
            f'<body class="single single-post postid-{number}"><h1>{title}</h1>'
            f'<h3 id="comments">{len(lines)} responses to &#8220;{title}&#8221;</h3>'
            f'<ol class="commentlist">{items}</ol></body></html>'
        )

    def comments(self, asked: Asked) -> Told:
        """Answer the question for comments, with WordPress's totals in the headers."""
        size, number = int(asked.get("per_page", "10")), int(asked.get("page", "1"))
        if not 1 <= size <= MOST:
            wrong = {"code": "rest_invalid_param", "message": "Invalid parameter(s): per_page"}
            return wrong | {"data": {"status": 400}}, 400, {}
        found = [line for line in self.lines if self._wanted(line, asked)]
        if asked.get("order", "desc") == "desc":
            found.reverse()
        sheets = -(-len(found) // size)
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(sheets)}
        if number < sheets:
            onward = urlencode({**asked, "page": number + 1})
            headers["Link"] = f'<{self.url}{COMMENTS}?{onward}>; rel="next"'
        fields = asked.get("_fields", "").split(",")
        items = [self._comment(line) for line in found[(number - 1) * size : number * size]]
        if fields != [""]:
            items = [{name: item[name] for name in fields if name in item} for item in items]
        return items, 200, headers

    def _wanted(self, line: Line, asked: Asked) -> bool:
        return (
            asked.get("post") in (None, str(self.numbers[line.place]))
            and not ("after" in asked and line.at <= _instant(asked["after"]))
            and not ("before" in asked and line.at >= _instant(asked["before"]))
        )

    def _comment(self, line: Line) -> dict[str, Any]:
        local = line.at.astimezone(ZoneInfo(self.script.tz))
        return {
            "id": line.id, "post": self.numbers[line.place], "parent": line.reply_to or 0,
            "author": int(line.official), "author_name": line.author, "author_url": "",
            "date": f"{local:%Y-%m-%dT%H:%M:%S}", "date_gmt": f"{line.at:%Y-%m-%dT%H:%M:%S}",
            "content": {"rendered": _rendered(line.text)}, "link": self._link(line),
            "status": "approved", "type": "comment", "meta": [],
        }  # fmt: skip

    def _item(self, line: Line) -> str:
        local = line.at.astimezone(ZoneInfo(self.script.tz))
        own = " byuser bypostauthor" if line.official else ""
        return (
            f'<li class="comment{own} depth-1" id="comment-{line.id}"><div class="comment-body">'
            f'<div class="comment-author vcard"><cite class="fn">{escape(line.author)}</cite>'
            f' <span class="says">says:</span></div><div class="comment-meta commentmetadata">'
            f'<a href="{self._link(line)}">{local:%B %d, %Y at %I:%M %p}</a></div>'
            f"{_rendered(line.text)}</div></li>"
        )

    def _link(self, line: Line) -> str:
        return f"{self.url}{self.path(line.place)}#comment-{line.id}"


def _instant(stamp: str) -> datetime:
    when = datetime.fromisoformat(stamp)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _rendered(text: str) -> str:
    """Return a text as WordPress does: paragraphs, numbered entities, curly apostrophes."""
    safe = escape(text, quote=False).replace("&amp;", "&#038;")
    return "".join(f"<p>{_APOSTROPHE.sub('&#8217;', part)}</p>\n" for part in safe.split("\n"))
