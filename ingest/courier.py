"""
The one way to hand something over to a web address, as chat and webhooks want it.

Over the same guarded connections as all that is asked, with a deadline for the whole, no cookie, and
no redirect: what was meant for one address never goes to another. What the address is stays out of
every message, since it may be a secret itself; only its host is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from ingest import waiting
from ingest.connection import Clock, Transport, proxy_from
from ingest.guard import Guard, Resolve, key, resolve
from models.errors import OutputBusy, OutputRefused, SourceRefused
from models.secret import redacted

DEADLINE = 30.0
"""Seconds for handing something over."""

LONGEST_ANSWER = 2_000
"""Bytes of an answer that are looked at."""


class Courier:
    """Hands things over. One for all threads; close it when done. Arguments as for `Web`."""

    def __init__(
        self,
        agent: str,
        *,
        private: frozenset[str] = frozenset(),
        proxy: str | None = None,
        resolve: Resolve = resolve,
        deadline: float = DEADLINE,
    ) -> None:
        self._deadline = deadline
        self._clock = Clock()
        self._guard = guard = Guard(private, resolve)
        self._through = proxy_from(proxy) if proxy else None
        if self._through is not None:
            guard = Guard(frozenset([_server(self._through.url)]), resolve)
        self._client = httpx.Client(
            transport=Transport(guard, self._clock, self._through),
            headers={"user-agent": agent, "accept-encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def hand(self, url: str, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Post `body`; return once it was taken, else OutputBusy or OutputRefused."""
        host = ""
        try:
            to = httpx.URL(url)
            host = to.host
            if to.scheme not in ("https", "http") or not host:
                message = "the address doesn't begin with https://"
                raise OutputRefused(message, "mend it")
            with self._clock.running(self._deadline):
                self._ask_guard(to)
                self._hand(to, body, headers, now)
        except SourceRefused as error:
            raise OutputRefused(error.message, error.remedy) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            message = "the address can't be used"
            raise OutputRefused(message, "give one that begins with https://") from error
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            message = f"{host} didn't answer within {self._deadline:.0f} seconds"
            raise OutputBusy(message, "it will be tried again") from error
        except (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            message = f"{host} can't be reached ({type(error).__name__})"
            raise OutputBusy(message, "check the network; it will be tried again") from error

    def _ask_guard(self, to: httpx.URL) -> None:
        if self._through is not None:
            # A name that only the proxy knows is the proxy's to judge.
            with suppress(OSError):
                host = to.raw_host.decode("ascii")
                port = to.port or {"http": 80, "https": 443}[to.scheme]
                self._guard.addresses(host, port, self._clock.left(None))

    def _hand(self, to: httpx.URL, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        timeout = httpx.Timeout(self._clock.left(None))
        question = self._client.build_request(
            "POST", to, content=body, headers=dict(headers), timeout=timeout
        )
        answer = self._client.send(question, stream=True)
        try:
            check(to.host, answer.status_code, answer.headers, _beginning(answer), now)
        finally:
            answer.close()


def check(host: str, status: int, headers: Mapping[str, str], said: str, now: datetime) -> None:
    """Return if a status means that it was taken; else OutputBusy or OutputRefused."""
    if 200 <= status < 300:
        return
    message = f"{host} answered {status}" + (f": {said}" if said else "")
    if status in (408, 425, 429) or status >= 500:
        wait = waiting.retry_after({name.lower(): headers[name] for name in headers}, now)
        raise OutputBusy(message, "it will be tried again", retry_after=wait)
    remedy = (
        "give the address it redirects to" if status < 400 else "check the address and its secret"
    )
    raise OutputRefused(message, remedy)


def _beginning(answer: httpx.Response) -> str:
    whole = b""
    with suppress(httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError):
        for part in answer.iter_raw():
            whole += part
            if len(whole) > LONGEST_ANSWER:
                break
    shown = "".join(c if c.isprintable() else " " for c in whole.decode("utf-8", "replace"))
    # Struck out before it is cut, or the half of a secret would stay.
    return redacted(" ".join(shown.split()))[:120]


def _server(url: httpx.URL) -> str:
    return key(url.raw_host.decode("ascii"), url.port or {"http": 80, "https": 443}[url.scheme])
