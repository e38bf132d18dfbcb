"""
Workers that begin at once: `python -m tests.amends.crew HOME URL` forks one for every line it reads.

It answers with the number of the process. They look for one another's death more often than a worker
of `amends worker` does, so that a test needn't wait for half a minute.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from amends.cli.desk import Desk
from amends.cli.worker import hands
from amends.workers.work import Pace, Worker
from models.store import Store

MACHINE = "here"
PACE = Pace(beat=0.3, gone=1.5, tick=1, poll=0.3)
PATIENCE = 120.0 if os.environ.get("AMENDS_TRUST") != "full" else 1_800.0


class Crew:
    """The workers of a test, and the file with what they say."""

    def __init__(self, process: subprocess.Popen[str], said: Path) -> None:
        self._process, self._file = process, said
        self.alive: list[int] = []

    @property
    def said(self) -> str:
        """What they have said so far."""
        return self._file.read_text()

    def starts(self, workers: int) -> None:
        """Let so many begin."""
        assert self._process.stdin is not None and self._process.stdout is not None
        for _ in range(workers):
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            self.alive.append(int(self._process.stdout.readline()))

    def loses(self, which: int) -> None:
        """Kill one of them as a power cut would; another one begins."""
        os.kill(self.alive.pop(which), signal.SIGKILL)
        self.starts(1)

    def until(self, happened: Callable[[], bool]) -> float:
        """Wait until something has happened; return the seconds it took."""
        begun = time.monotonic()
        while not happened():
            assert time.monotonic() - begun < PATIENCE, f"nothing happens: {self.said[-2_000:]}"
            time.sleep(0.1)
        return time.monotonic() - begun

    def ends(self) -> None:
        """Tell all to end, and see them go."""
        for one in self.alive:
            os.kill(one, signal.SIGTERM)
        self.until(lambda: not any(Path(f"/proc/{one}").exists() for one in self.alive))


@contextmanager
def crew(
    home: Path, url: str, said: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Crew]:
    """Give what forks workers; those still there are killed at the end."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.amends.crew", str(home), url]
    with said.open("w") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True,
            env=os.environ | (settings or {}),
        )  # fmt: skip
    made = Crew(process, said)
    try:
        yield made
    finally:
        for one in made.alive:
            if Path(f"/proc/{one}").exists():
                os.kill(one, signal.SIGKILL)
        process.kill()
        process.communicate()


def main() -> None:
    """Fork a worker for each line."""
    desk = Desk(Path(sys.argv[1]))
    # What each would read by itself is read once; and nobody waits for the dead.
    _ = desk.classifier, desk.sources, desk.labels, desk.alarm_rules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        number = os.fork()
        if not number:
            _work(desk, sys.argv[2])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def _work(desk: Desk, url: str) -> None:
    code = 1
    try:
        store = Store.open(url, desk.home.seal, desk.home.marks)
        with desk.open_asker() as asker:
            Worker(hands(desk, store, asker), MACHINE, 1, outputs=True, pace=PACE).run()
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
