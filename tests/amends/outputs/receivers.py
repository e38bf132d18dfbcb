"""Those who receive: a real mail server and a local one that speaks as chats and webhooks do."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.slots import odd

RIGHT = odd("SMTP password")


class Mailbox:
    """A mail server's hands: keeps what it is given, and says what `answers` tell it to."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.to: list[list[str]] = []
        self.answers: list[str] = []
        self.refuses: dict[str, str] = {}
        self.logins: list[tuple[str, str]] = []
        self.port = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """What came, parsed."""
        found = [message_from_bytes(raw, policy=policy.default) for raw in self.raw]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take or refuse a recipient."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take or refuse a mail."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            self.raw.append(envelope.content)
            self.to.append(list(envelope.rcpt_tos))
        return answer

    def let_in(self, server: Any, session: Any, envelope: Any, kind: str, data: Any) -> AuthResult:
        """Know one password."""
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == RIGHT.encode(), handled=False)


class OnAnyPort(Controller):
    """A server on whatever port is free."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(certificate: tuple[Path, Path] | None = None) -> Iterator[Mailbox]:
    """Run a mail server; with a certificate it wants STARTTLS and a login."""
    box = Mailbox()
    more: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        more = {"tls_context": context, "require_starttls": True, "auth_required": True}
        more |= {"authenticator": box.let_in}
    controller = OnAnyPort(box, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


class Came(NamedTuple):
    """One request: its path, headers and body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Hook:
    """A local server: keeps what is posted, and answers as `answers` say, else 200 `ok`."""

    def __init__(self) -> None:
        self.came: list[Came] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.host = ""

    def address(self, path: str) -> str:
        """Return a web address of it."""
        return f"http://{self.host}{path}"


@contextmanager
def hook_server() -> Iterator[Hook]:
    """Run it."""
    hook = Hook()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            body = self.rfile.read(size)
            if len(body) < size:
                # Who sent this died on the way: no server would take the half of it.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            hook.came.append(Came(self.path, headers, body))
            status, more, said = hook.answers.pop(0) if hook.answers else (200, {}, b"ok")
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of who hangs up early."""

    server = Quiet(("127.0.0.1", 0), Door)
    hook.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
