"""The guard: whatever a person, a site or a feed names, only public machines are reached."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import pytest
from pytest_socket import SocketConnectBlockedError

from ingest.http import Web
from ingest.source import Request, Response
from ingest.sources.feed import source as feed
from models.errors import SetupError, SourceBusy, SourceRefused
from models.home import Secrets
from models.incident import Watch
from tests import slots
from tests.factories import NOW
from tests.ingest.loopback import Loopback, offline, says
from tests.ingest.spellings import NAMES, SPELLINGS

Way = Callable[[Web, Loopback, str], Response]

PUBLIC = "93.184.215.14"
FEED = """<rss version="2.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"><channel><title>Lumabank</title>
<item><title>Outage</title><link>https://blog.example/1</link><slash:comments>3</slash:comments>
<wfw:commentRss><![CDATA[{link}]]></wfw:commentRss></item></channel></rss>"""


@pytest.fixture(scope="module")
def canary() -> Iterator[Loopback]:
    """Run the server nobody may reach."""
    with Loopback() as server:
        yield server


@pytest.fixture(scope="module")
def lure() -> Iterator[Loopback]:
    """Run the server that may be reached, and leads elsewhere."""
    with Loopback() as server:
        yield server


@pytest.fixture(scope="module")
def web(lure: Loopback) -> Iterator[Web]:
    """Return a way to the web that only the lure is an exception for."""
    names, private = offline(NAMES), frozenset([lure.server])
    opened = Web(
        Secrets({"TOKEN": "hush"}), "amends/test", private=private, resolve=names, deadline=2.0
    )
    yield opened
    opened.close()


def by_a_person(web: Web, lure: Loopback, url: str) -> Response:
    """Ask what a person typed."""
    return web.ask(Request(url=url), NOW)


def by_a_redirect(web: Web, lure: Loopback, url: str) -> Response:
    """Ask a site that sends us there."""
    lure.answers["/on"] = says(b"", "302 Found", "Location: " + url)
    return web.ask(Request(url=f"{lure.url}/on"), NOW)


def by_a_feed(web: Web, lure: Loopback, url: str) -> Response:
    """Ask for the comment feed that an entry of a feed links to."""
    lure.answers["/feed"] = says(FEED.format(link=url).encode())
    first = feed.ask(Watch(source="feed", address=f"{lure.url}/feed"), NOW)
    more = feed.read(web.ask(first, NOW)).more
    if more is None:
        raise SourceRefused(url, "no link came of it")
    return web.ask(more, NOW)


@pytest.mark.parametrize("way", [by_a_person, by_a_redirect, by_a_feed])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_reaches_a_private_machine(
    web: Web, lure: Loopback, canary: Loopback, spelling: str, way: Way
) -> None:
    """Whoever named it, no connection reaches the canary, and a sentence says why."""
    came = canary.connections

    with suppress(SourceRefused, SourceBusy):
        answer = way(web, lure, spelling.format(port=canary.port))
        # What a browser would take for a path stays with the site it came from.
        assert answer.url.startswith(lure.url)

    assert canary.connections == came


def test_there_are_enough_spellings() -> None:
    """At least a hundred, none twice."""
    assert len(set(SPELLINGS)) == len(SPELLINGS) >= 100


def test_the_system_s_own_resolver_is_judged_too(canary: Loopback) -> None:
    """What nobody passed in is guarded alike, and the canary does answer those who may ask."""
    shut, open_ = Web(Secrets({}), "a"), Web(Secrets({}), "a", private=frozenset([canary.server]))

    with pytest.raises(SourceRefused, match="this machine itself"):
        shut.ask(Request(url=f"http://localhost:{canary.port}/"), NOW)
    assert open_.ask(Request(url=canary.url), NOW).body == b"here"
    shut.close()
    open_.close()


def test_the_refusal_says_what_to_do(web: Web, canary: Loopback) -> None:
    """In words, with the one setting that would name this very server."""
    with pytest.raises(SourceRefused) as caught:
        web.ask(Request(url=f"http://intranet.example:{canary.port}/wiki?key=hush"), NOW)

    server = f"intranet.example:{canary.port}"
    assert caught.value.message == (
        f"{server} leads to a private network (10.1.2.3), and Amends asks only public sites"
    )
    assert f"AMENDS_ALLOW_PRIVATE={server}" in caught.value.remedy


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_an_exception_is_for_the_host_as_named(canary: Loopback, host: str) -> None:
    """Another spelling of the same machine isn't named by it."""
    private = frozenset([canary.server])
    web = Web(Secrets({}), "a", private=private, resolve=offline(NAMES))
    came = canary.connections

    with pytest.raises(SourceRefused):
        web.ask(Request(url=f"http://{host}:{canary.port}/"), NOW)

    assert canary.connections == came
    web.close()


def test_an_exception_is_for_one_port(canary: Loopback, lure: Loopback, web: Web) -> None:
    """The lure's port is named, its neighbour's isn't."""
    assert web.ask(Request(url=lure.url), NOW).body == b"here"
    with pytest.raises(SourceRefused):
        web.ask(Request(url=canary.url), NOW)


class Fickle:
    """A resolver that changes its mind: each question gets the next of its answers."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int) -> Iterable[str]:
        """Give the next answer, and the last one for ever."""
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


@pytest.mark.parametrize("turn", range(25))
def test_a_name_that_turns_private_reaches_nothing_private(canary: Loopback, turn: int) -> None:
    """The name is looked up once, and the connection goes to the address that was judged."""
    resolver = Fickle([f"93.184.215.{turn + 1}"], ["127.0.0.1"])
    web = Web(Secrets({}), "a", resolve=resolver, deadline=2.0)
    url, came = f"http://blog.example:{canary.port}/", canary.connections

    # The tests' own block stands where the network would begin: it names who was to be reached.
    with pytest.raises(
        (SocketConnectBlockedError, UserWarning), match=rf"93\.184\.215\.{turn + 1}\b"
    ):
        web.ask(Request(url=url), NOW)
    assert resolver.asked == 1
    with pytest.raises(SourceRefused):
        web.ask(Request(url=url), NOW)

    assert canary.connections == came
    web.close()


def test_one_private_address_among_public_ones_is_enough(canary: Loopback) -> None:
    """All that a name leads to is judged before anything is connected to."""
    web = Web(Secrets({}), "a", resolve=Fickle([PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC]))

    for _ in range(2):
        with pytest.raises(SourceRefused):
            web.ask(Request(url=f"http://blog.example:{canary.port}/"), NOW)
    web.close()


def test_each_hop_is_looked_up_and_judged_anew(lure: Loopback, canary: Loopback) -> None:
    """A site that sends us back to itself may have moved inside in the meantime."""
    name = f"blog.example:{lure.port}"
    lure.answers["/on"] = says(b"", "302 Found", f"Location: http://blog.example:{canary.port}/")
    resolver = Fickle(["127.0.0.1"])
    web = Web(Secrets({}), "a", private=frozenset([name]), resolve=resolver)
    came = canary.connections

    with pytest.raises(SourceRefused, match=str(canary.port)):
        web.ask(Request(url=f"http://{name}/on"), NOW)

    assert (resolver.asked, canary.connections) == (2, came)
    web.close()


def test_the_next_address_is_tried_where_one_is_deaf(lure: Loopback) -> None:
    """A host with two addresses is reached while one of them answers."""
    name = f"blog.example:{lure.port}"
    web = Web(Secrets({}), "a", private=frozenset([name]), resolve=Fickle(["::1", "127.0.0.1"]))

    assert web.ask(Request(url=f"http://{name}/"), NOW).body == b"here"
    web.close()


def test_host_and_tls_name_stay_the_name() -> None:
    """The server is asked by its name, in Host and in TLS, though connected to by address."""
    hello: list[bytes] = []

    def listen(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            hello.append(connection.recv(65_536))

    with Loopback() as server, socket.create_server(("127.0.0.1", 0)) as tls:
        port = tls.getsockname()[1]
        private = frozenset([f"blog.example:{server.port}", f"blog.example:{port}"])
        web = Web(Secrets({}), "a", private=private, resolve=Fickle(["127.0.0.1"]), deadline=2.0)
        web.ask(Request(url=f"http://blog.example:{server.port}/"), NOW)
        hearing = threading.Thread(target=listen, args=(tls,))
        hearing.start()
        with pytest.raises(SourceBusy):
            web.ask(Request(url=f"https://blog.example:{port}/"), NOW)
        hearing.join()
        web.close()

    assert f"\r\nHost: blog.example:{server.port}\r\n".encode() in server.heard[0]
    assert b"blog.example" in hello[0]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_the_environment_s_proxy_is_not_asked(
    lure: Loopback, canary: Loopback, web: Web, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take every question round the guard."""
    monkeypatch.setenv(name, canary.url)
    came = canary.connections
    fresh = Web(Secrets({}), "a", private=frozenset([lure.server]), resolve=offline(NAMES))

    assert fresh.ask(Request(url=lure.url), NOW).body == b"here"
    with pytest.raises(SourceRefused):
        fresh.ask(Request(url="http://intranet.example/"), NOW)

    assert canary.connections == came
    fresh.close()


def test_a_proxy_named_on_purpose_is_asked_for_public_names_only(lure: Loopback) -> None:
    """It may be private itself; what we know to be private never gets to it."""
    names = {"blog.example": [PUBLIC], "deep.example": ["10.0.0.1"]}
    proxy = f"http://user:{slots.canary('proxy password')}@{lure.server}"
    web = Web(Secrets({}), "a", proxy=proxy, resolve=offline(names))
    lure.heard.clear()

    assert web.ask(Request(url="http://blog.example/a"), NOW).body == b"here"
    assert web.ask(Request(url="http://only-the-proxy-knows.example/b"), NOW).body == b"here"
    for url in ("http://deep.example/", "http://127.1/", f"{lure.url}/", "http://[::1]/"):
        with pytest.raises(SourceRefused):
            web.ask(Request(url=url), NOW)

    asked = ["http://blog.example/a", "http://only-the-proxy-knows.example/b"]
    assert lure.paths == asked
    web.close()


@pytest.mark.parametrize("text", ["socks5://p.test:1", "p.test", "ftp://p.test", "http://"])
def test_what_is_no_proxy_is_a_sentence(text: str) -> None:
    """Only http and https ones."""
    with pytest.raises(SetupError, match="AMENDS_PROXY"):
        Web(Secrets({}), "a", proxy=text)


def test_a_resolver_that_never_answers_ends_in_time() -> None:
    """A resolver that takes no deadline can't keep us past ours."""

    def slow(host: str, port: int) -> Iterable[str]:
        time.sleep(1.5)
        return ["127.0.0.1"]

    web = Web(Secrets({}), "a", resolve=slow, deadline=0.4)
    began = time.monotonic()

    with pytest.raises(SourceBusy, match="didn't answer within"):
        web.ask(Request(url="http://blog.example/"), NOW)

    assert time.monotonic() - began < 1.2
    web.close()
