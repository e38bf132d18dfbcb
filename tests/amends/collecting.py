"""`amends run` in a process of its own, which goes on until the test has seen enough."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.incident import WatchRow
from models.store import Store
from tests.amends.long_thread import LongThread
from tests.factories import NOW, an_incident

PATIENCE = 60.0
"""Seconds after which a thing that was to happen has not happened."""


class Collecting:
    """A running `amends run`, and the file with what it says."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path) -> None:
        self._process, self._file = process, said

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self._file.read_text()

    def until(self, happened: Callable[[], bool]) -> float:
        """Wait until something has happened while it goes on; return the seconds it took."""
        begun = time.monotonic()
        while not happened():
            assert self._process.poll() is None, f"it ended: {self.said[-2_000:]}"
            assert time.monotonic() - begun < PATIENCE, f"it doesn't go on: {self.said[-2_000:]}"
            time.sleep(0.1)
        return time.monotonic() - begun


@contextmanager
def collecting(
    home: Path, blog: LongThread, said: Path, before: Sequence[str] = (), **settings: str
) -> Iterator[Collecting]:
    """Let `amends run` collect from a blog every second, and stop it as Ctrl-C would."""
    command = [sys.executable, "-m", "amends", "--home", str(home), "run", "discs-late"]
    allowed = {"AMENDS_ALLOW_PRIVATE": blog.url.removeprefix("http://")}
    with said.open("wb") as out:
        process = subprocess.Popen(
            [*before, *command, "--every", "1s"],
            stdout=out, stderr=out, env=os.environ | allowed | settings,
            # Tests that run in the background pass on that they are deaf to Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        try:
            yield Collecting(process, said)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0, said.read_text()[-2_000:]
        finally:
            process.kill()
            process.wait()


def listens_to(store: Store, blog: LongThread) -> None:
    """Open an incident that listens to a blog's article."""
    with store.begin() as tx:
        incident = tx.incidents.add(an_incident()).id or 0
        tx.watches.add(WatchRow(incident_id=incident, key="", source="wordpress",
                                address=blog.article, created_at=NOW))  # fmt: skip
