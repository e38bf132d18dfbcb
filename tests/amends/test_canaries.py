"""Fifteen secrets go in by every door; with every log at DEBUG not a byte of them is written anywhere."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.cli.board import opened
from amends.cli.desk import Desk
from models.errors import SourceRefused
from models.home import Home, Secrets
from models.secret import STRUCK, Secret, guard_logs, redacted
from models.store import Store
from tests.amends.board.conftest import ORIGIN
from tests.amends.conftest import Amends
from tests.battery import Record, tell
from tests.grounds import url_of

ODD = "canary+{}/9=&%"
"""A value that looks other in an address, in Base64 and in a log."""


class Reflector(BaseHTTPRequestHandler):
    """A server that refuses everything and says back all it was told."""

    def _say(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        heard = {"secret": self.headers.get("authorization", ""), "path": self.path,
                 "headers": dict(self.headers.items()),
                 "body": self.rfile.read(size).decode("utf-8", "replace")}  # fmt: skip
        said = json.dumps({"title": str(heard), "detail": str(heard), "errors": [heard]}).encode()
        self.send_response(403)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = _say  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def reflector() -> Iterator[str]:
    """Return the host and port of such a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Reflector)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def logged(file: Path) -> Iterator[None]:
    """Log everything, libraries' innermost included, into a file."""
    root, handler = logging.getLogger(), logging.FileHandler(file, encoding="utf-8")
    level = root.level
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    # What the browser of a test says of itself isn't said by Amends.
    handler.addFilter(lambda record: not record.name.startswith("httpx2"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def spellings(value: str) -> set[bytes]:
    """Return how a value may lie in a file: as it is, in an address, in JSON, in Base64."""
    found = {value.encode(), quote(value).encode(), quote(value, safe="").encode(),
             json.dumps(value)[1:-1].encode()}  # fmt: skip
    for before in ("", "a", "ab", "user:", "amends:"):
        coded = base64.b64encode(f"{before}{value}".encode())
        found.add(coded[4 + len(before) : len(coded) // 4 * 4 - 4])
    return {one for one in found if len(one) > 7}


def holding(folder: Path, secrets: dict[str, str], but: set[str]) -> list[tuple[str, str]]:
    """Return which file holds which secret, in whatever spelling."""
    return [
        (path.name, name)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in but
        for name, value in secrets.items()
        if any(one in path.read_bytes() for one in spellings(value))
    ]


def board_used(home: Path, secrets: dict[str, str]) -> list[str]:
    """Use the board with a password, a cookie, a link, a token, a monitor's secrets, right and wrong ones."""
    store, said = Store.open(url_of(home), Home(home).seal), []
    with TestClient(board(opened(Desk(home), store, "127.0.0.1", [])), headers=ORIGIN,
                    follow_redirects=False) as browser:  # fmt: skip
        link = f"/invitation/{secrets['invitation']}"
        said.append(browser.get(link).text.replace(secrets["invitation"], ""))
        answer = browser.post(link, data={"password": secrets["password"]})
        secrets["cookie"] = answer.cookies["amends"]
        said += [browser.get("/").text, browser.get("/people").text, browser.get(link).text]
        browser.post("/logout")
        for password in (secrets["a wrong password"], secrets["password"]):
            said.append(browser.post("/login", data={"name": "ana", "password": password}).text)
        bearer = {"authorization": f"Bearer {secrets['token']}"}
        said.append(browser.get("/api/incidents", headers=bearer).text)
        said.append(browser.get(f"/api/nothing?{secrets['token']}", headers=bearer).text)
        said.append(
            browser.post(f"/hooks/plain/{secrets['address']}", json={"id": "1", "state": "?"}).text
        )
        body = b'{"event": {}}'
        sign = hmac.new(secrets["hook"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-pagerduty-signature": f"v1={sign}"}
        said.append(browser.post("/hooks/pd", content=body, headers=headers).text)
    store.close()
    return said


def test_security_fifteen_secrets_leave_no_byte(
    amends: Amends,
    incident: str,
    home: Path,
    tmp_path: Path,
    reflector: str,
    record_property: Record,
) -> None:
    """Whatever is done with them, and however the other side says them back."""
    named = ("X_BEARER_TOKEN", "SLACK_WEBHOOK", "TEAMS_WEBHOOK", "WEBHOOK_SECRET", "SMTP_PASSWORD",
             "AMENDS_HOOK_PD")  # fmt: skip
    secrets = {name: ODD.format(name.lower()) for name in named}
    secrets["hook"] = secrets.pop("AMENDS_HOOK_PD")
    for name in ("SLACK_WEBHOOK", "TEAMS_WEBHOOK"):
        secrets[name] = "canary-way-" + hashlib.sha256(name.encode()).hexdigest()[:20]
    (home / "secrets.env").write_text(
        f"X_BEARER_TOKEN={secrets['X_BEARER_TOKEN']}\nWEBHOOK_SECRET={secrets['WEBHOOK_SECRET']}\n"
        f"SMTP_PASSWORD={secrets['SMTP_PASSWORD']}\nAMENDS_HOOK_PD={secrets['hook']}\n"
    )
    (home / "secrets.env").chmod(0o600)
    ways = {
        name: f"http://{reflector}/{secrets[name]}" for name in ("SLACK_WEBHOOK", "TEAMS_WEBHOOK")
    }
    (home / "outputs.toml").write_text(
        '[output.slack]\nkind = "slack"\nsecret = "SLACK_WEBHOOK"\n'
        '[output.teams]\nkind = "teams"\nsecret = "TEAMS_WEBHOOK"\n'
        f'[output.hook]\nkind = "webhook"\nurl = "http://{reflector}/in"\nsecret = "WEBHOOK_SECRET"\n'
        '[output.mail]\nkind = "smtp"\nhost = "127.0.0.1"\nport = 9\nsecurity = "starttls"\n'
        'user = "amends"\npassword = "SMTP_PASSWORD"\nfrom = "a@b.example"\nto = ["c@d.example"]\n'
        f'[output.file]\nkind = "file"\nfolder = "{tmp_path / "out"}"\n'
    )
    environment = ways | {"AMENDS_ALLOW_PRIVATE": f"{reflector},127.0.0.1:9", "AMENDS_USER": "bo"}
    said: list[str] = []

    def do(*words: str, shows: bool = False, **more: str) -> str:
        heard = amends(*words, **(environment | more))
        said.append(heard.err + ("" if shows else heard.out))
        return heard.out.strip()

    with logged(tmp_path / "debug.log"):
        secrets["invitation"] = do("user", "add", "ana", "--role", "admin", shows=True).rpartition(
            "/"
        )[2]
        secrets["password"] = ODD.format("password of ana")
        secrets["a wrong password"] = ODD.format("password of bo")
        secrets["token"] = do("user", "token", "add", "ana", "--title", "t", shows=True)
        secrets["address"] = do("monitor", "add", "plain", "json", "--company", "R", "--set", "key=id",
                                "--set", "state=state", shows=True).rpartition("/")[2]  # fmt: skip
        do("monitor", "add", "pd", "pagerduty", "--company", "R")
        do("watch", "add", incident, "x", "--terms", "reelpost", "--set", f"api=http://{reflector}")
        for words in (("run", incident, "--once"), ("check",), ("doctor",), ("watch", "list", incident),
                      ("digest", "send", incident, *(f"--to={one}" for one in ("slack", "teams", "hook", "mail", "file"))),
                      ("output", "list"), ("outbox", "list")):  # fmt: skip
            do(*words)
        for output in ("slack", "teams", "hook", "mail"):
            do("output", "test", output)
        said += board_used(home, secrets)
        secrets["proxy"], secrets["database"] = ODD.format("proxy"), ODD.format("database")
        do("try", "x", "--terms", "a", "--set", f"api=http://{reflector}",
           AMENDS_PROXY=f"http://user:{quote(secrets['proxy'], safe='')}@127.0.0.1:9")  # fmt: skip
        do("incident", "list", AMENDS_PROXY="",
           AMENDS_DATABASE_URL=f"postgresql://user:{quote(secrets['database'], safe='')}@127.0.0.1:9/a")  # fmt: skip
        environment["AMENDS_DATABASE_URL"] = ""
        for words in (("export", incident, str(tmp_path / "export")), ("audit", "show", "--as", "json"),
                      ("backup", str(tmp_path / "b.zst")), ("digest", "show", incident)):  # fmt: skip
            do(*words)
        do("--home", str(tmp_path / "new"), "restore", str(tmp_path / "b.zst"))
    secrets["audit key"] = (home / "audit.key").read_text().strip()
    loud = subprocess.run(
        [sys.executable, "-m", "amends", "-v", "--home", str(home), "output", "test", "slack"],
        env=os.environ | environment, capture_output=True, text=True, check=False, cwd=Path.cwd(),
    )  # fmt: skip
    said += [loud.stdout, loud.stderr]
    (tmp_path / "said.txt").write_text("\n".join(said))

    assert len(secrets) >= 15 and "Traceback" in loud.stderr
    assert len((tmp_path / "debug.log").read_bytes()) > 5_000
    found = holding(tmp_path, secrets, {"secrets.env", "audit.key"})
    tell(
        record_property,
        f"{len(secrets)} secrets in every slot at DEBUG: {len(found)} found in files",
    )
    assert found == [], found
    assert STRUCK in (tmp_path / "debug.log").read_text() and STRUCK in str(said)


def test_security_a_search_for_canaries_finds_them(tmp_path: Path) -> None:
    """The search above isn't blind: it finds each spelling."""
    value = ODD.format("x")
    for number, said in enumerate((value, quote(value, safe=""), json.dumps(value),
                                   base64.b64encode(f"user:{value}".encode()).decode())):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "f").write_text(f"… {said} …")
        assert holding(folder, {"x": value}, set()) == [("f", "x")]


def test_security_a_secret_shows_itself_to_nobody() -> None:
    """Printed, formatted, pickled, copied, encoded: never; asked for by name: yes."""
    one = Secret("canary-of-the-night")

    assert {str(one), f"{one}", f"{one:>8}"} == {STRUCK} and "canary" not in repr([one])
    for bad in (pickle.dumps, copy.deepcopy, json.dumps, msgspec.json.encode):
        with pytest.raises(TypeError):
            bad(one)
    named = Secrets({"X_BEARER_TOKEN": "canary-of-the-day"})
    assert "canary" not in repr(named) + str(vars(named))
    assert named.reveal("X_BEARER_TOKEN") == "canary-of-the-day"


def test_security_messages_and_logs_strike_them_out(caplog: pytest.LogCaptureFixture) -> None:
    """In errors, in log lines however they are put together, in tracebacks, in Base64."""
    Secret("canary+in/a=mine")
    guard_logs()
    error = SourceRefused("they said canary+in/a=mine", "try canary%2Bin%2Fa%3Dmine")
    assert "canary" not in error.message + error.remedy + str(error)
    assert "canary" not in redacted("canary+in/a=mine")
    coded = base64.b64encode(b"user:canary+in/a=mine").decode()
    assert coded[8:-4] not in redacted(f"Basic {coded}")

    log = logging.getLogger("amends.test")
    with caplog.at_level(logging.DEBUG):
        log.info("a line with %s and %d", "canary+in/a=mine", 7)
        log.info("a line with %s", {"authorization": "Bearer canary+in/a=mine"})
        try:
            raise ValueError("canary+in/a=mine")  # noqa: EM101, TRY301
        except ValueError:
            log.exception("it broke")
    assert "canary" not in caplog.text and caplog.text.count(STRUCK) >= 3
