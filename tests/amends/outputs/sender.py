"""
What the sweep kills: makes the digest that is due and sends it everywhere, then ends.

`python -m tests.amends.outputs.sender` imports all it needs once, reads what to do, one JSON `Run` a line,
and forks a process for each; it answers with how that ended, as `tests/amends/sweep.py` does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path

import msgspec

from amends.charts import hours_png
from amends.outputs.digests import send_what_is_due
from amends.outputs.sending import Ways, send_due
from amends.outputs.settings import read
from ingest.courier import Courier
from models.home import Secrets
from models.store import Store
from tests.amends.goldens import STYLES
from tests.amends.sweep import PATIENCE
from tests.slots import odd

_LET_ANYBODY_TRACE = 0x59616D61, ctypes.c_ulong(-1)


class Run(msgspec.Struct, kw_only=True):
    """
    One process: its home with database and outputs.toml, the server it may ask, and what time it is.

    It is killed before its so manieth `call` in any one thread, if one is named; `log` is where the
    `calls` it makes are written down.
    """

    home: str
    server: str
    secret: str
    now: datetime
    calls: list[str]
    call: str = ""
    number: int = 0
    log: str = "/dev/null"


def send_all(run: Run) -> None:
    """Open the store, make what is due, send what is due."""
    store = Store.open(f"sqlite:///{run.home}/amends.db")
    outputs = read(Path(run.home))
    courier = Courier("amends-tests", private=frozenset([run.server]))
    ways = Ways(courier, Secrets({"SLACK": run.secret, "KEY": odd("webhook secret")}))
    send_what_is_due(store, outputs, STYLES, run.now)
    told = send_due(store, outputs, ways, lambda: run.now)
    for one in told:
        if one.state != "sent":
            raise RuntimeError(one)
    courier.close()
    store.close()


def trace(run: Run, process: int) -> subprocess.Popen[bytes]:
    """Begin to trace a process: to kill it, or to count its calls."""
    # Its pauses are left alone: four threads write here, and one waits for the other.
    words = ["strace", "-f", "-qq", "-o", run.log, "-e", f"trace={','.join(run.calls)}"]
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
        send_all(run)
        code = 0
    except Exception as error:  # noqa: BLE001  whatever it is, it is told and the sending has failed
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def main() -> None:
    """Do what is read, one process after the other."""
    # What a process would import only on its way is imported here, once for all of them.
    Store.open("sqlite://").close()
    for name in ("mail", "mail_send", "folder", "slack", "webhook"):
        import_module(f"amends.outputs.{name}")
    hours_png(["00:00"], [1], [])
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
