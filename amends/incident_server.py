"""
A recorded incident, served as the platforms would: X's search, a WordPress blog, a forum.

The script lies in plain files (`incident.toml`, `posts.jsonl`); this server speaks each
platform's own shape, so that all of the corridor behind it is the real one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from amends.incident_script import Line, read_lines, read_script

X_EPOCH = 1_288_834_974_657
"""Milliseconds since 1970 at which X's ids begin."""

ON_ONE_SHEET = 25
HICCUP_AT = 3
"""Which question to X is answered with "too many requests", once."""


def x_id(line: Line) -> str:
    """Return an id as X would have given it at that time."""
    return str(((int(line.at.timestamp() * 1000) - X_EPOCH) << 22) + line.id)


class IncidentServer:
    """Serves one folder on a free port of this machine while a `with` lasts; `url` says where."""

    def __init__(self, folder: Path) -> None:
        self.script = read_script(folder)
        self.lines = read_lines(folder)
        self.by_id = {line.id: line for line in self.lines}
        self.asked = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Begin to serve."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def at(self, place: str) -> list[Line]:
        """Return what was said at one place, oldest first."""
        return [line for line in self.lines if line.place == place]

    def search(self, asked: dict[str, str]) -> tuple[dict[str, Any], int]:
        """Answer X's search: newest first, a hundred at a time."""
        self.asked += 1
        if self.asked == HICCUP_AT:
            return {"title": "Too Many Requests", "type": "about:blank", "status": 429}, 429
        found = [line for line in reversed(self.at("x")) if _asked_for(line, asked)]
        start = int(asked.get("next_token", "b0")[1:])
        most = int(asked.get("max_results", "10"))
        part = found[start : start + most]
        meta: dict[str, Any] = {"result_count": len(part)}
        if not part:
            return {"meta": meta}, 200
        meta |= {"newest_id": x_id(part[0]), "oldest_id": x_id(part[-1])}
        if start + most < len(found):
            meta["next_token"] = f"b{start + most}"
        originals = [self.by_id[line.repost_of] for line in part if line.repost_of]
        people = {line.author: line for line in (*part, *originals)}
        return {
            "data": [self._x(line) for line in part],
            "includes": {
                "users": [_person(line) for line in people.values()],
                "tweets": [self._x(line) for line in originals],
            },
            "meta": meta,
        }, 200

    def counts(self, asked: dict[str, str]) -> tuple[dict[str, Any], int]:
        """Answer X's counts with one bucket."""
        found = [line for line in self.at("x") if _asked_for(line, asked)]
        return {"data": [], "meta": {"total_tweet_count": len(found)}}, 200

    def _x(self, line: Line) -> dict[str, Any]:
        said: dict[str, Any] = {
            "id": x_id(line), "text": escape(line.text, quote=False), "author_id": _number(line.author),
            "created_at": _zulu(line.at), "conversation_id": x_id(line), "lang": "en",
            "edit_history_tweet_ids": [x_id(line)],
            "public_metrics": {"retweet_count": line.reposts, "like_count": line.likes,
                               "reply_count": 0, "quote_count": 0, "impression_count": 0},
        }  # fmt: skip
        if line.reply_to is not None:
            parent = self.by_id[line.reply_to]
            said["referenced_tweets"] = [{"type": "replied_to", "id": x_id(parent)}]
            said["conversation_id"] = x_id(parent)
        if line.repost_of is not None:
            original = self.by_id[line.repost_of]
            said["referenced_tweets"] = [{"type": "retweeted", "id": x_id(original)}]
            said["text"] = f"RT @{original.author}: {original.text}"[:140]
        return said

    def article(self, slug: str) -> str:
        """Return a blog article as a visitor sees it, with the signs of WordPress in its head."""
        number = 40 + list(self.script.articles).index(slug)
        return (
            f"<!doctype html><html><head><title>{escape(self.script.articles[slug])}</title>"
            f'<link rel="https://api.w.org/" href="{self.url}/wp-json/">'
            f'<link rel="alternate" type="application/json" '
            f'href="{self.url}/wp-json/wp/v2/posts/{number}"></head>'
            f'<body class="single postid-{number}"><h1>{escape(self.script.articles[slug])}</h1>'
            f'<h3 id="comments">{len(self.at(slug))} responses</h3></body></html>'
        )

    def comments(self, asked: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Answer WordPress's comment question: oldest first, with totals in the headers."""
        slugs = list(self.script.articles)
        wanted = [slugs[int(asked["post"]) - 40]] if "post" in asked else slugs
        found = [line for line in self.lines if line.place in wanted]
        if after := asked.get("after"):
            since = datetime.fromisoformat(after)
            since = since if since.tzinfo else since.replace(tzinfo=UTC)
            found = [line for line in found if line.at > since]
        size, number = int(asked.get("per_page", "10")), int(asked.get("page", "1"))
        totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // size))}
        part = found[(number - 1) * size : number * size]
        return [self._comment(line, slugs) for line in part], totals

    def _comment(self, line: Line, slugs: list[str]) -> dict[str, Any]:
        text = "".join(f"<p>{escape(part)}</p>\n" for part in line.text.split("\n"))
        return {
            "id": line.id, "post": 40 + slugs.index(line.place), "parent": line.reply_to or 0,
            "author": 0, "author_name": line.author, "date_gmt": f"{line.at:%Y-%m-%dT%H:%M:%S}",
            "content": {"rendered": text}, "status": "approved", "type": "comment",
            "link": f"{self.url}/blog/{line.place}/#comment-{line.id}",
        }  # fmt: skip

    def forum(self, number: int) -> str:
        """Return one sheet of the forum's thread, where each says something, some quoting."""
        found = self.at("forum")
        sheets = -(-len(found) // ON_ONE_SHEET)
        part = found[(number - 1) * ON_ONE_SHEET : number * ON_ONE_SHEET]
        links = "".join(
            f'<a class="page-numbers" href="{self.url}/forum/t/881?cpage={n}">{n}</a> '
            for n in range(1, sheets + 1) if n != number
        )  # fmt: skip
        items = "".join(self._said(line) for line in part)
        return (
            f"<!doctype html><html><head><title>Reelpost down?</title></head><body><h1>Reelpost down?"
            f'</h1><h3 id="comments">{len(part)} comments</h3><ol class="commentlist">{items}</ol>'
            f'<div class="navigation">{links}</div></body></html>'
        )

    def _said(self, line: Line) -> str:
        local = line.at.astimezone(ZoneInfo(self.script.tz))
        quote = ""
        if line.reply_to is not None:
            other = self.by_id[line.reply_to]
            quote = f"<blockquote>{escape(other.author)} said: {escape(other.text)}</blockquote>"
        return (
            f'<li class="comment" id="comment-{line.id}"><div class="comment-body">'
            f'<div class="comment-author vcard"><cite class="fn">{escape(line.author)}</cite> '
            f'<span class="says">said:</span></div><div class="comment-meta commentmetadata">'
            f'<a href="#comment-{line.id}">{local:%B %d, %Y at %I:%M %p}</a></div>'
            f"{quote}<p>{escape(line.text)}</p></div></li>"
        )


def _asked_for(line: Line, asked: dict[str, str]) -> bool:
    bounds: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("since_id", lambda value: int(x_id(line)) > int(value)),
        ("until_id", lambda value: int(x_id(line)) < int(value)),
        ("start_time", lambda value: line.at >= datetime.fromisoformat(value)),
        ("end_time", lambda value: line.at < datetime.fromisoformat(value)),
    )
    return all(holds(asked[name]) for name, holds in bounds if name in asked)


def _number(author: str) -> str:
    return str(sum(ord(c) * 31**i for i, c in enumerate(author)) % 10**10)


def _person(line: Line) -> dict[str, Any]:
    return {
        "id": _number(line.author), "username": line.author, "name": line.author,
        "public_metrics": {"followers_count": line.followers},
    }  # fmt: skip


def _zulu(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _door(server: IncidentServer) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        """Leads each path to what answers it."""

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def do_GET(self) -> None:
            """Answer as the platform at this path would."""
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            slug = parts.path.strip("/").removeprefix("blog/")
            if parts.path.startswith("/2/"):
                if not self.headers.get("Authorization", "").startswith("Bearer "):
                    self._send(json.dumps({"title": "Unauthorized", "status": 401}), 401)
                    return
                answer = server.counts if "/counts/" in parts.path else server.search
                body, status = answer(asked)
                self._send(json.dumps(body), status, {"Retry-After": "1"} if status == 429 else {})
            elif parts.path == "/wp-json/wp/v2/comments":
                comments, totals = server.comments(asked)
                self._send(json.dumps(comments), 200, totals)
            elif parts.path == "/forum/t/881":
                self._send(server.forum(int(asked.get("cpage", "1"))), kind="text/html")
            elif slug in server.script.articles:
                self._send(server.article(slug), kind="text/html")
            else:
                self._send(json.dumps({"code": "rest_no_route"}), 404)

        def _send(
            self,
            body: str,
            status: int = 200,
            headers: dict[str, str] | None = None,
            kind: str = "application/json",
        ) -> None:
            data = body.encode()
            self.send_response(status)
            for name, value in (
                {"Content-Type": f"{kind}; charset=utf-8"} | (headers or {})
            ).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Door
