"""
A day of complaints, written for the project: four topics from midnight on, and a fifth that comes up at 13:00.

The texts lie in `fixtures/themes/`. When each is said is drawn by chance; of the new topic a third is said
within its first hour.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path

from amends.pulse.themes import QUIET
from classify.themes import Complaint, Theme, themes

FILE = Path(__file__).parents[2] / "fixtures" / "themes" / "complaints.jsonl"
HOUR = timedelta(hours=1)
NEW, SINCE = "support", 13
STOP = QUIET | {"reelpost"}


def a_day(midnight: datetime, seed: int) -> tuple[list[Complaint], dict[int, str]]:
    """Return a day's complaints, each by somebody else, and what each is about."""
    dice = random.Random(seed)
    said, about = [], {}
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        one = json.loads(line)
        first = SINCE if one["topic"] == NEW else 0
        last = SINCE + 1 if first and number % 3 == 0 else 24
        at = midnight + timedelta(seconds=round(dice.uniform(first * 3600, last * 3600)))
        said.append(Complaint(id=number, voice=f"v{number}", at=at, text=one["text"]))
        about[number] = one["topic"]
    return said, about


def known_at(said: list[Complaint], midnight: datetime, hour: int) -> list[Theme]:
    """Return the themes as they are found when so many hours have passed."""
    now = midnight + hour * HOUR
    hours = [midnight + n * HOUR for n in range(hour + 1)]
    return themes([one for one in said if one.at < now], hours, STOP)
