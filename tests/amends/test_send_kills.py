"""Killed anywhere in making and sending a digest: it always comes, twice at the most, under one id."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from models.store import Store
from models.store.outbox import HOLDS
from tests.amends.lives import _points
from tests.amends.outputs.receivers import Hook, Mailbox, hook_server, mail_server
from tests.amends.outputs.sender import Run
from tests.battery import FULL, Record, tell, times
from tests.factories import a_post, a_watch, an_incident

pytestmark = pytest.mark.sqlite("each life begins with a copy of SQLite's file")

KEEPING = ["pwrite64", "fdatasync"]
SENDING = ["connect", "sendto", "recvfrom", "fsync", "rename"]
CALLS = [*KEEPING, *SENDING]
BEGAN = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
EVENT = "digest.discs-late.2026-03-04.1"


class Copies(NamedTuple):
    """What came of one life, output by output: the ids of all copies, and how many differ."""

    ids: dict[str, list[str]]
    different: int


class Place:
    """A home as it stands before a digest is due, those who receive, and what is started and killed."""

    def __init__(
        self, folder: Path, box: Mailbox, hook: Hook, driver: subprocess.Popen[bytes]
    ) -> None:
        self._folder, self._box, self._hook, self._driver = folder, box, hook, driver
        self._lives = 0
        self.log = folder / "log"
        (folder / "template").mkdir()
        store = Store.open(f"sqlite:///{folder / 'template' / 'amends.db'}")
        with store.begin() as tx:
            incident = tx.incidents.add(an_incident(tz="America/Chicago", began=BEGAN))
        watch = a_watch(store, incident_id=incident.id)
        with store.begin() as tx:
            posts = [a_post(posted_at=BEGAN + timedelta(minutes=n)) for n in range(40)]
            tx.posts.add(watch, posts, BEGAN + timedelta(hours=1))
        store.close()

    def life(self, call: str = "", number: int = 0) -> tuple[int, Copies]:
        """Run once, killed there, and then undisturbed; return how the first ended, and what came."""
        self._lives += 1
        home = self._folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._folder / "template", home)
        name = f"life{self._lives}"
        (home / "outputs.toml").write_text(
            f'[output.mail]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {self._box.port}\n'
            f'security = "none"\nfrom = "amends@reelpost.example"\nto = ["{name}@reelpost.example"]\n'
            '[output.chat]\nkind = "slack"\nsecret = "SLACK"\n'
            f'[output.program]\nkind = "webhook"\nurl = "{self._hook.address(f"/{name}/program")}"\n'
            f'secret = "KEY"\n[output.folder]\nkind = "file"\nfolder = "{home / "out"}"\n'
            '[digest]\nat = "08:00"\nto = ["mail", "chat", "program", "folder"]\n'
        )
        run = Run(
            home=str(home), server=self._hook.host, secret=self._hook.address(f"/{name}/chat"),
            now=MORNING, calls=CALLS, call=call, number=number, log=str(self.log),
        )  # fmt: skip
        ended = self._run(run)
        if ended == -signal.SIGKILL:
            later = MORNING + HOLDS + timedelta(seconds=1)
            again = msgspec.structs.replace(run, now=later, call="", log="/dev/null")
            assert self._run(again) == 0, f"after a kill before {call} {number} it couldn't go on"
        assert ended in (0, -signal.SIGKILL), ended
        return ended, self._came(name, home)

    def _run(self, run: Run) -> int:
        assert self._driver.stdin is not None and self._driver.stdout is not None
        self._driver.stdin.write(msgspec.json.encode(run) + b"\n")
        self._driver.stdin.flush()
        return int(self._driver.stdout.readline())

    def _came(self, name: str, home: Path) -> Copies:
        at = [n for n, to in enumerate(self._box.to) if to == [f"{name}@reelpost.example"]]
        mails = [self._box.raw[n] for n in at]
        chats = [c.body for c in self._hook.came if c.path == f"/{name}/chat"]
        programs = [c for c in self._hook.came if c.path == f"/{name}/program"]
        files = [path for path in (home / "out").iterdir() if not path.name.startswith(".")]
        ids = {
            "mail": [
                str(self._box.mails[n]["Message-ID"]).strip("<>").partition("@")[0] for n in at
            ],
            "chat": [msgspec.json.decode(body)["blocks"][0]["block_id"] for body in chats],
            "program": [c.headers["webhook-id"] for c in programs],
            "folder": [path.name.removesuffix(".html") for path in files],
        }
        bodies = (mails, chats, [c.body for c in programs])
        return Copies(ids, sum(len(set(copies)) > 1 for copies in bodies))


def _in_turn(*lists: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield a point of each list in turn, each list in an order drawn anew, for ever."""
    chance = random.Random(881)
    while True:
        for shuffled in zip_longest(*(chance.sample(one, len(one)) for one in lists)):
            yield from (point or chance.choice(lists[n]) for n, point in enumerate(shuffled))


@contextmanager
def started(folder: Path) -> Iterator[Place]:
    """Run receivers and driver for the length of a `with`."""
    command = [sys.executable, "-m", "tests.amends.outputs.sender"]
    with (
        mail_server() as box,
        hook_server() as hook,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as driver,
    ):
        try:
            yield Place(folder, box, hook, driver)
        finally:
            assert driver.stdin is not None
            driver.stdin.close()


@pytest.mark.faults
def test_a_digest_is_never_lost_and_comes_twice_at_most(
    tmp_path: Path, record_property: Record
) -> None:
    """From the first write of making it to the last of marking it, at four outputs at once."""
    kills: Counter[str] = Counter()
    twice: Counter[str] = Counter()
    with started(tmp_path) as place:
        ended, came = place.life()
        assert ended == 0 and came.ids == {name: [EVENT] for name in came.ids}
        # Every other kill is where something is handed over: what comes twice comes from there.
        points = _in_turn(*(_points(calls, place.log.read_text()) for calls in (KEEPING, SENDING)))
        while kills.total() < times(100):
            call, number = next(points)
            ended, came = place.life(call, number)
            where = f"killed before {call} {number}"
            if ended == 0:
                # This time no thread made so many of them.
                continue
            assert ended == -signal.SIGKILL
            for name, ids in came.ids.items():
                assert 1 <= len(ids) <= 2, f"{where}: {len(ids)} copies at {name}"
                assert set(ids) == {EVENT}, f"{where}: other ids at {name}"
                twice[name] += len(ids) == 2
            assert len(came.ids["folder"]) == 1
            assert came.different == 0, f"{where}: copies differ"
            kills[call] += 1
    assert kills.keys() == set(CALLS) or not FULL
    tell(
        record_property,
        f"{kills.total()} kills over making and sending a digest to mail, chat, webhook and file"
        f" ({', '.join(f'{call} {n}' for call, n in kills.most_common())}): missing 0, more than two"
        f" copies 0, other ids 0, differing copies 0; twice"
        f" {', '.join(f'{name} {twice[name]}' for name in ('mail', 'chat', 'program', 'folder'))}",
    )
