"""All doors of a board, and a way to knock at one that needs only the number of the answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import FastAPI

WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Way(NamedTuple):
    """One method of one route, and the role it names; None if it names none."""

    method: str
    path: str
    role: str | None

    def filled(self, **known: str) -> str:
        """Return an address with something in each gap; 1 where nothing is known."""
        return re.sub(r"{(\w+)(:\w+)?}", lambda gap: known.get(gap[1], "1"), self.path)


def ways(routes: Iterable[Any]) -> Iterator[Way]:
    """Yield every way in, included routers walked through."""
    for route in routes:
        inside = getattr(route, "original_router", None)
        if inside is not None:
            yield from ways(inside.routes)
            continue
        role = (getattr(route, "openapi_extra", None) or {}).get("x-role")
        for method in sorted(getattr(route, "methods", None) or {"ANY"}):
            yield Way(method, route.path, role)


class Answer(NamedTuple):
    """How an answer begins."""

    status: int
    headers: dict[str, str]


def knock(
    app: FastAPI, method: str, address: str, headers: dict[str, str], body: bytes = b""
) -> Answer:
    """Return how an answer begins; a stream, which never ends, is hung up on."""
    return asyncio.run(_knock(app, method, address, headers, body))


async def _knock(
    app: FastAPI, method: str, address: str, headers: dict[str, str], body: bytes
) -> Answer:
    began: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in sent:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not began.done():
            began.set_result(message)

    url = urlsplit(address)
    said = {"host": "testserver", "content-length": str(len(body))} | headers
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": url.path, "raw_path": url.path.encode(), "root_path": "",
        "query_string": url.query.encode(), "client": ("10.0.0.1", 1), "server": ("testserver", 80),
        "headers": [(k.lower().encode(), v.encode()) for k, v in said.items()], "state": {},
    }  # fmt: skip
    task = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait([task, began], timeout=30, return_when=asyncio.FIRST_COMPLETED)
    if not began.done():
        await task
    message = began.result()
    found = {k.decode().lower(): v.decode() for k, v in message["headers"]}
    if found.get("content-type", "").startswith("text/event-stream"):
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return Answer(message["status"], found)
