"""`amends board`: the page the team looks at."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk

if TYPE_CHECKING:
    import socket

    from amends.board.place import Place
    from classify.classifier import Classifier
    from models.store import Store

Host = Annotated[
    str, typer.Option(help="The address to listen on; other than this machine's own: with users.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any.")]
Proxy = Annotated[
    list[str] | None,
    typer.Option(help="A reverse proxy's address, whose X-Forwarded-For and -Proto are believed."),
]

LOCAL = ("127.0.0.1", "::1", "localhost")
PORT = 8323


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("board")(board)


def board(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    proxy: Proxy = None,
) -> None:
    """
    Serve the board, until Ctrl-C. On 127.0.0.1 without users nobody logs in.

    Example: amends board --port 8323
    """
    from amends import board as pages
    from amends.board.incident_live import lookout_of
    from amends.cli.server import Server, config, listening

    desk: Desk = context.obj
    with desk.open_store() as store:
        place = opened(desk, store, host, proxy or [])
        app = pages.board(place)
        with listening(host, port) as sock:
            tell(desk, place, sock)
            desk.next("amends run INCIDENT", "collect beside it; amends serve does both")
            Server(config(app, proxy or []), lookout_of(app).end).run(sockets=[sock])
    desk.say("the board is closed")


def opened(desk: Desk, store: Store, host: str, proxies: list[str]) -> Place:
    """Return where the board stands; SetupError where it would stand open to everybody."""
    from amends.board.place import Place
    from models.errors import SetupError

    with store.read() as tx:
        people = tx.people.every()
    remedy = "amends user add NAME --role admin, which prints a link to set a password with"
    if not people and (host not in LOCAL or proxies):
        where = "behind a proxy" if host in LOCAL else f"on {host}"
        message = f"a board {where} needs people who log in, and there is nobody yet"
        raise SetupError(message, remedy)
    if people and all(one.disabled_at is not None for one in people):
        message = "everybody who might log in is disabled"
        raise SetupError(message, remedy)
    once = Once(desk)
    once.ready()
    return Place(
        store=store, home=desk.home.path, labels=desk.labels, sources=desk.sources,
        classifier=once, ready=once.ready, asker=desk.open_asker, now=desk.now,
        single=None if people else desk.me, secrets=desk.secrets,
    )  # fmt: skip


class Once:
    """Gives the classifier, which is trained or read beside all else; who asks for it waits."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, threading.Lock()
        self._begun = False
        self._there = threading.Event()

    def __call__(self) -> Classifier:
        """Return it."""
        with self._lock:
            found = self._desk.classifier
            self._there.set()
            return found

    def ready(self) -> bool:
        """Return whether it is there; if not, begin to get it."""
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._get, name="classifier", daemon=True).start()
        return self._there.is_set()

    def _get(self) -> None:
        from models.errors import AmendsError

        # Whoever asks for it is told what is wrong with it.
        with suppress(AmendsError):
            self()


def tell(desk: Desk, place: Place, sock: socket.socket) -> None:
    """Say where the board is, and who gets in."""
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"http://{shown}:{port}/")
    if place.single is not None:
        desk.say(f"for you alone ({place.single}), without logging in; Ctrl-C ends it")
        desk.next("amends user add NAME --role admin", "so that the team can log in")
    elif host not in LOCAL:
        desk.say("passwords cross the network as they are: put TLS before it (OPERATIONS.md)")
