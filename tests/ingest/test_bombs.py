"""Bombs and slow servers: whatever is sent, memory stays bounded and the deadline holds."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.http import Web
from ingest.source import Request
from models.errors import SourceBusy, SourceError
from models.home import Secrets
from tests.factories import NOW
from tests.ingest.bombs import SLOW, bombs
from tests.ingest.loopback import Loopback, says

DEADLINE = 1.5
MOST = 64
"""MiB of resident memory that all bombs together may cost at their peak."""

ASKS = """
import json, os, resource, sys, time
from datetime import UTC, datetime
from ingest.http import Web
from ingest.source import Request
from models.errors import SourceError
from models.home import Secrets

url, deadline, *paths = sys.argv[1:]
web = Web(Secrets({}), "a", private=frozenset([url[7:]]), deadline=float(deadline))

def peak():
    # What getrusage says begins with the size of the parent, which hides ours.
    if not os.path.exists("/proc/self/status"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with open("/proc/self/status") as status:
        told = dict(row.split(":", 1) for row in status)
    return int(told["VmHWM"].split()[0]) / 1024

web.ask(Request(url=url + "/here"), datetime.now(UTC))
before, found = peak(), {}
for path in paths:
    began = time.monotonic()
    try:
        said = f"answer of {len(web.ask(Request(url=url + path), datetime.now(UTC)).body)} bytes"
    except SourceError as error:
        said = type(error).__name__
    found[path] = said, peak() - before, time.monotonic() - began
print(json.dumps(found))
"""

ENDS = {
    "/gzip": "SourceChanged",
    "/deflate": "SourceChanged",
    "/raw-deflate": "SourceChanged",
    "/gzip-gzip": "SourceChanged",
    "/gzip-in-gzip-in-gzip": "SourceChanged",
    "/brotli": "SourceChanged",
    "/zstd": "SourceChanged",
    "/plain": "SourceChanged",
    "/promised": "SourceChanged",
    "/chunks": "SourceChanged",
    "/gzip-chunks": "SourceChanged",
    "/after-the-end": "answer of 1 bytes",
    "/members": "SourceChanged",
    "/gzip-name": "SourceBusy",
    "/empty-blocks": "SourceBusy",
    "/headers": "SourceBusy",
    "/header": "SourceBusy",
    "/early-hints": "SourceBusy",
    "/chunk-size": "SourceBusy",
    "/trailers": "SourceBusy",
    "/cookies": "answer of 2 bytes",
    "/redirect": "SourceRefused",
}
"""How each bomb ends."""


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[str, float, float]]:
    """Let a process of its own ask for every bomb; returns outcome, growth in MiB and seconds."""
    with Loopback() as server:
        server.answers |= bombs()
        ended = subprocess.run(
            [sys.executable, "-c", ASKS, server.url, str(DEADLINE), *ENDS],
            cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=90,
        )  # fmt: skip
    return dict(json.loads(ended.stdout))


@pytest.mark.parametrize("bomb", ENDS)
def test_a_bomb_does_not_go_off(found: dict[str, tuple[str, float, float]], bomb: str) -> None:
    """It ends as a sentence, in time, and within the memory that all of them share."""
    outcome, growth, seconds = found[bomb]

    assert outcome == ENDS[bomb]
    assert growth < MOST
    assert seconds < DEADLINE + 1


def test_two_hundred_slow_servers_end_by_the_deadline() -> None:
    """Asked all at once, more than there are connections for, each ends in time and is waited for."""
    ends: list[tuple[str, float, Exception | None]] = []
    with Loopback() as server:
        server.answers |= SLOW
        web = Web(Secrets({}), "a", private=frozenset([server.server]), deadline=DEADLINE)

        def ask(path: str) -> None:
            began, caught = time.monotonic(), None
            try:
                web.ask(Request(url=server.url + path), NOW)
            except SourceError as error:
                caught = error
            ends.append((path, time.monotonic() - began, caught))

        asking = [threading.Thread(target=ask, args=(path,)) for path in list(SLOW) * 20]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(20)
        web.close()

    assert len(ends) == 200
    assert [end for end in ends if not isinstance(end[2], SourceBusy)] == []
    assert max(seconds for _, seconds, _ in ends) < DEADLINE + 1


def test_a_redirect_that_finds_all_connections_taken_ends_in_time() -> None:
    """Whoever asked later may hold them longer than our own deadline."""

    def late(connection: socket.socket) -> None:
        time.sleep(1.3)
        connection.sendall(says(b"", "302 Found", "Location: /silent"))

    with Loopback() as server:
        server.answers |= SLOW | {"/late": late}
        web = Web(Secrets({}), "a", private=frozenset([server.server]), deadline=1.5)

        def ask_silent() -> None:
            with suppress(SourceBusy):
                web.ask(Request(url=f"{server.url}/silent"), NOW)

        taking = [threading.Timer(1.1, ask_silent) for _ in range(40)]
        began = time.monotonic()
        for thread in taking:
            thread.start()
        with pytest.raises(SourceBusy):
            web.ask(Request(url=f"{server.url}/late"), NOW)
        took = time.monotonic() - began
        for thread in taking:
            thread.join(10)
        web.close()

    assert took < 2.1


@pytest.mark.parametrize("path", SLOW)
def test_a_slow_server_does_not_delay_the_next_question(path: str) -> None:
    """The thread that waited in vain asks the next server with all its time."""
    with Loopback() as server:
        server.answers |= SLOW | {"/late": says(b"well")}
        web = Web(Secrets({}), "a", private=frozenset([server.server]), deadline=0.3)

        with pytest.raises(SourceBusy, match="didn't answer within"):
            web.ask(Request(url=server.url + path), NOW)
        assert web.ask(Request(url=f"{server.url}/late"), NOW).body == b"well"
        web.close()
