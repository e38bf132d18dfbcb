"""
The command `amends`: the root, its options, and how errors become one line and an exit code.

A file here for each noun. Heavy imports stay inside the commands: `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from copy import copy
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
import typer.main

import amends  # noqa: F401  puts the rooms on the path where they lie in a wheel
from amends.cli import (
    act,
    alarms,
    audit,
    authors,
    backfill,
    backup,
    board,
    campaign,
    check,
    clock,
    db,
    demo,
    digest,
    doctor,
    effect,
    erase,
    export,
    ic,
    incident,
    monitor,
    outbox,
    output,
    posts,
    recovery,
    retention,
    run,
    serve,
    shelf,
    themes,
    truth,
    tryout,
    user,
    verify,
    voices,
    watch,
    worker,
)
from amends.cli.desk import Desk
from classify.cli import app as classify_app
from ingest.cli import app as ingest_app
from models.errors import AmendsError
from models.secret import guard_logs

INTERRUPTED = 130
"""With what Typer ends when somebody presses Ctrl-C."""

app = typer.Typer(
    name="amends",
    help="Amends listens to the public while a service is down, and helps the comms team make amends.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for group, name in ((incident.app, "incident"), (watch.app, "watch"), (act.app, "act"),
                    (campaign.app, "campaign"),
                    (digest.app, "digest"), (voices.app, "voices"), (alarms.app, "alarms"),
                    (output.app, "output"), (outbox.app, "outbox"), (user.app, "user"),
                    (monitor.app, "monitor"), (retention.app, "retention"), (authors.app, "authors"),
                    (audit.app, "audit"),
                    (db.app, "db"), (ingest_app, "ingest"),
                    (classify_app, "classify")):  # fmt: skip
    app.add_typer(group, name=name)
for module in (
    demo,
    board,
    serve,
    run,
    worker,
    ic,
    themes,
    truth,
    backfill,
    posts,
    tryout,
    check,
    doctor,
    clock,
    recovery,
    effect,
    shelf,
    export,
    erase,
    verify,
    backup,
):
    module.add_to(app)


@app.callback()
def root(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="The folder to keep everything in (or AMENDS_HOME).")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show where an error came from.")
    ] = False,
) -> None:
    """Listen to the public while a service is down, and help the comms team make amends."""
    context.obj = Desk(home, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a foreseeable fault is a sentence, a remedy and an exit code."""
    words = _home_first(list(sys.argv[1:] if arguments is None else arguments))
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a character shows a mark, and the list goes on.
        stream.reconfigure(errors="replace") if hasattr(stream, "reconfigure") else None
    guard_logs()
    desk = Desk(None)
    try:
        _command(_noun(words))(words, prog_name="amends")
    except AmendsError as error:
        if {"-v", "--verbose"} & set(words):
            raise
        desk.say(f"amends: {error.message}")
        if error.remedy:
            desk.say(f"  → {error.remedy}")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as ended:
        if isinstance(ended, SystemExit) and ended.code != INTERRUPTED:
            raise
        desk.say("\nstopped; what came in is kept")
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has had enough, as in `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


@cache
def _command(noun: str) -> Callable[..., object]:
    """Return the commands of a noun, all of them if there is none: building those takes longest."""
    chosen = copy(app)
    groups = [one for one in app.registered_groups if one.name == noun]
    commands = [one for one in app.registered_commands if one.name == noun]
    if groups or commands:
        chosen.registered_groups, chosen.registered_commands = groups, commands
    return typer.main.get_command(chosen)


def _noun(words: Sequence[str]) -> str:
    """Return the first word that is no option of the root."""
    after = words[2:] if words[:1] == ["--home"] else words
    return next((word for word in after if not word.startswith("-")), "")


def _home_first(words: list[str]) -> list[str]:
    """Return the words with --home in front: people write it wherever they think of it."""
    if "--" in words:
        end = words.index("--")
        return _home_first(words[:end]) + words[end:]
    for place, word in enumerate(words):
        size = 2 if word == "--home" else 1 if word.startswith("--home=") else 0
        if size:
            return words[place : place + size] + words[:place] + words[place + size :]
    return words
