"""A board served by a real server on this machine, for what only a real one shows."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

from amends.board.incident_live import lookout_of


class Serving:
    """Serves an application for the length of a `with`; `url` is where."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> Self:
        """Begin, and wait until it answers."""
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """End, open streams included."""
        self._server.should_exit = True
        lookout_of(self._app).end()
        self._thread.join(15)
        self._socket.close()
