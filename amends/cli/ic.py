"""`amends ic`: the line for whoever leads the incident."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import plain


class Form(StrEnum):
    """How to print the line."""

    text = "text"
    json = "json"


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("ic")(ic)


def ic(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    every: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=10_080,
            metavar="MINUTES",
            help="Once more every so many minutes, until Ctrl-C.",
        ),
    ] = None,
    board: Annotated[
        str, typer.Option(metavar="URL", help="Where the board is, for links (or AMENDS_BOARD).")
    ] = "",
    as_: Annotated[
        Form, typer.Option("--as", help="How to print it; json is one object a line.")
    ] = Form.text,
) -> None:
    """
    Print the state of an incident in one sentence, for whoever leads it: what is said, alarms, coverage.

    Example: amends ic discs-late --every 15 --board https://board.example
    """
    desk: Desk = context.obj
    address = _address(board or desk.environment.get("AMENDS_BOARD", ""))
    with suppress(KeyboardInterrupt):
        while True:
            _say(desk, incident, address, as_)
            if every is None:
                break
            time.sleep(every * 60)
    desk.next(f"amends alarms list {incident}", "what rose beyond the usual, and since when")


def _say(desk: Desk, incident: str, board: str, as_: Form) -> None:
    import msgspec

    from amends.pulse.ic import ic_line_of

    with desk.open_store() as store, store.read() as tx:
        line = ic_line_of(
            tx, tx.incidents.find(incident), desk.labels.main.names, desk.now(), board
        )
    links = "".join(f" {link.url}" for link in line.links[:1])
    said = msgspec.json.encode(line).decode() if as_ is Form.json else plain(line.text) + links
    sys.stdout.write(said + "\n")
    sys.stdout.flush()


def _address(board: str) -> str:
    from models.errors import SetupError

    board = board.strip()
    if board and not board.startswith(("https://", "http://")):
        message = f"“{board}” isn't a web address"
        raise SetupError(message, "it begins with https://")
    return board
