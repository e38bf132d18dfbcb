"""
How a connection is made: only to addresses the guard allows, and for no longer than the deadline.

httpcore has one door for this, its network backend; all of httpx's traffic goes through it.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from ingest.guard import Guard
from models.errors import SetupError

CONNECTIONS = 32


class Clock(threading.local):
    """When the request of this thread must be over; a request lives in one thread."""

    ends = 0.0

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """Let a request take that long, and one inside another no longer than the outer one."""
        outer, ends = self.ends, time.monotonic() + seconds
        self.ends = min(outer, ends) if outer else ends
        try:
            yield
        finally:
            self.ends = outer

    def left(self, timeout: float | None) -> float:
        """Return how many seconds a step may take; ReadTimeout once the time is over."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the deadline: read timeouts alone never would."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
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
    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard, self._clock = guard, clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._guard.addresses(host, port, self._clock.left(timeout))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for at, address in enumerate(addresses, 1):
            left = self._clock.left(timeout)
            try:
                # The address, not the name: a name could mean another machine by now.
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if at == len(addresses):
                    raise
            else:
                return _Stream(stream, self._clock)
        raise httpcore.ConnectError


class Transport(httpx.HTTPTransport):
    """httpx's way out, over guarded connections; with a `proxy`, all of them lead there."""

    def __init__(self, guard: Guard, clock: Clock, proxy: httpx.Proxy | None) -> None:
        super().__init__(trust_env=False)
        # httpx offers no door for a network backend; its pool is the one place to put it.
        shared: dict[str, Any] = {
            "ssl_context": httpx.create_ssl_context(trust_env=False),
            "max_connections": CONNECTIONS,
            "max_keepalive_connections": CONNECTIONS,
            "network_backend": _Backend(guard, clock),
        }
        self._pool = (
            httpcore.ConnectionPool(**shared)
            if proxy is None
            else httpcore.HTTPProxy(str(proxy.url), proxy_auth=proxy.raw_auth, **shared)
        )


def proxy_from(address: str) -> httpx.Proxy:
    """Return the proxy at an address such as http://proxy.test:3128; SetupError if it is none."""
    try:
        proxy = httpx.Proxy(address)
        good = proxy.url.scheme in ("http", "https") and bool(proxy.url.host)
    except (ValueError, httpx.InvalidURL):
        good = False
    if not good:
        message = "AMENDS_PROXY isn't the address of a proxy"
        raise SetupError(message, "it looks like http://proxy.test:3128")
    return proxy
