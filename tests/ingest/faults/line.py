"""One connection to the fault server, in raw bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tests.ingest.faults.good import Good, Question

_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_AT_ONCE = struct.pack("ii", 1, 0)
_PATIENCE = 20.0
"""Seconds after which even the most patient connection ends."""


class Ended(Exception):
    """The connection is over."""


class Asked(msgspec.Struct, frozen=True):
    """A question as it came: its target, and its headers by their names in small letters."""

    target: str
    headers: dict[str, str]

    @property
    def question(self) -> Question:
        """Path and parameters."""
        parts = urlsplit(self.target)
        return parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True))

    def knows(self, good: Good) -> bool:
        """Whether whoever asks says that this very answer is known already."""
        said = dict(good.headers)
        pairs = (("if-none-match", "etag"), ("if-modified-since", "last-modified"))
        return any(self.headers.get(ask, "") == said.get(tell, "-") for ask, tell in pairs)


class Line:
    """Hears questions and sends bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def question(self) -> Asked:
        """Hear a question; one for robots.txt is answered here, as not there."""
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Ended from error
        first, *lines = head.rstrip().split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        asked = Asked(first.split(" ")[1], headers)
        if asked.target == "/robots.txt":
            await self.send(_ROBOTS)
            raise Ended
        return asked

    async def send(self, data: bytes, *, size: int = 0, pause: float = 0.0) -> None:
        """Send bytes, at once or in pieces of `size` with so many seconds between them."""
        step = size or max(len(data), 1)
        for at in range(0, len(data), step):
            self._writer.write(data[at : at + step])
            await self._writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def hush(self) -> None:
        """Say nothing more until the other side goes."""
        async with asyncio.timeout(_PATIENCE):
            while await self._reader.read(65_536):
                pass

    def reset(self) -> None:
        """End the connection with an RST."""
        plain: socket.socket = self._writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._writer.transport.abort()
        raise Ended
