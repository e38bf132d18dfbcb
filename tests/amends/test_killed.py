"""A backfill that is killed at any moment goes on with the same command, and who stops a command is told so."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

from amends.cli.desk import Desk
from tests.amends.conftest import Amends
from tests.battery import FULL, times

POSTS = 12_000 if FULL else 8_000
KILLS = times(10)


def backfill(home: Path, incident: str, place: str) -> list[str]:
    """Return the command in a process of its own."""
    words = ("--home", str(home), "backfill", incident, "file", place)
    return [sys.executable, "-m", "amends", *words]


def test_killed_again_and_again_nothing_is_lost_and_nothing_twice(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """Kill -9 at random moments, then the same command again: every post, once, tagged."""
    file = tmp_path / "posts.jsonl"
    with file.open("w") as out:
        for number in range(POSTS):
            # Long enough that the file is read in many pieces.
            text = f"post {number}: still no discs, where is my credit? " + "and again " * 40
            out.write(
                json.dumps({"id": str(number), "text": text, "author": f"cleo{number}"}) + "\n"
            )
    command = backfill(home, incident, str(file))
    moments = random.Random(881)
    killed = 0
    for _ in range(KILLS * 4):
        running = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
        time.sleep(moments.uniform(0.9, 3.2))
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.wait()
        if killed == KILLS:
            break

    said = amends("backfill", incident, "file", str(file))

    assert said.code == 0, said.err
    lines = amends("posts", incident, "--as", "jsonl").out.splitlines()
    assert sorted(int(json.loads(line)["external_id"]) for line in lines) == list(range(POSTS))
    assert all(json.loads(line)["labels"] for line in lines), "each of them is tagged"
    assert killed == KILLS


def test_who_stops_it_is_told_what_becomes_of_what_was_done(
    amends: Amends, incident: str, home: Path
) -> None:
    """By Ctrl-C: a sentence, the exit code of what failed, and what was kept by then stays."""
    line = {"text": f"still no discs, where is my credit? {'and again ' * 40}", "author": "cleo"}
    lines = "".join(json.dumps({"id": str(n)} | line) + "\n" for n in range(3_000))
    command = backfill(home, incident, "-")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        # Tests that run in the background pass on that they are deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as running:  # fmt: skip
        assert running.stdin is not None and running.stderr is not None
        running.stdin.write(lines)
        running.stdin.flush()
        begun = time.monotonic()
        while not amends("posts", incident, "--as", "jsonl").out:
            assert time.monotonic() - begun < 60 and running.poll() is None
            time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        told = running.stderr.read()

    assert running.returncode == 1
    assert "stopped; what came in is kept" in told and "to go on from there" in told
    assert "Traceback" not in told
    assert amends("posts", incident, "--as", "jsonl").out


def test_who_stops_another_command_is_told_so(
    amends: Amends, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence, and the exit code of what failed, wherever it was."""

    def pressed(_: Desk) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Desk, "open_store", pressed)
    said = amends("posts", incident)

    assert said.code == 1
    assert "stopped; what came in is kept" in said.err and "Traceback" not in said.err
