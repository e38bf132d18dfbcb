"""The real web, with every request led to the fault server on this machine."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ingest.http import Web
from ingest.robots import Robots
from ingest.source import Answer, Request, Response, Source
from tests.ingest.faults.plan import Plan, Task
from tests.ingest.faults.server import MUTE, NOWHERE

_SHORT = 5.0


class Led:
    """
    Asks the good servers, but for the one question that meets the fault.

    As the sources see it, all answers come from where they asked; `longest` is the time the longest
    question took, in seconds. Once `well` is set, the fault is over.
    """

    def __init__(self, web: Web, plan: Plan, beside_host: str, task: Task) -> None:
        self._web, self._robots = web, Robots(web)
        self._plan, self._beside_host, self._task = plan, beside_host, task
        self._asked = 0
        self.longest = 0.0
        self.well = False

    def ask(self, request: Request, now: datetime) -> Response:
        """Fetch one answer."""
        own = urlsplit(request.url)
        origin = urlsplit(self._origin(own.netloc, now))
        there = own._replace(scheme=origin.scheme, netloc=origin.netloc).geturl()
        began = time.monotonic()
        try:
            response = self._robots.ask(msgspec.structs.replace(request, url=there), now)
        finally:
            self.longest = max(self.longest, time.monotonic() - began)
        back = urlsplit(response.url)._replace(scheme=own.scheme, netloc=own.netloc).geturl()
        return msgspec.structs.replace(response, request=request, url=back)

    def _origin(self, host: str, now: datetime) -> str:
        if host == self._beside_host:
            return self._plan.beside.good
        self._asked += 1
        here = self._asked == self._task.at or (self._task.always and self._asked > self._task.at)
        if self.well or not here:
            return self._plan.faulty.good
        if self._task.primed:
            self._web.ask(Request(url=self._task.origin), now)
        return self._task.origin


class Unhurried:
    """A source that needs no pause between two questions: its server is ours."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(self, response: Response) -> Answer:
        """Read an answer without its short pause."""
        answer = self._source.read(response)
        return msgspec.structs.replace(answer, wait=0.0) if answer.wait <= _SHORT else answer


def resolver(seconds: float) -> Callable[[str, int], list[str]]:
    """Return one that knows this machine's names, and one host it says nothing of for so long."""

    def resolve(host: str, port: int) -> list[str]:
        if host == MUTE:
            time.sleep(seconds)
        if host in (MUTE, NOWHERE):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ["127.0.0.1"]

    return resolve
