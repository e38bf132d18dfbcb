"""
What holds for every answer and every write: headers, that a write comes from our own pages, how much.

Written against the bare protocol, so that it stands before everything and streams pass through.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amends.board.door import token_of, visitor
from models.errors import StoreError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
LOCAL = frozenset(["localhost", "127.0.0.1", "::1"])
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via")

SMALL = 64 * 1024
LARGEST = 64 * 1024 * 1024
LARGEST_CALL = 1024 * 1024
"""Bytes a stranger may send us, one whom we know, and who calls a hook."""

HOOKS = "/hooks/"

_READS = frozenset(["GET", "HEAD", "OPTIONS"])
_ELSEWHERE = "this doesn't come from our own pages"
_TOO_MUCH = "that is more than we take"


class Guard:
    """Stands before an application. On a board for one only this machine's own names are answered."""

    def __init__(self, app: ASGIApp, single: str | None = None) -> None:
        self._app = app
        self._single = single

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or turn it away."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            # We speak over nothing else; an unanswered socket is closed by the server.
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(scope, message)
            await send(message)

        why = self._why_not(scope, headers)
        if why:
            await _no(scope, why, 403)(scope, receive, guarded)
            return
        most = await _most(scope, headers)
        if _said_length(headers) > most:
            await _no(scope, _TOO_MUCH, 413)(scope, receive, guarded)
            return
        await self._app(scope, _measured(receive, most), guarded)

    def _why_not(self, scope: Scope, headers: Headers) -> str:
        hosts = headers.getlist("host")
        if self._single is not None and not (
            len(hosts) == 1
            and _split(f"//{hosts[0]}").hostname in LOCAL
            and not any(name in headers for name in FORWARDED)
        ):
            # Another site's name that leads here would make its scripts ours, and a proxy the world.
            return "this board is for this machine alone"
        if scope["method"] in _READS or _brings_token_alone(headers):
            return ""
        if scope["path"].startswith(HOOKS):
            # No cookie counts there, so there is nothing another site could borrow.
            return ""
        sites = headers.getlist("sec-fetch-site")
        if sites:
            return "" if set(sites) == {"same-origin"} else _ELSEWHERE
        origins = headers.getlist("origin")
        if len(hosts) == len(origins) == 1 and hosts[0]:
            origin = _split(origins[0])
            schemes = ("https",) if scope.get("scheme") == "https" else ("http", "https")
            if origin.netloc == hosts[0] and origin.scheme in schemes:
                return ""
        return _ELSEWHERE


async def _most(scope: Scope, headers: Headers) -> int:
    """Return how many bytes we take: much only from somebody we know."""
    if scope["method"] in _READS:
        return SMALL
    if scope["path"].startswith(HOOKS):
        return LARGEST_CALL
    if "transfer-encoding" not in headers and _said_length(headers) <= SMALL:
        return SMALL
    with suppress(StoreError):
        if await run_in_threadpool(visitor, Request(scope)) is not None:
            return LARGEST
    return SMALL


def _measured(receive: Receive, most: int) -> Receive:
    """Return `receive`, ended by an error once more has come than we take."""
    had = 0

    async def measured() -> Message:
        nonlocal had
        message = await receive()
        had += len(message.get("body", b""))
        if had > most:
            raise HTTPException(413, _TOO_MUCH)
        return message

    return measured


def _said_length(headers: Headers) -> int:
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() else LARGEST + 1


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _brings_token_alone(headers: Headers) -> bool:
    """Whether a program asks: no browser sends a token by itself."""
    return token_of(headers.get("authorization", "")) is not None and "cookie" not in headers


def _add_headers(scope: Scope, message: Message) -> None:
    out = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        out[name] = value
    # Scripts and styles are asked for anew after an upgrade; what people said is kept nowhere.
    kept = scope["path"].startswith("/static/")
    out.setdefault("cache-control", "no-cache" if kept else "no-store")
    if scope.get("scheme") == "https":
        out["strict-transport-security"] = "max-age=31536000"


def _no(scope: Scope, why: str, status: int) -> Response:
    if scope["path"].startswith("/api/"):
        return JSONResponse({"error": why, "remedy": ""}, status)
    return PlainTextResponse(why, status)


def broken(_: Request, __: Exception) -> Response:
    """Answer when something broke that nobody foresaw: no traceback leaves the house."""
    return PlainTextResponse("something broke; it is in the log", 500, headers=HEADERS)
