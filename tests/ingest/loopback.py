"""Servers on this machine that count who came, and a resolver that asks nobody."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Self

from ingest.guard import Resolve

Told = bytes | Callable[[socket.socket], None]


def says(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole HTTP answer, after which the connection ends."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 256


class _Tcp6(_Tcp):
    address_family = socket.AF_INET6


class Loopback:
    """
    Answers each path as told, and the rest with “here”, while a `with` lasts.

    `connections` counts every one accepted; `heard` keeps the questions as they came.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.connections = 0
        self.heard: list[bytes] = []
        self.answers: dict[str, Told] = {}
        outer = self

        class Door(socketserver.BaseRequestHandler):
            """Hears one question and answers it."""

            def handle(self) -> None:
                """Do so."""
                outer.connections += 1
                try:
                    outer._answer(self.request)
                except OSError:
                    return

        self._server = (_Tcp6 if ":" in host else _Tcp)((host, port), Door)
        self.port: int = self._server.server_address[1]
        self.server = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.url = f"http://{self.server}"

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(65_536)):
            head += more
        self.heard.append(head)
        target = [*head.split(b" "), b""][1].decode("ascii", "replace")
        told = self.answers.get(target.partition("?")[0], says(b"here"))
        if callable(told):
            told(connection)
        else:
            connection.sendall(told)

    @property
    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [head.split(b" ")[1].decode() for head in self.heard]

    def __enter__(self) -> Self:
        """Begin to serve."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def offline(names: dict[str, list[str]]) -> Resolve:
    """Return a resolver that knows these names and every spelling of a number, and asks nobody."""

    def resolve(host: str, port: int) -> Iterable[str]:
        if host in names:
            return names[host]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(entry[4][0]) for entry in found]

    return resolve
