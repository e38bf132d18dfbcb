"""
X's compliance jobs and look-ups while people delete, lock and edit: by simulated time, no network.

It answers as X documents it: one job at a time (else 409), a quarter of an hour to hand the ids over, minutes
of work, a line only for what something happened to and only the worst of it, the addresses for ids and
results good for that one thing and to be asked with the token.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ingest.source import Request, Response
from tests.ingest.fake_x import _answer, _problem

API = "https://api.x.com"
WINDOW = timedelta(minutes=15)
GONE = ("deleted", "protected", "deactivated", "suspended")
ACTIONS = dict.fromkeys(GONE, "delete") | {"tweet_edited": "rehydrate", "geo_scrubbed": "scrub_geo"}


class Killed(BaseException):
    """The process ends here, whatever X has done by then."""


class Event(NamedTuple):
    """What happened to a post, and when."""

    post: str
    kind: str
    at: datetime


class FakeCompliance:
    """
    One app's jobs. `down` is when nothing of them answers; `kills` the chance that we die of an answer.

    `asked` keeps every question.
    """

    def __init__(
        self,
        posts: dict[str, str],
        events: Iterable[Event],
        down: tuple[datetime, datetime],
        *,
        seed: int = 0,
        kills: float = 0.0,
    ) -> None:
        self.asked: list[Request] = []
        self.killed = 0
        self._posts, self._down, self._kills = posts, down, kills
        self._events = {one.post: one for one in events}
        self._dice = random.Random(f"compliance {seed}")
        self._jobs: list[dict[str, Any]] = []

    def ask(self, request: Request, now: datetime) -> Response:
        """Answer one question."""
        self.asked.append(request)
        said = self._said(request, now)
        if self._dice.random() < self._kills:
            self.killed += 1
            raise Killed
        return said

    def _said(self, request: Request, now: datetime) -> Response:
        path = request.url.removeprefix(API)
        if path == "/2/tweets":
            return _answer(request, now, 200, self._look(dict(request.params)["ids"], now))
        if self._down[0] <= now < self._down[1]:
            return _answer(request, now, 503, b"<html><h1>Over capacity</h1></html>")
        assert request.secret == "X_BEARER_TOKEN"
        self._age(now)
        if request.method == "POST":
            return self._create(request, now)
        number, _, what = path.removeprefix("/2/compliance/jobs/").partition("/")
        job = self._jobs[int(number)]
        if not what:
            return _answer(request, now, 200, _told(job))
        if what != job["token"] or (request.method == "PUT") != (job["status"] == "created"):
            return _answer(request, now, 403, _problem(403, "Forbidden"))
        return _answer(request, now, 200, self._signed(request, job, now))

    def _signed(self, request: Request, job: dict[str, Any], now: datetime) -> bytes:
        if request.method == "GET":
            return self._results(job)
        assert request.headers == {"content-type": "text/plain"}
        took = timedelta(minutes=self._dice.choice((1, 5, 20)))
        ids = (request.body or b"").decode().split()
        job |= {"ids": ids, "status": "in_progress", "until": now + took}
        return b""

    def _create(self, request: Request, now: datetime) -> Response:
        assert json.loads(request.body or b"")["type"] == "tweets"
        if any(job["status"] in ("created", "in_progress") for job in self._jobs):
            return _answer(request, now, 409, _problem(409, "Conflict"))
        token = f"signed?token={self._dice.randbytes(8).hex()}"
        job = {"id": len(self._jobs), "status": "created", "token": token, "until": now + WINDOW}
        self._jobs.append(job)
        return _answer(request, now, 200, _told(job))

    def _age(self, now: datetime) -> None:
        for job in self._jobs:
            if job["until"] <= now and job["status"] == "created":
                job["status"] = "expired"
            elif job["until"] <= now and job["status"] == "in_progress":
                failed = self._dice.random() < 0.1
                job |= {"status": "failed" if failed else "complete", "seen": job["until"]}

    def _results(self, job: dict[str, Any]) -> bytes:
        lines = [
            {"id": one, "action": ACTIONS[event.kind], "reason": event.kind}
            for one in job["ids"]
            if (event := self._events.get(one)) and event.at <= job["seen"]
        ]
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    def _look(self, ids: str, now: datetime) -> bytes:
        data, errors = [], []
        for one in ids.split(","):
            event = self._events.get(one)
            happened = event.kind if event and event.at <= now else ""
            if happened in GONE:
                errors.append({"resource_id": one, "type": f"{API}/2/problems/resource-not-found"})
                continue
            edited = happened == "tweet_edited"
            own = str(int(one) + 1) if edited else one
            text = f"after an edit {one[-6:]}" if edited else self._posts[one]
            data.append({
                "id": own, "text": text, "author_id": "77", "created_at": "2026-03-03T09:00:00.000Z",
                "edit_history_tweet_ids": [one, own] if edited else [one],
            })  # fmt: skip
        return json.dumps({"data": data} | ({"errors": errors} if errors else {})).encode()


def _told(job: dict[str, Any]) -> bytes:
    place = f"{API}/2/compliance/jobs/{job['id']}"
    data = {"id": str(job["id"]), "type": "tweets", "status": job["status"],
            "upload_url": f"{place}/{job['token']}", "download_url": f"{place}/{job['token']}"}  # fmt: skip
    return json.dumps({"data": data}).encode()
