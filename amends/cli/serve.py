"""`amends serve`: the board and the rounds in one process."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.board import PORT, Host, Port, Proxy, opened, tell
from amends.cli.desk import Desk
from amends.cli.run import seconds

if TYPE_CHECKING:
    from amends.rounds import Turn

LIMIT = 9.0
"""Seconds from the first signal to the end: a service is given ten before it is killed."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    proxy: Proxy = None,
    every: Annotated[
        str, typer.Option(help="How long from one round to the next: 60s, 5m, 1h.")
    ] = "60s",
) -> None:
    """
    Serve the board and collect for all open incidents, until SIGTERM or Ctrl-C; a second one ends it at once.

    Example: amends serve --every 60s
    """
    from amends import board as pages
    from amends.board.incident_live import lookout_of
    from amends.cli.server import Server, config, listening
    from amends.rounds import Rounds, Turn

    desk: Desk = context.obj
    pause = seconds(every)
    with desk.open_store() as store:
        place = opened(desk, store, host, proxy or [])
        app = pages.board(place)
        with (
            listening(host, port) as sock,
            Turn(
                store, desk.sources, desk.now, desk.say, desk.alarm_rules, desk.upkeep(store)
            ) as turn,
        ):
            dispatch = desk.dispatch(store)
            rounds = Rounds(store, turn, desk.open_asker, place.classifier, desk.say, pause)

            def end() -> None:
                rounds.stop.set()
                dispatch.stop.set()
                lookout_of(app).end()

            server = Server(config(app, proxy or []), end)
            thread = threading.Thread(target=rounds.run, name="rounds", daemon=True)
            thread.start()
            sending = dispatch.start()
            tell(desk, place, sock)
            desk.next("curl http://HOST:PORT/healthz", "200 while all open incidents are heard")
            try:
                server.run(sockets=[sock])
            finally:
                rounds.stop.set()
                dispatch.stop.set()
                for number in (signal.SIGINT, signal.SIGTERM):
                    # The server has put back what was there before it.
                    signal.signal(number, server.handle_exit)
                _drain(desk, turn, (sending, thread), server.asked_at)
    desk.say("the board is closed, and what came in is kept")


def _drain(
    desk: Desk, turn: Turn, threads: Sequence[threading.Thread], asked_at: float | None
) -> None:
    """Let what is in hand end; who waits for a slow source or output is left, and asks again next time."""
    began = time.monotonic() if asked_at is None else asked_at
    for thread in threads:
        thread.join(max(began + LIMIT - time.monotonic(), 0.0))
    if any(thread.is_alive() for thread in threads):
        desk.say("a source is slow to answer; it is asked again next time. What came in is kept")
        turn.give_back()
        sys.stdout.flush()
        # Threads that wait for an answer can't be ended in any other way.
        os._exit(0)
