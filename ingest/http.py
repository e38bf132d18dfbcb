"""
The one way out to the web: bounded in time and size, honest about who asks, careful with secrets.

A deadline holds for the whole of a request, however slowly its bytes drip; the size limit sits
inside the decoder, so a bomb never unfolds; a secret never follows a redirect to another origin;
and every connection, a redirect's too, goes only where the guard allows.

With a proxy the guard can judge only the name: what it means is looked up here too, and refused if
that is private, but the proxy looks it up again. So the proxy must refuse private addresses itself.
The proxies of the environment (HTTP_PROXY and the like) are never used.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpcore
import httpx

from ingest.connection import Clock, Transport, proxy_from
from ingest.guard import Guard, Resolve, key, resolve
from ingest.source import LARGEST, Request, Response
from models.errors import SetupError, SourceBusy, SourceChanged, SourceError, SourceRefused
from models.home import Secrets
from models.secret import know

CONNECT, READ, WRITE, POOL = 5.0, 30.0, 10.0, 60.0
"""Seconds for each step of a request."""

DEADLINE = 60.0
"""Seconds for a request as a whole, redirects included."""

REDIRECTS = 3
_MEMBER = b"\x1f\x8b"

TRAVELLERS = frozenset(["accept", "accept-language", "if-modified-since", "if-none-match"])
"""Headers that may follow a redirect to another origin; any other may hold a secret."""


class Web:
    """
    Asks over HTTP. One for all threads; close it when done.

    `private` names servers, as host:port, that may be asked although they aren't public; `proxy` is
    the address of one to send everything through; `resolve` finds a host's addresses.
    """

    def __init__(
        self,
        secrets: Secrets,
        agent: str,
        *,
        private: frozenset[str] = frozenset(),
        proxy: str | None = None,
        resolve: Resolve = resolve,
        deadline: float = DEADLINE,
        largest: int = LARGEST,
    ) -> None:
        self._secrets = secrets
        self._deadline = deadline
        self._largest = largest
        self._clock = Clock()
        self._guard = guard = Guard(private, resolve)
        through = self._proxy = proxy_from(proxy) if proxy else None
        if through is not None:
            # Connections lead to the proxy alone, which was named on purpose.
            guard = Guard(frozenset([_server(through.url)]), resolve)
        self._client = httpx.Client(
            transport=Transport(guard, self._clock, through),
            headers={"user-agent": agent, "accept-encoding": "gzip"},
            # No cookie is kept: nobody follows us from one watch to the next, or fills our memory.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, request: Request, now: datetime, hop: Callable[[str], object] = str) -> Response:
        """
        Fetch one answer; raises a SourceError for whatever keeps it from coming.

        `hop` is told each address before it is asked, a redirect's too, and may refuse by raising.
        """
        place = _place(request)
        if request.signed:
            # It mustn't be read from anybody's log, nor from httpx's.
            know([request.url])
        try:
            with self._clock.running(self._deadline):
                return self._follow(request, now, hop)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            message = f"{place} didn't answer within {self._deadline:.0f} seconds"
            raise SourceBusy(message, "it will be asked again", url=place) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            message = f"{place} isn't an address that can be asked"
            raise SourceRefused(message, "give one that begins with https://", url=place) from error
        except httpx.TransportError as error:
            message = f"{place} can't be reached: {_reason(error)}"
            remedy = "check the address and the network; it will be asked again"
            raise SourceBusy(message, remedy, url=place) from error

    def _follow(self, request: Request, now: datetime, hop: Callable[[str], object]) -> Response:
        url = httpx.URL(request.url)
        if not request.signed:
            # A signature holds for the very letters it was made for.
            url = url.copy_merge_params(list(request.params))
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.secret is not None:
            headers["authorization"] = f"Bearer {self._secrets.reveal(request.secret)}"
        for _ in range(REDIRECTS + 1):
            self._check(url)
            hop(str(url))
            answer = self._client.send(self._question(request, url, headers), stream=True)
            try:
                if not answer.has_redirect_location:
                    place = _place(request) if request.signed else shown(str(answer.url))
                    return Response(
                        request=request,
                        status=answer.status_code,
                        body=self._body(answer, min(self._largest, request.largest), place),
                        at=now,
                        url=place,
                        headers={name.lower(): value for name, value in answer.headers.items()},
                    )
                if request.method != "GET" or request.signed:
                    raise _refused(
                        httpx.URL(_place(request)), "sends what was meant for it elsewhere"
                    )
                target = url.join(answer.headers["location"])
            finally:
                answer.close()
            if _origin(target) != _origin(url):
                if request.secret is not None:
                    raise _refused(url, "sends a request with a secret on to another host")
                headers = {name: headers[name] for name in TRAVELLERS & headers.keys()}
            url = target
        raise _refused(url, f"redirects more than {REDIRECTS} times")

    def _check(self, url: httpx.URL) -> None:
        if url.scheme not in ("http", "https"):
            raise _refused(url, "leads away from the web")
        if self._proxy is not None:
            # A name that only the proxy knows is the proxy's to judge.
            with suppress(OSError):
                host, port = _host_and_port(url)
                self._guard.addresses(host, port, self._clock.left(CONNECT))

    def _question(self, request: Request, url: httpx.URL, headers: dict[str, str]) -> httpx.Request:
        pool = self._clock.left(POOL)
        timeout = httpx.Timeout(connect=CONNECT, read=READ, write=WRITE, pool=pool)
        return self._client.build_request(
            request.method, url, content=request.body, headers=headers, timeout=timeout
        )

    def _body(self, answer: httpx.Response, largest: int, place: str) -> bytes:
        coding = answer.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", "deflate", ""):
            raise _broken(place, f"is packed as “{coding}”, which wasn't asked for")
        unpack = None if coding in ("identity", "") else zlib.decompressobj(wbits=47)
        whole = bytearray()
        try:
            for raw in answer.iter_raw(65_536):
                room = largest + 1 - len(whole)
                whole += raw if unpack is None else unpack.decompress(raw, room)
                if len(whole) > largest:
                    size = largest // 1024**2
                    raise _broken(place, f"is larger than {size} MiB")
                if unpack is not None and unpack.eof:
                    # What comes after the end would be kept in the decoder, however much it is.
                    break
        except zlib.error as error:
            raise _broken(place, "can't be unpacked") from error
        if unpack is not None and not unpack.eof and whole:
            raise _broken(place, "is cut short")
        if unpack is not None and unpack.unused_data.startswith(_MEMBER):
            raise _broken(place, "is packed in more than one piece")
        return bytes(whole)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _host_and_port(url: httpx.URL) -> tuple[str, int]:
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return url.raw_host.decode("ascii"), port


def _server(url: httpx.URL) -> str:
    return key(*_host_and_port(url))


def _place(request: Request) -> str:
    """Return a request's address as it may be shown; of a signed one only the server."""
    place = shown(request.url)
    if not request.signed:
        return place
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.netloc}/…"


def shown(url: str) -> str:
    """Return an address as it may be shown: without user, password, query or fragment."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return url.partition("://")[0][:20] + "://…"
    if not parts.hostname:
        return url.split("?", maxsplit=1)[0][:200]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path}"


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
    place = shown(str(url))
    return SourceRefused(f"{place} {what}", "check the address", url=place)


def _broken(place: str, what: str) -> SourceError:
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
