"""Addresses that are secrets themselves: what is handed over there arrives, and nobody reads of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from ingest.http import Web
from ingest.source import Request
from models.errors import SourceError
from models.home import Secrets
from models.secret import guard_logs
from tests.factories import NOW
from tests.ingest.loopback import Loopback, says
from tests.slots import MARK, odd

SIGN = "si9nature%2Fof-it"


@pytest.fixture
def place() -> Iterator[Loopback]:
    """Return a server on this machine."""
    with Loopback() as server:
        yield server


@pytest.fixture
def web(place: Loopback) -> Iterator[Web]:
    """Return the way there."""
    secrets = Secrets({"X_BEARER_TOKEN": odd("X token")})
    found = Web(secrets, "amends/test", private=frozenset([place.server]))
    yield found
    found.close()


def upload(place: Loopback) -> Request:
    """Return the request that hands two ids over."""
    return Request(
        url=f"{place.url}/up/{SIGN}?token={SIGN}", method="PUT", body=b"1\n2\n", signed=True,
        headers={"content-type": "text/plain"}, secret="X_BEARER_TOKEN",
    )  # fmt: skip


def test_what_is_handed_over_arrives_as_it_was_signed(web: Web, place: Loopback) -> None:
    """Method, type, length and each letter of the address."""
    assert web.ask(upload(place), NOW).status == 200

    heard = place.heard[-1].decode()
    assert heard.startswith(f"PUT /up/{SIGN}?token={SIGN} HTTP/1.1")
    assert "content-type: text/plain\r\n" in heard.lower()
    assert "content-length: 4\r\n" in heard.lower()


@pytest.mark.parametrize(
    "answer",
    [
        says(b"", "302 Found", "Location: /elsewhere"),
        says(b"x", "200 OK", "Content-Encoding: br"),
        says(b"not packed", "200 OK", "Content-Encoding: gzip"),
        says(b"", "500 Oh"),
        b"no HTTP at all",
    ],
    ids=["redirect", "brotli", "broken", "busy", "nonsense"],
)
def test_a_signed_address_is_named_nowhere(
    web: Web, place: Loopback, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """In no error and no log, however talkative; and it follows no redirect."""
    guard_logs()
    caplog.set_level(logging.DEBUG)
    place.answers[f"/up/{SIGN}"] = answer

    try:
        said = web.ask(upload(place), NOW).url
    except SourceError as error:
        said = f"{error} {error.remedy} {error.url}"

    assert place.server in said
    assert SIGN not in said + caplog.text
    assert MARK not in said + caplog.text
    assert place.connections == 1
