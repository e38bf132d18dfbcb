"""The fault server: raw asyncio in a thread, one port for each fault."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

from tests.ingest.faults.fault import Fault, Scene
from tests.ingest.faults.good import Good, best
from tests.ingest.faults.line import Ended, Line

HOST, OTHER, NOWHERE, MUTE = "faults.test", "other.test", "nowhere.test", "mute.test"
"""Names for this machine, and names that nobody knows or nobody tells about."""

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"
"""Who signs the certificates of this server, but for one that nobody signs."""

_NOT_THERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone"


class Server:
    """Serves chains and faults while a `with` lasts; `leaks` counts secrets sent to another host."""

    def __init__(self) -> None:
        self.leaks = 0
        self._loop = asyncio.new_event_loop()
        # What a client does to a connection is its own business here.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._talks: set[asyncio.Task[None]] = set()
        self._doors: list[asyncio.Server] = []
        self._sockets = ExitStack()

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._sockets.close()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def good(self, answers: tuple[Good, ...]) -> int:
        """Serve a chain as recorded; returns the port."""
        return self._open(partial(self._replay, answers=answers))

    def faulty(self, fault: Fault, scene: Scene) -> str:
        """Serve a fault in place of an answer; returns its address, scheme to port."""
        scheme = "https" if fault.certificate else "http"
        if fault.door in ("nowhere", "mute"):
            return f"http://{NOWHERE if fault.door == 'nowhere' else MUTE}:8080"
        if fault.door == "open":
            # Made beforehand: while a body is spoilt nobody else could be answered.
            said = scene.good.whole() if fault.says is None else fault.says(scene)
            port = self._open(partial(_play, fault, scene, said), fault.certificate)
        else:
            port = self._closed(full=fault.door == "full")
        return f"{scheme}://{HOST}:{port}"

    def _closed(self, *, full: bool) -> int:
        """Take a port at which nobody listens, or whose queue is full so that nobody gets in."""
        taken = self._sockets.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        address: tuple[str, int] = taken.getsockname()
        if full:
            taken.listen(0)
            for _ in range(4):
                waiting = self._sockets.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(address)
        return address[1]

    def _open(self, talk: Any, certificate: str = "") -> int:
        secure = None
        if certificate:
            secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            secure.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")

        def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(_served(talk, Line(reader, writer), writer))
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)

        begun: Coroutine[Any, Any, asyncio.Server] = asyncio.start_server(
            meet, "127.0.0.1", 0, ssl=secure, limit=1 << 20
        )
        door = asyncio.run_coroutine_threadsafe(begun, self._loop).result(10)
        self._doors.append(door)
        port: int = door.sockets[0].getsockname()[1]
        return port

    async def _replay(self, line: Line, *, answers: tuple[Good, ...]) -> None:
        asked = await line.question()
        if asked.headers["host"].startswith(OTHER) and "authorization" in asked.headers:
            self.leaks += 1
        good = best(answers, asked.question)
        if good is None:
            await line.send(_NOT_THERE)
        elif asked.knows(good):
            await line.send(good.head(status="304 Not Modified"))
        else:
            await line.send(good.whole())

    async def _end(self) -> None:
        for door in self._doors:
            door.close()
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)


async def _play(fault: Fault, scene: Scene, said: bytes, line: Line) -> None:
    if fault.play is not None:
        await fault.play(line, scene)
        return
    await line.question()
    await line.send(said)


async def _served(talk: Any, line: Line, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(Ended, OSError, TimeoutError):
            await talk(line)
            writer.close()
            async with asyncio.timeout(5):
                await writer.wait_closed()
    finally:
        writer.transport.abort()
