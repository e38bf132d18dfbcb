"""The commands around the board: refusals, links, tokens, and one process that ends when it is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.cli.board import opened
from amends.cli.desk import Desk
from models.errors import SetupError
from models.lease import LeaseRow
from models.store import Store
from models.store.people import digest_of
from tests.amends.board.conftest import ORIGIN
from tests.amends.conftest import Amends
from tests.grounds import url_of

ROOT = Path(__file__).parents[3]


def database(home: Path) -> str:
    """Return the address of a home's database."""
    return url_of(home)


def holds(home: Path, secret: str) -> bool:
    """Return whether some file of a home, the database's log included, holds these bytes."""
    return any(secret.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())


@contextmanager
def browser(home: Path) -> Iterator[TestClient]:
    """Open a browser on the board that `amends board` would serve."""
    store = Store.open(database(home))
    try:
        app = board(opened(Desk(home), store, "127.0.0.1", []))
        with TestClient(app, headers=ORIGIN, follow_redirects=False) as client:
            yield client
    finally:
        store.close()


@pytest.mark.parametrize("words", [
    ("--host", "0.0.0.0"), ("--host", "::"), ("--host", "192.0.2.7"), ("--proxy", "127.0.0.1"),
])  # fmt: skip
@pytest.mark.parametrize("command", ["board", "serve"])
def test_security_no_board_stands_open_to_others(
    amends: Amends, home: Path, command: str, words: tuple[str, str]
) -> None:
    """Without people it refuses to listen anywhere else, or for a proxy, and says how to go on."""
    store = Store.open(database(home))
    option, value = words
    host = value if option == "--host" else "127.0.0.1"
    with pytest.raises(SetupError, match="there is nobody yet"):
        opened(Desk(home), store, host, [value] if option == "--proxy" else [])
    store.close()
    said = amends(command, *words)
    assert said.code == 2 and said.out == ""
    assert "there is nobody yet" in said.err and "amends user add NAME --role admin" in said.err


def test_security_a_board_of_disabled_people_is_no_board_for_one(
    amends: Amends, home: Path
) -> None:
    """Whoever was disabled doesn't get in by nobody being left."""
    amends("user", "add", "ana")
    amends("user", "disable", "ana", "--yes")
    assert "disabled" in amends("board").err


@pytest.mark.sqlite("looks for secrets in SQLite's file")
def test_security_a_link_works_once_and_nothing_of_it_is_kept(amends: Amends, home: Path) -> None:
    """The secret stands on stdout alone, and only its digest in the home's files."""
    said = amends("user", "add", "ana", "--role", "admin", "--url", "https://board.example/")
    link = said.out.strip()
    secret = link.removeprefix("https://board.example/invitation/")

    assert said.code == 0 and link == f"https://board.example/invitation/{secret}"
    assert len(secret) > 40 and secret not in said.err
    with browser(home) as client:
        assert client.get(f"/invitation/{secret}").status_code == 200
        form = {"password": "twelve slow herons"}
        assert client.post(f"/invitation/{secret}", data=form).status_code == 303
        assert client.get("/people").status_code == 200
        cookie = client.cookies["amends"]
        client.cookies.clear()
        assert client.post(f"/invitation/{secret}", data=form).status_code == 410
        kept = {word: holds(home, word) for word in (secret, cookie, form["password"])}
        assert kept == {secret: False, cookie: False, form["password"]: False}
        assert holds(home, digest_of(secret)) and holds(home, "$argon2id$")
    assert json.loads(amends("user", "list", "--as", "json").out)[0]["password"] == "set"


@pytest.mark.sqlite("looks for secrets in SQLite's file")
def test_security_a_token_is_shown_once_and_only_its_digest_is_kept(
    amends: Amends, home: Path
) -> None:
    """It lets a program in until it is revoked; the list knows its first letters alone."""
    amends("user", "add", "ana", "--role", "lead")
    said = amends("user", "token", "add", "ana", "--title", "wall screen")
    secret = said.out.strip()
    bearer = {"authorization": f"Bearer {secret}"}

    assert secret.startswith("amends_") and secret not in said.err
    assert not holds(home, secret) and holds(home, digest_of(secret))
    listed = amends("user", "token", "list", "--as", "json").out
    (row,) = json.loads(listed)
    assert secret not in listed and secret.startswith(row["start"]) and len(row["start"]) < 16
    with browser(home) as client:
        assert client.get("/", headers=bearer).status_code == 200
        amends("user", "token", "revoke", str(row["id"]))
        assert client.get("/metrics", headers=bearer).status_code == 401


def test_people_are_looked_after_from_the_command_line(amends: Amends, home: Path) -> None:
    """Roles, a new link that ends the old one, and refusals with a remedy; all of it written down."""
    first = amends("user", "add", "ana", "--role", "admin").out.strip().rpartition("/")[2]
    second = amends("user", "passwd", "ana").out.strip().rpartition("/")[2]
    amends("user", "add", "bo")
    with browser(home) as client:
        assert client.get(f"/invitation/{first}").status_code == 410
        assert client.get(f"/invitation/{second}").status_code == 200

    for words, told in (
        (("role", "bo", "king"), "there is no role"), (("role", "ana", "viewer"), "the only admin"),
        (("disable", "ana", "--yes"), "the only admin"), (("disable", "bo"), "--yes"),
        (("add", "BO"), "there is a BO already"), (("passwd", "eve"), "there is no eve"),
        (("passwd", "bo", "--prompt"), "typed on a terminal"), (("add", "a:b"), "is no name"),
        (("token", "add", "bo", "--title", "t", "--scope", "all"), "there is no scope"),
        (("token", "revoke", "9"), "there is no token 9"),
    ):  # fmt: skip
        said = amends("user", *words)
        assert (said.code, said.out) == (2, "") and told in said.err, words
    assert amends("user", "role", "bo", "admin").code == 0
    assert amends("user", "disable", "ana", "--yes").code == 0
    assert "amends user enable ana" in amends("user", "passwd", "ana").err
    assert "/invitation/" in amends("user", "enable", "ana").out
    assert amends("user", "disable", "ana", "--yes").code == 0
    listed = json.loads(amends("user", "list", "--as", "json").out)
    assert [(one["name"], one["role"], bool(one["disabled"])) for one in listed] == [
        ("ana", "admin", True), ("bo", "admin", False),
    ]  # fmt: skip
    store = Store.open(database(home))
    from sqlmodel import select

    from models.audit import AuditRow

    with store.read() as tx:
        rows = tx.session.exec(select(AuditRow)).all()
        assert [row.did for row in rows] == [
            "added", "invited", "added", "changed role", "disabled", "enabled", "disabled",
        ]  # fmt: skip
    store.close()


class Served:
    """A served board, as a process of its own."""

    def __init__(self, home: Path, *words: str, allowed: str = "") -> None:
        environment = os.environ | {
            "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "AMENDS_ALLOW_PRIVATE": allowed,
        }  # fmt: skip
        command = [sys.executable, "-m", "amends", "--home", str(home), *words, "--port", "0"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.port = int(self.url.rstrip("/").rpartition(":")[2])
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            self.process.kill()

    def listen(self) -> socket.socket:
        """Open a stream of news as a browser does that then does nothing more."""
        stream = socket.create_connection(("127.0.0.1", self.port))
        stream.sendall(b"GET /i/discs-late/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in stream.recv(100)
        return stream

    def _wait(self) -> None:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)

    def get(self, path: str) -> int:
        """Return the number of an answer."""
        try:
            with urllib.request.urlopen(self.url + path.lstrip("/"), timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return int(error.code)

    def end(self, *signals: signal.Signals, apart: float = 0.5) -> tuple[int, float, str]:
        """Send signals; return how it ended, after how many seconds from the last, and what it said."""
        for number in signals:
            began = time.monotonic()
            self.process.send_signal(number)
            time.sleep(apart)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - began, said


@pytest.fixture
def slow_source() -> Iterator[socket.socket]:
    """Open a port of a source that takes every question and answers none."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        listener.settimeout(60)
        yield listener


def test_serve_runs_board_and_rounds_and_drains_when_told(
    amends: Amends, incident: str, home: Path
) -> None:
    """Watches are asked while pages are served; SIGTERM ends both, and the turn is given back."""
    amends("watch", "add", incident, "thread_page", "http://127.0.0.1:1/thread", "--yes")
    store = Store.open(database(home))
    with Served(home, "serve", "--every", "1s") as served:
        for _ in range(600):
            with store.read() as tx:
                (watch,) = tx.watches.of(1)
            if watch.asked_at is not None:
                break
            time.sleep(0.1)
        pages = (served.get("/"), served.get("/healthz"))
        code, took, told = served.end(signal.SIGTERM)

    assert watch.asked_at is not None and pages == (200, 503), told
    assert code == 0 and took < 10, told
    assert "what came in is kept" in told and "Traceback" not in told
    with store.read() as tx:
        lease = tx.session.get(LeaseRow, "collecting for discs-late")
        assert lease is not None and lease.until <= datetime.now(UTC)
    store.close()


@pytest.mark.parametrize("signals", [1, 2])
def test_serve_ends_within_ten_seconds_of_a_slow_source_and_an_open_stream(
    amends: Amends, incident: str, home: Path, slow_source: socket.socket, signals: int
) -> None:
    """Neither a question nobody answers nor a browser that listens holds it up; a second signal nothing."""
    port = slow_source.getsockname()[1]
    address, allowed = f"http://127.0.0.1:{port}/thread", f"127.0.0.1:{port}"
    amends("watch", "add", incident, "thread_page", address, "--yes")
    with Served(home, "serve", "--every", "1s", allowed=allowed) as served, served.listen():
        question, _ = slow_source.accept()
        with question:
            code, took, told = served.end(*[signal.SIGTERM] * signals)
    if signals == 1:
        assert code == 0 and 1 < took < 10, told
        assert "slow to answer" in told
    else:
        # A moment long, while the server hands over to the rounds, the system's own way ends it.
        assert code in (128 + signal.SIGTERM, -signal.SIGTERM) and took < 2, told


def test_a_port_that_is_taken_is_a_sentence(amends: Amends, slow_source: socket.socket) -> None:
    """And no traceback."""
    port = slow_source.getsockname()[1]
    said = amends("board", "--port", str(port))
    assert said.code == 2 and f"port {port}" in said.err and "--port" in said.err
