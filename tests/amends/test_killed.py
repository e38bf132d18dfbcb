"""A backfill that is killed at any moment goes on with the same command."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.amends.conftest import Amends
from tests.battery import FULL, times

POSTS = 12_000 if FULL else 8_000
KILLS = times(10)


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
    command = [
        sys.executable,
        "-m",
        "amends",
        "--home",
        str(home),
        "backfill",
        incident,
        "file",
        str(file),
    ]
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
