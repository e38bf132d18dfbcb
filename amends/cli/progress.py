"""How far something long is: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from amends.cli.desk import Desk

if TYPE_CHECKING:
    from amends.archive import Tell


@contextmanager
def progress(desk: Desk) -> Iterator[Tell]:
    """Give what tells how far it is: a bar on a terminal, else a plain line every few seconds."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        said = time.monotonic()

        def tell_plainly(doing: str, done: int, total: int) -> None:
            nonlocal said
            if time.monotonic() - said > 3:
                said = time.monotonic()
                desk.say(f"{doing}: {100 * done // total} %" if total else doing)

        yield tell_plainly
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("")

        def tell(doing: str, done: int, total: int) -> None:
            bars.update(task, description=doing, completed=done, total=total or None)

        yield tell
