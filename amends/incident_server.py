"""
A recorded incident, served as the platforms would: X's search, a WordPress blog, a forum.

The script lies in plain files (`incident.toml`, `posts.jsonl`); this server speaks each
platform's own shape, bad moments included, so that all of the corridor behind it is the real one.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from amends.incident_blog import Blog, Told
from amends.incident_forum import THREAD, Forum
from amends.incident_script import Line, Script, read_lines, read_script

X_EPOCH = 1_288_834_974_657
"""Milliseconds since 1970 at which X's ids begin."""

QUESTIONS = 450
"""How many questions X takes in a quarter of an hour."""

_STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_MOST = {"recent": 100, "all": 500}


def x_id(line: Line) -> str:
    """Return an id as X would have given it at that time."""
    return str(((int(line.at.timestamp() * 1000) - X_EPOCH) << 22) + line.id)


class IncidentServer:
    """
    Serves one folder on a free port of this machine while a `with` lasts; `url` says where.

    Once each, in the middle of a chain, X has had too many questions and the forum is overloaded.
    """

    def __init__(self, folder: Path) -> None:
        self.script = read_script(folder)
        self.lines = read_lines(folder)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._hiccups = {"x", "forum"}
        self.play(self.script.plays_at)

    def __enter__(self) -> Self:
        """Begin to serve."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def play(self, until: datetime) -> None:
        """Serve from now on what was said up to a moment, as it was served then; at first that is all."""
        lines = [line for line in self.lines if line.at <= until]
        self._until = until
        self._x = _X(self.script, lines)
        self._blog = Blog(self.script, lines, self.url)
        self._forum = Forum(self.script, lines, self.url)

    def answer(self, path: str, asked: Mapping[str, str], *, bearer: bool) -> Told:
        """Answer a question as the platform at this path would; text is HTML, the rest JSON."""
        if path.startswith("/2/"):
            return self._answer_as_x(path, asked, bearer=bearer)
        if path == THREAD:
            number = int(asked.get("page", "1"))
            if number > 1 and self._stumbles("forum"):
                return "<h1>Back in a moment</h1>", 503, {"Retry-After": "1"}
            return self._forum.page(number), 200, {}
        return self._blog.answer(path, asked)

    def _answer_as_x(self, path: str, asked: Mapping[str, str], *, bearer: bool) -> Told:
        if not bearer:
            return _problem("Unauthorized", 401, "Unauthorized"), 401, {}
        kind, _, reach = path.removeprefix("/2/tweets/").partition("/")
        if kind not in ("search", "counts") or reach not in _MOST or path == "/2/tweets/counts/all":
            return _problem("Not Found Error", 404, "There is nothing at this path."), 404, {}
        ends = int(self._until.timestamp())
        limits = {"x-rate-limit-limit": str(QUESTIONS), "x-rate-limit-reset": str(ends)}
        if "next_token" in asked and self._stumbles("x"):
            used_up = limits | {"x-rate-limit-remaining": "0", "Retry-After": "1"}
            return _problem("Too Many Requests", 429, "Too Many Requests"), 429, used_up
        body, status = self._x.answer(kind, reach, asked)
        return body, status, limits | {"x-rate-limit-remaining": str(QUESTIONS - 1)}

    def _stumbles(self, place: str) -> bool:
        # Asked from many threads: only the one that takes the hiccup away has it.
        try:
            self._hiccups.remove(place)
        except KeyError:
            return False
        return True


class _X:
    """X as its search tells it, in the classic dialect: newest first, part by part."""

    def __init__(self, script: Script, lines: Sequence[Line]) -> None:
        self.script = script
        self.lines = [line for line in reversed(lines) if line.place == "x"]
        self.by_id = {line.id: line for line in self.lines}
        self.replies = Counter(line.reply_to for line in self.lines)

    def answer(self, kind: str, reach: str, asked: Mapping[str, str]) -> tuple[Any, int]:
        """Answer a search or a count."""
        if not asked.get("query"):
            return _problem("Invalid Request", 400, "`query` can not be empty"), 400
        if {"since_id", "until_id"} & asked.keys() and {"start_time", "end_time"} & asked.keys():
            message = (
                "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or"
                " 'end_time'."
            )
            return _problem("Invalid Request", 400, message), 400
        found = [line for line in self.lines if _asked_for(line, asked)]
        if kind == "counts":
            return _counted(found, asked.get("granularity", "hour")), 200
        most = int(asked.get("max_results", "10"))
        if not 10 <= most <= _MOST[reach]:
            message = f"The `max_results` query parameter value [{most}] is not valid"
            return _problem("Invalid Request", 400, message), 400
        return self._found(found, int(asked.get("next_token", "b0")[1:]), most), 200

    def _found(self, found: Sequence[Line], start: int, most: int) -> dict[str, Any]:
        part = found[start : start + most]
        if not part:
            return {"meta": {"result_count": 0}}
        meta: dict[str, Any] = {
            "newest_id": x_id(part[0]), "oldest_id": x_id(part[-1]), "result_count": len(part),
        }  # fmt: skip
        if start + most < len(found):
            meta["next_token"] = f"b{start + most}"
        parents = {line.reply_to or line.repost_of for line in part} - {None}
        others = [line for line in self.lines if line.id in parents]
        people = {line.author: line for line in (*part, *others)}
        return {
            "data": [self._said(line) for line in part],
            "includes": {
                "users": [_person(line) for line in people.values()],
                "tweets": [self._said(line) for line in others],
            },
            "meta": meta,
        }

    def _said(self, line: Line) -> dict[str, Any]:
        said: dict[str, Any] = {
            "id": x_id(line), "text": escape(line.text, quote=False),
            "author_id": _number(line.author), "created_at": _zulu(line.at), "lang": line.lang,
            "conversation_id": x_id(self._root(line)), "edit_history_tweet_ids": [x_id(line)],
            "public_metrics": {
                "retweet_count": line.reposts, "reply_count": self.replies[line.id],
                "like_count": line.likes, "quote_count": 0, "bookmark_count": 0,
                "impression_count": line.followers // 3 + line.likes * 20,
            },
        }  # fmt: skip
        if line.reply_to is not None:
            parent = self.by_id[line.reply_to]
            said["referenced_tweets"] = [{"type": "replied_to", "id": x_id(parent)}]
            said["in_reply_to_user_id"] = _number(parent.author)
        if line.repost_of is not None:
            original = self.by_id[line.repost_of]
            said["referenced_tweets"] = [{"type": "retweeted", "id": x_id(original)}]
            said["text"] = escape(f"RT @{original.author}: {original.text}"[:140], quote=False)
            said["public_metrics"]["retweet_count"] = original.reposts
        return said

    def _root(self, line: Line) -> Line:
        while line.reply_to is not None:
            line = self.by_id[line.reply_to]
        return line


def _counted(found: Sequence[Line], granularity: str) -> dict[str, Any]:
    step = _STEPS[granularity]
    buckets = Counter(int(line.at.timestamp() // step.total_seconds()) for line in found)
    data = []
    for bucket in range(min(buckets, default=0), max(buckets, default=-1) + 1):
        start = datetime.fromtimestamp(bucket * step.total_seconds(), UTC)
        data.append(
            {"start": _zulu(start), "end": _zulu(start + step), "tweet_count": buckets[bucket]}
        )
    return {"data": data, "meta": {"total_tweet_count": len(found)}}


def _asked_for(line: Line, asked: Mapping[str, str]) -> bool:
    bounds: dict[str, Callable[[str], bool]] = {
        "since_id": lambda value: int(x_id(line)) > int(value),
        "until_id": lambda value: int(x_id(line)) < int(value),
        "start_time": lambda value: line.at >= datetime.fromisoformat(value),
        "end_time": lambda value: line.at < datetime.fromisoformat(value),
    }
    return all(holds(asked[name]) for name, holds in bounds.items() if name in asked)


def _problem(title: str, status: int, detail: str) -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": "about:blank", "status": status}


def _number(author: str) -> str:
    return str(1_000_000 + int.from_bytes(author.encode(), "big") % 4_294_967_291)


def _person(line: Line) -> dict[str, Any]:
    return {
        "id": _number(line.author), "username": line.author, "name": line.author,
        "public_metrics": {"followers_count": line.followers},
    }  # fmt: skip


def _zulu(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _door(server: IncidentServer) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        """Lets questions in and answers out."""

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def do_GET(self) -> None:
            """Answer what is asked."""
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            bearer = self.headers.get("Authorization", "").startswith("Bearer ")
            body, status, headers = server.answer(parts.path, asked, bearer=bearer)
            kind = "text/html" if isinstance(body, str) else "application/json"
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    return Door
