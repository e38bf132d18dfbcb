"""
The process that asks: it meets every fault of a plan and tells what came of it.

A process of its own, so that the memory is its own; `python -m tests.ingest.faults.walking` reads
the plan from standard input.
"""

from __future__ import annotations

import gc
import resource
import shutil
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import certifi
import msgspec
import stamina

from ingest.collector import collect
from ingest.http import Web
from ingest.keep import keep
from ingest.registry import all_sources
from models.home import Secrets
from models.incident import Watch
from models.store import Store
from tests.ingest.faults.asker import Led, Unhurried, resolver
from tests.ingest.faults.kept import Kept
from tests.ingest.faults.plan import SECRET, Found, Plan, Task, Told
from tests.ingest.faults.server import AUTHORITY
from tests.recorded import NOW

LATER = (NOW + timedelta(minutes=1), NOW + timedelta(hours=25), NOW + timedelta(hours=26))
"""When the faulty watch is asked again: what was learnt of a place may be trusted for a day."""


class Walker:
    """Meets faults, one at a time or several that only wait, all through one web."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sources = {name: Unhurried(source) for name, source in all_sources().items()}
        secrets = {n: SECRET + n for source in self._sources.values() for n in source.needs}
        self._web = Web(
            Secrets(secrets), "amends/test", private=frozenset(plan.private),
            resolve=resolver(plan.deadline * 3), deadline=plan.deadline,
        )  # fmt: skip
        self.everything = frozenset[str]()
        self._folder = Path(plan.folder)
        Store.open(f"sqlite:///{self._folder / 'empty.db'}").close()

    def close(self) -> None:
        """Let go of the web."""
        self._web.close()

    def meet(self, task: Task) -> Found:
        """Meet one fault, with a healthy watch of another source beside it, in a new store."""
        path = self._folder / f"{task.fault}.db"
        shutil.copy(self._folder / "empty.db", path)
        store = Store.open(f"sqlite:///{path}")
        found = Found(fault=task.fault)
        try:
            self._meet(task, Kept(store), found)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody caught it
            found.odd = repr(error)
        finally:
            store.close()
            path.unlink()
        found.peak = peak()
        return found

    def _meet(self, task: Task, kept: Kept, found: Found) -> None:
        faulty, beside = (kept.watch(heard) for heard in (self._plan.faulty, self._plan.beside))
        host = self._sources[beside.source].ask(beside, NOW).url.split("/")[2]
        led = Led(self._web, self._plan, host, task)
        began, busy = time.monotonic(), time.process_time()
        for outcome in collect([faulty, beside], self._sources, led, lambda: NOW):
            if outcome.watch.id == beside.id:
                found.beside_seconds = time.monotonic() - began
            elif outcome.answer is not None:
                found.answers += 1
                found.told += len(outcome.answer.rejects) + len(outcome.answer.notes)
            keep(kept.store, outcome, NOW)
        found.seconds = led.longest
        found.busy_seconds = time.process_time() - busy
        kept.look(found, faulty, task.looks)
        found.beside_seen, found.beside_trouble = kept.seen(beside), kept.trouble(beside)
        led.well, found.healed = True, found.seen
        for later in LATER:
            if self.everything - found.healed - task.may_lose:
                found.healed = self._again(kept, faulty, led, later)

    def _again(self, kept: Kept, watch: Watch, led: Led, now: datetime) -> frozenset[str]:
        for outcome in collect([kept.again(watch)], self._sources, led, lambda: now):
            keep(kept.store, outcome, now)
        return kept.seen(watch)


def peak() -> float:
    """Return the most memory this process has had, in MiB; where the kernel tells, not its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def uncaught() -> Iterator[list[str]]:
    """Write down what nobody catches, in any thread, for as long as this lasts."""
    odd: list[str] = []
    was = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda told: odd.append(f"{told.thread}: {told.exc_value!r}")
    sys.unraisablehook = lambda told: odd.append(f"{told.object!r}: {told.exc_value!r}")
    yield odd
    threading.excepthook, sys.unraisablehook = was


def walk(plan: Plan) -> Told:
    """Meet all faults of a plan; the first is none, so that all that is read late is read."""
    certifi.where = lambda: str(AUTHORITY)
    stamina.set_testing(testing=True, attempts=1)
    with uncaught() as odd:
        walker = Walker(plan)
        none = Task(fault="", origin="", at=0)
        found = [walker.meet(none)]
        walker.everything = found[0].seen
        warnings.simplefilter("error")
        before = peak()
        quick = [task for task in plan.tasks if not task.slow]
        slow = [task for task in plan.tasks if task.slow]
        found += [walker.meet(task) for task in quick]
        with ThreadPoolExecutor(max(len(slow), 1)) as pool:
            found += pool.map(walker.meet, slow)
        walker.close()
        # Whatever was left open complains when it is cleared away.
        gc.collect()
    return Told(found=found, before=before, odd=odd)


if __name__ == "__main__":
    told = walk(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan))
    sys.stdout.buffer.write(msgspec.json.encode(told))
