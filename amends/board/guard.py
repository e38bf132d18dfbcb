"""
What holds for every answer and every write: headers, and that a write comes from our own pages.

Written against the bare protocol, so that it stands before everything and streams pass through.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
LOCAL = frozenset(["localhost", "127.0.0.1", "[::1]", "::1"])
_READS = frozenset(["GET", "HEAD", "OPTIONS"])


class Guard:
    """Stands before an application. On a board for one only this machine's own names are answered."""

    def __init__(self, app: ASGIApp, single: str | None = None) -> None:
        self._app = app
        self._single = single

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or turn it away."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        why = self._why_not(scope, headers)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    out[name] = value
                if not scope["path"].startswith("/static/"):
                    out.setdefault("cache-control", "no-store")
                if scope.get("scheme") == "https":
                    out["strict-transport-security"] = "max-age=31536000"
            await send(message)

        if why:
            await PlainTextResponse(why, 403)(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)

    def _why_not(self, scope: Scope, headers: Headers) -> str:
        host = headers.get("host", "")
        if self._single is not None and urlsplit(f"//{host}").hostname not in LOCAL:
            # Another site's name that leads here would make its scripts ours.
            return "this board is for this machine alone"
        if scope["method"] in _READS or _brings_token_alone(headers):
            return ""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return "" if site == "same-origin" else "this doesn't come from our own pages"
        origin = headers.get("origin", "")
        if urlsplit(origin).netloc == host and host:
            return ""
        return "this doesn't come from our own pages"


def _brings_token_alone(headers: Headers) -> bool:
    """Whether a program asks: no browser sends a token by itself."""
    return (
        headers.get("authorization", "").lower().startswith("bearer ") and "cookie" not in headers
    )
