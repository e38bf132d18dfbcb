"""The server under `amends board` and `amends serve`: what it listens on, and how it ends."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType

import uvicorn
from fastapi import FastAPI

from models.errors import SetupError

DRAIN = 4
"""Seconds that those who are being answered have to hear the end of it."""

_ARENAS, _MOST_ARENAS = -8, 2
"""glibc's name for how many heaps there may be, M_ARENA_MAX, and how many we need."""


def config(app: FastAPI, proxies: Sequence[str] = ()) -> uvicorn.Config:
    """
    Return how an application is served. Only these proxies are believed about who asks, and how.

    Nothing is logged of requests: their addresses hold what people look for, and invitations.
    """
    return uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, server_header=False, ws="none",
        lifespan="on", proxy_headers=bool(proxies), forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=DRAIN,
    )  # fmt: skip


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; SetupError if the address can't be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _taken(host, port, error) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        made.close()
        raise _taken(host, port, error) from error
    return made


def _taken(host: str, port: int, error: OSError) -> SetupError:
    message = f"can't listen on {host}, port {port}: {error.strerror or error}"
    return SetupError(message, "name another one with --port, or stop who has it")


class Server(uvicorn.Server):
    """Ends politely at the first signal, telling `at_end`, and at once at the second."""

    def __init__(self, config: uvicorn.Config, at_end: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._at_end = at_end
        self.asked_at: float | None = None
        """When we were asked to end, by the clock that never goes back."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until the end."""
        _share_heaps()
        # What is loaded by now stays; walking through it would hold somebody up every few seconds.
        gc.collect()
        gc.freeze()
        super().run(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Take a signal."""
        if self.asked_at is not None:
            # What came in is kept: every answer is one transaction.
            os._exit(128 + signal.Signals(sig).value)
        self.asked_at = time.monotonic()
        self.should_exit = True
        self._at_end()


def _share_heaps() -> None:
    # Else each thread that answers gets a heap of its own, and no other uses what was given back there.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENAS, _MOST_ARENAS)
