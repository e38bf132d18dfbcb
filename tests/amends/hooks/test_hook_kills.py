"""The board is killed while monitors call: whatever was answered with 200 is kept, and kept once."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx2
import msgspec

from models.store import Store
from tests.battery import Record, tell, times
from tests.grounds import url_of

CALLS, KILLS, SENDERS = 2_000, 30, 4
AGAIN = 5
"""One call in so many is sent a second time although it was answered."""


class Board:
    """A board in a process of its own, which is killed now and then and begins again."""

    def __init__(self, home: Path) -> None:
        self._home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._begin()

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "amends", "--home", str(self._home), "board", "--port",
             str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )  # fmt: skip

    def kill(self) -> None:
        """Kill it, and begin again."""
        self.end()
        self._begin()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()


class Sender:
    """Calls until it is answered, as monitors do; remembers what was."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.answered: list[str] = []
        self.calls = 0

    def send(self, todo: SimpleQueue[str]) -> None:
        """Send until nothing is left to send."""
        with httpx2.Client(timeout=30, trust_env=False) as client:
            while True:
                try:
                    event = todo.get_nowait()
                except Empty:
                    return
                self._once(client, event)

    def _once(self, client: httpx2.Client, event: str) -> None:
        said = {"id": event, "status": "down", "name": "The belt stands still"}
        for _ in range(600):
            try:
                answer = client.post(self._url, content=msgspec.json.encode(said))
            except httpx2.HTTPError:
                time.sleep(0.1)
                continue
            self.calls += 1
            if answer.status_code == 200:
                self.answered.append(event)
                return
            assert answer.status_code == 503, answer.text
        message = "it never came back"
        raise AssertionError(message)


def test_what_was_answered_is_kept_once(home: Path, record_property: Record) -> None:
    """Kill -9 at random moments; one call in five is sent again."""
    many, kills, chance = times(CALLS), times(KILLS, 3), random.Random(2026)
    store = Store.open(url_of(home))
    with store.begin() as tx:
        _, secret = tx.monitors.add(
            "belts", "json", company="Reelpost", tz="UTC", terms=[], watches=[],
            settings={"event": "id"}, now=datetime.now(UTC),
        )  # fmt: skip
    events = [f"e{number}" for number in range(many)]
    again = events[::AGAIN]
    todo: SimpleQueue[str] = SimpleQueue()
    for event in chance.sample(events, len(events)) + again:
        todo.put(event)
    board = Board(home)
    sender = Sender(f"http://127.0.0.1:{board.port}/hooks/belts/{secret}")
    done = threading.Event()

    def kill() -> int:
        for number in range(kills):
            # Spread over the calls that will be answered, and then at any moment.
            goal = (number + 1) * (many + len(again)) // (kills + 1)
            while len(sender.answered) < goal and not done.wait(0.002):
                pass
            if done.wait(chance.uniform(0, 0.05)):
                return number
            board.kill()
        return kills

    try:
        with ThreadPoolExecutor(SENDERS + 1) as pool:
            killer = pool.submit(kill)
            senders = [pool.submit(sender.send, todo) for _ in range(SENDERS)]
            for one in senders:
                one.result()
            done.set()
            killed = killer.result()
    finally:
        done.set()
        board.end()
    with store.read() as tx:
        kept = [one.event for one, _ in tx.alerts.newest(many * 2)]
        opened = len(tx.incidents.every())
    store.close()
    assert killed == kills
    assert len(kept) == len(set(kept)), "nothing is kept twice"
    assert set(kept) == set(events) == set(sender.answered)
    assert opened == 1
    tell(record_property,
         f"{len(sender.answered):,} calls answered, {len(again):,} of them sent again, {killed} kills: "
         f"{len(set(events) - set(kept))} lost, {len(kept) - len(set(kept))} double, 1 incident")  # fmt: skip
