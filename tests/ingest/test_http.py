"""The way to the web, against a real server: bounded in time and size, careful with secrets."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from msgspec.structs import replace

from ingest.http import Web, address
from ingest.source import Request
from models.errors import SetupError, SourceBusy, SourceChanged, SourceError, SourceRefused
from models.home import Secrets
from tests.factories import NOW


class Odd(BaseHTTPRequestHandler):
    """A server with bad manners, one a path."""

    seen: list[tuple[str, dict[str, str]]] = []  # noqa: RUF012  shared by all requests on purpose
    elsewhere = ""

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        """Misbehave as the path says."""
        self.seen.append((self.path, dict(self.headers)))
        name = self.path.split("?")[0].strip("/").replace("-", "_")
        if name.startswith("away_"):
            return self._send(b"", int(name[5:]), Location=f"{self.elsewhere}/plain")
        return getattr(self, name)()

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def plain(self) -> None:
        """Answer well."""
        self._send(b"hello", ETag='"1"')

    def packed(self) -> None:
        """Answer well, packed."""
        self._send(gzip.compress(b"hello"), Content_Encoding="gzip")

    def bomb(self) -> None:
        """Send a little that unfolds to 30 MB."""
        self._send(gzip.compress(bytes(30_000_000), 1), Content_Encoding="gzip")

    def pieces(self) -> None:
        """Pack it in two pieces, of which a careless reader sees one."""
        self._send(gzip.compress(b"hel") + gzip.compress(b"lo"), Content_Encoding="gzip")

    def twice(self) -> None:
        """Pack it twice."""
        self._send(gzip.compress(gzip.compress(b"x")), Content_Encoding="gzip, gzip")

    def cut(self) -> None:
        """Cut the packing short."""
        self._send(gzip.compress(b"hello" * 99)[:-9], Content_Encoding="gzip")

    def short(self) -> None:
        """Promise more than is sent."""
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"hello")

    def drip(self) -> None:
        """Send a byte now and then, for ever."""
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b".")
                time.sleep(0.05)
        except OSError:
            return

    def drip_head(self) -> None:
        """Never get through the headers."""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            return

    def away(self) -> None:
        """Lead to another origin."""
        self._send(b"", 302, Location=f"{self.elsewhere}/plain")

    def cookie(self) -> None:
        """Give a cookie."""
        self._send(b"hello", Set_Cookie="who=cleo; Path=/")

    def round(self) -> None:
        """Lead in a circle."""
        self._send(b"", 302, Location="/round")

    def to_file(self) -> None:
        """Lead to a file."""
        self._send(b"", 302, Location="file:///etc/passwd")

    def missing(self) -> None:
        """Say it isn't there."""
        self._send(b"gone", 404)


@pytest.fixture
def servers() -> Iterator[tuple[str, str]]:
    """Run two servers, so that there is another origin."""
    running = [ThreadingHTTPServer(("127.0.0.1", 0), Odd) for _ in range(2)]
    for server in running:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    here, there = (f"http://127.0.0.1:{server.server_port}" for server in running)
    Odd.elsewhere = there
    Odd.seen.clear()
    yield here, there
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def web(servers: tuple[str, str]) -> Iterator[Web]:
    """Return a way to the web that has one secret and little patience, and may ask the servers."""
    named = frozenset([url.removeprefix("http://") for url in servers] + ["127.0.0.1:1"])
    opened = Web(Secrets({"TOKEN": "hush-hush"}), "amends/test", private=named, deadline=0.6)
    yield opened
    opened.close()


def test_an_answer_comes_with_status_headers_and_body(web: Web, servers: tuple[str, str]) -> None:
    """A 404 is an answer too: what it means is the source's to say."""
    good = web.ask(Request(url=f"{servers[0]}/plain", params=(("q", "a b&c"),)), NOW)
    missing = web.ask(Request(url=f"{servers[0]}/missing"), NOW)

    assert (good.status, good.body, good.header("etag"), good.at) == (200, b"hello", '"1"', NOW)
    assert (missing.status, missing.body) == (404, b"gone")
    assert Odd.seen[0][0] == "/plain?q=a+b%26c"
    assert Odd.seen[0][1]["user-agent"] == "amends/test"


def test_a_packed_answer_is_unpacked(web: Web, servers: tuple[str, str]) -> None:
    """One layer of gzip is what we ask for."""
    assert web.ask(Request(url=f"{servers[0]}/packed"), NOW).body == b"hello"


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("bomb", SourceChanged, "larger than"),
        ("twice", SourceChanged, "packed as"),
        ("cut", SourceChanged, "cut short"),
        ("pieces", SourceChanged, "more than one piece"),
        ("short", SourceBusy, "can't be reached"),
        ("drip", SourceBusy, "didn't answer within"),
        ("drip-head", SourceBusy, "didn't answer within"),
        ("round", SourceRefused, "redirects more than"),
        ("to-file", SourceRefused, "leads away from the web"),
    ],
)
def test_bad_manners_end_as_a_sentence_in_time(
    web: Web, servers: tuple[str, str], path: str, kind: type[SourceError], said: str
) -> None:
    """Each ends soon, as the error that says what to do."""
    began = time.monotonic()

    with pytest.raises(kind, match=said):
        web.ask(Request(url=f"{servers[0]}/{path}"), NOW)

    assert time.monotonic() - began < 5


def test_a_secret_stays_with_its_origin(web: Web, servers: tuple[str, str]) -> None:
    """A redirect to elsewhere ends a request that carries a secret; without one it goes on."""
    with pytest.raises(SourceRefused, match="on to another host"):
        web.ask(Request(url=f"{servers[0]}/away", secret="TOKEN"), NOW)
    assert [headers.get("authorization") for _, headers in Odd.seen] == ["Bearer hush-hush"]

    assert web.ask(Request(url=f"{servers[0]}/away"), NOW).body == b"hello"


CARRIERS = {
    "bearer": Request(url="{}", secret="TOKEN"),
    "authorization": Request(url="{}", headers={"Authorization": "Basic hush-hush"}),
    "x-api-key": Request(url="{}", headers={"X-Api-Key": "hush-hush"}),
    "x-auth-token": Request(url="{}", headers={"x-auth-token": "hush-hush"}),
    "proxy-authorization": Request(url="{}", headers={"Proxy-Authorization": "hush-hush"}),
    "cookie": Request(url="{}", headers={"Cookie": "session=hush-hush"}),
    "query": Request(url="{}", params=(("key", "hush-hush"),)),
    "password": Request(url="//user:hush-hush@"),
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_no_secret_crosses_an_origin(
    web: Web, servers: tuple[str, str], carrier: str, status: int
) -> None:
    """Whatever carries it, the first server hears it and the second doesn't."""
    said = CARRIERS[carrier]
    first = servers[0].replace("//", said.url if said.url != "{}" else "//")
    with suppress(SourceRefused):
        web.ask(replace(said, url=f"{first}/away-{status}"), NOW)

    heard = [f"{path} {headers}" for path, headers in Odd.seen]
    assert "hush-hush" in heard[0] or "dXNlcjpodXNoLWh1c2g=" in heard[0]
    assert not any("hush-hush" in one or "dXNlcjpodXNo" in one for one in heard[1:])


def test_what_makes_a_redirect_cheap_may_cross(web: Web, servers: tuple[str, str]) -> None:
    """What was seen last time isn't a secret, and spares the second server an answer."""
    headers = {"If-None-Match": '"1"', "Accept": "text/html", "X-Api-Key": "hush-hush"}
    web.ask(Request(url=f"{servers[0]}/away", headers=headers), NOW)

    assert {"if-none-match", "accept"} <= Odd.seen[1][1].keys()


def test_no_cookie_is_kept(web: Web, servers: tuple[str, str]) -> None:
    """A site can't tell one watch of ours by what it gave another."""
    for _ in range(2):
        web.ask(Request(url=f"{servers[0]}/cookie"), NOW)

    assert [headers.get("Cookie", headers.get("cookie")) for _, headers in Odd.seen] == [None, None]


def test_an_unset_secret_is_asked_for(web: Web, servers: tuple[str, str]) -> None:
    """Nothing is sent without it."""
    with pytest.raises(SetupError, match="OTHER isn't set"):
        web.ask(Request(url=f"{servers[0]}/plain", secret="OTHER"), NOW)
    assert Odd.seen == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://user:pw@127.0.0.1:1/?key=hush"])
def test_an_unreachable_host_is_named_without_secrets(web: Web, url: str) -> None:
    """The sentence says where, and nothing that was in the address besides."""
    with pytest.raises(SourceBusy, match="nothing listens there") as caught:
        web.ask(Request(url=url), NOW)
    assert "hush" not in caught.value.message
    assert "pw" not in caught.value.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[::1", "http://", "x"])
def test_what_is_no_address_at_all_is_a_sentence(web: Web, url: str) -> None:
    """It comes from a page or a feed, so nothing in it may surprise us."""
    with pytest.raises(SourceRefused):
        web.ask(Request(url=url), NOW)


@pytest.mark.parametrize(
    "text", ["ftp://x.example", "http://", "a b", "https://[::1", "file:///etc"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Only http and https, with a host."""
    with pytest.raises(SetupError):
        address(text)


def test_a_scheme_left_out_is_https() -> None:
    """People write addresses as browsers show them."""
    assert address(" blog.example/2026 ") == "https://blog.example/2026"
