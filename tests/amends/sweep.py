"""
What the sweep kills: collects from every watch until all of a stretch is proved, then ends.

`python -m tests.amends.sweep` imports all it needs once, reads what to do, one JSON `Run` a line, and forks
a process for each; it answers with how that ended: its exit code, or minus the signal that ended it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import msgspec
from sqlalchemy import create_engine

from ingest.collector import collect
from ingest.disk import Disk
from ingest.http import Web
from ingest.keep import keep
from ingest.places import Places
from ingest.registry import all_sources
from ingest.robots import Robots
from models.home import Secrets
from models.incident import Watch, WatchRow
from models.store import Store
from tests.factories import an_incident

SOURCES = all_sources()
ROUNDS = 40
PATIENCE = 60
"""Seconds a process may take."""

_LET_ANYBODY_TRACE = 0x59616D61, ctypes.c_ulong(-1)


class Wanted(msgspec.Struct, kw_only=True):
    """What a person says of a watch; all it finds can be proved complete from `proved_from` on."""

    source: str
    since: datetime
    proved_from: datetime
    address: str | None = None
    terms: list[str] = []
    settings: dict[str, str] = {}

    def row(self, incident_id: int | None) -> WatchRow:
        """Return it as the store keeps it."""
        return WatchRow(
            incident_id=incident_id, key="", source=self.source, address=self.address,
            terms=self.terms, settings=self.settings, since=self.since, created_at=self.since,
        )  # fmt: skip


class Run(msgspec.Struct, kw_only=True):
    """
    One process: where it keeps its posts, which server it asks, its watches, one a source.

    It lives `behind` seconds ago, and its work is done once all is proved up to `until`. It is killed
    before its so manieth `call` in any one thread, if one is named; `log` is where the `calls` it makes
    are written down.
    """

    url: str
    server: str
    watches: list[Wanted]
    until: datetime
    behind: float
    calls: list[str]
    call: str = ""
    number: int = 0
    log: str = "/dev/null"

    def now(self) -> datetime:
        """Return what time it is for this process."""
        return datetime.now(UTC) - timedelta(seconds=self.behind)


def collect_all(run: Run) -> None:
    """Open the store, keep the watches, and go round until all is proved."""
    store = Store.open(run.url)
    web = Web(Secrets({"X_BEARER_TOKEN": "a"}), "amends-tests", private=frozenset([run.server]))
    asker = Places(Robots(web), Disk())
    with store.begin() as tx:
        incident = next(iter(tx.incidents.every()), None) or tx.incidents.add(an_incident())
        for watch in run.watches:
            tx.watches.add(watch.row(incident.id))
    for _ in range(ROUNDS):
        left = unproved(store, incident.id or 0, run)
        if not left:
            break
        for outcome in collect(left, SOURCES, asker, run.now):
            keep(store, outcome, run.now())
            if outcome.error is not None:
                raise outcome.error
    else:
        message = f"after {ROUNDS} rounds not all is proved"
        raise RuntimeError(message)
    web.close()
    store.close()


def unproved(store: Store, incident_id: int, run: Run) -> list[Watch]:
    """Return the watches with an open hole, or not proved complete yet."""
    proved_from = {watch.source: watch.proved_from for watch in run.watches}
    with store.read() as tx:
        return [
            watch
            for watch in tx.watches.due(incident_id, run.now())
            if watch.holes
            or not any(
                span.since <= proved_from[watch.source] and run.until <= span.until
                for span in tx.coverage.of(watch.id)
            )
        ]


def trace(run: Run, process: int) -> subprocess.Popen[bytes]:
    """Begin to trace a process: to kill it or to count its calls, and to pass over its pauses."""
    words = ["strace", "-f", "-qq", "-o", run.log, "-e", "inject=clock_nanosleep:retval=0"]
    words += ["-e", f"trace={','.join([*run.calls, 'clock_nanosleep'])}"]
    words += ["-e", f"inject={run.call}:signal=KILL:when={run.number}"] if run.call else []
    return subprocess.Popen([*words, "-p", str(process)])


def _live(run: Run) -> None:
    """Be the process, from when it is traced on; never returns."""
    signal.alarm(PATIENCE)
    ctypes.CDLL(None).prctl(*_LET_ANYBODY_TRACE, 0, 0, 0)
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        time.sleep(0.001)
    code = 1
    try:
        collect_all(run)
        code = 0
    except Exception as error:  # noqa: BLE001  whatever it is, it is told and the start was refused
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def main() -> None:
    """Do what is read, one process after the other."""
    # What a process would import only on its way is imported here, once for all of them.
    Store.open("sqlite://").close()
    create_engine("postgresql+psycopg://nowhere").dispose()
    import_module("feedparser")
    for line in sys.stdin.buffer:
        run = msgspec.json.decode(line, type=Run)
        process = os.fork()
        if not process:
            _live(run)
        tracing = trace(run, process)
        ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        tracing.wait()
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
