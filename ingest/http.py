"""
The one way out to the web: bounded in time and size, honest about who asks, careful with secrets.

A deadline holds for the whole of a request, however slowly its bytes drip; the size limit sits
inside the decoder, so a bomb never unfolds; a secret never follows a redirect to another origin.
"""

from __future__ import annotations

import ssl
import threading
import time
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from ingest.source import Request, Response
from models.errors import SetupError, SourceBusy, SourceChanged, SourceError, SourceRefused
from models.home import Secrets

CONNECT, READ, WRITE, POOL = 5.0, 30.0, 10.0, 60.0
"""Seconds for each step of a request."""

DEADLINE = 60.0
"""Seconds for a request as a whole, redirects included."""

LARGEST = 10 * 1024 * 1024
"""Bytes of a decoded answer."""

CONNECTIONS = 32
REDIRECTS = 3


class _Clock(threading.local):
    """When the request of this thread must be over; a request lives in one thread."""

    ends = 0.0

    def left(self, timeout: float | None) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the deadline: read timeouts alone never would."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._clock.left(timeout))
        return _Stream(inner, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def __init__(self, clock: _Clock) -> None:
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._clock.left(timeout)
        stream = super().connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._clock)


class _Transport(httpx.HTTPTransport):
    def __init__(self, clock: _Clock) -> None:
        super().__init__(trust_env=False)
        # httpx offers no door for a network backend; its pool is the one place to put it.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            network_backend=_Backend(clock),
        )


class Web:
    """Asks over HTTP. One for all threads; close it when done."""

    def __init__(
        self, secrets: Secrets, agent: str, *, deadline: float = DEADLINE, largest: int = LARGEST
    ) -> None:
        self._secrets = secrets
        self._deadline = deadline
        self._largest = largest
        self._clock = _Clock()
        self._client = httpx.Client(
            transport=_Transport(self._clock),
            timeout=httpx.Timeout(connect=CONNECT, read=READ, write=WRITE, pool=POOL),
            headers={"user-agent": agent, "accept-encoding": "gzip"},
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, request: Request, now: datetime) -> Response:
        """Fetch one answer; raises a SourceError for whatever keeps it from coming."""
        place = _place(request.url)
        self._clock.ends = time.monotonic() + self._deadline
        try:
            return self._follow(request, now)
        except httpx.TimeoutException as error:
            message = f"{place} didn't answer within {self._deadline:.0f} seconds"
            raise SourceBusy(message, "it will be asked again", url=place) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            message = f"{place} isn't an address that can be asked"
            raise SourceRefused(message, "give one that begins with https://", url=place) from error
        except httpx.TransportError as error:
            message = f"{place} can't be reached: {_reason(error)}"
            remedy = "check the address and the network; it will be asked again"
            raise SourceBusy(message, remedy, url=place) from error

    def _follow(self, request: Request, now: datetime) -> Response:
        url = httpx.URL(request.url).copy_merge_params(list(request.params))
        headers = dict(request.headers)
        if request.secret is not None:
            headers["authorization"] = f"Bearer {self._secrets.reveal(request.secret)}"
        for _ in range(REDIRECTS + 1):
            if url.scheme not in ("http", "https"):
                raise _refused(url, "leads away from the web")
            question = self._client.build_request("GET", url, headers=headers)
            answer = self._client.send(question, stream=True)
            try:
                if not answer.has_redirect_location:
                    return Response(
                        request=request,
                        status=answer.status_code,
                        body=self._body(answer),
                        at=now,
                        url=_place(str(answer.url)),
                        headers={name.lower(): value for name, value in answer.headers.items()},
                    )
                target = url.join(answer.headers["location"])
            finally:
                answer.close()
            if request.secret is not None and _origin(target) != _origin(url):
                raise _refused(url, "sends a request with a secret on to another host")
            url = target
        raise _refused(url, f"redirects more than {REDIRECTS} times")

    def _body(self, answer: httpx.Response) -> bytes:
        coding = answer.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", "deflate", ""):
            raise _broken(answer.url, f"is packed as “{coding}”, which wasn't asked for")
        unpack = None if coding in ("identity", "") else zlib.decompressobj(wbits=47)
        whole = bytearray()
        try:
            for raw in answer.iter_raw(65_536):
                room = self._largest + 1 - len(whole)
                whole += raw if unpack is None else unpack.decompress(raw, room)
                if len(whole) > self._largest:
                    size = self._largest // 1024**2
                    raise _broken(answer.url, f"is larger than {size} MiB")
        except zlib.error as error:
            raise _broken(answer.url, "can't be unpacked") from error
        if unpack is not None and not unpack.eof and whole:
            raise _broken(answer.url, "is cut short")
        return bytes(whole)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _place(url: str) -> str:
    """Return an address as it may be shown: without user, password, query or fragment."""
    parts = urlsplit(url)
    if not parts.hostname:
        return url.split("?", maxsplit=1)[0][:200]
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def _reason(error: httpx.TransportError) -> str:
    said = str(error).lower()
    if "name or service not known" in said or "nodename" in said or "name resolution" in said:
        return "no host of that name was found"
    if "certificate" in said:
        return "its certificate isn't valid"
    if "refused" in said:
        return "nothing listens there"
    return str(error) or type(error).__name__


def _refused(url: httpx.URL, what: str) -> SourceError:
    place = _place(str(url))
    return SourceRefused(f"{place} {what}", "check the address", url=place)


def _broken(url: httpx.URL, what: str) -> SourceError:
    place = _place(str(url))
    return SourceChanged(f"the answer of {place} {what}", "open it in a browser", url=place)


def address(text: str) -> str:
    """Return a web address a person gave, with https:// where the scheme was left out."""
    text = text.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in text):
        message = f"“{text}” isn't a web address"
        raise SetupError(message, "it looks like https://blog.example/2026/03/outage/")
    return text
