"""
Made-up posts that sound like people: chains of the corpus's words, a third of them passed on.

Words drawn at random from a short list would all be near copies of each other, and those of a long list
of nobody: what gathers copies, indexes words or looks for sums would be measured on something else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from classify.examples import shipped
from classify.labels import Labels

BEGAN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LASTS = timedelta(days=2)
PEOPLE = 0.4
"""Authors for each post."""

PASSED_ON = 0.3
"""The share of posts that say what an earlier one said, mostly one that many pass on."""

SHORTEST, LONGEST = 6, 40
"""Words of a post."""

Line = dict[str, str]


@cache
def _chain() -> dict[str, list[str]]:
    """Return which words follow which in the corpus; those that begin a post follow the empty one."""
    follows: dict[str, list[str]] = {}
    for example in shipped(Labels.load()):
        before = ""
        for word in example.text.split():
            follows.setdefault(before, []).append(word)
            before = word
    return follows


def texts(count: int, seed: int = 5) -> Iterator[str]:
    """Yield `count` texts, the same ones for the same seed."""
    follows, chance = _chain(), random.Random(seed)
    begins, draw = follows[""], chance.random
    original: list[str] = []
    for _ in range(count):
        if original and draw() < PASSED_ON:
            yield original[min(int(chance.paretovariate(0.6)) - 1, len(original) - 1)]
            continue
        said = [begins[int(draw() * len(begins))]]
        length = SHORTEST + int(draw() * draw() * (LONGEST - SHORTEST))
        while len(said) < length:
            after = follows.get(said[-1], begins)
            said.append(after[int(draw() * len(after))])
        text = " ".join(said)
        # Only what came early is passed on by many, so what is remembered has an end.
        if len(original) < 50_000:
            original.append(text)
        yield text


def lines(count: int, seed: int = 5) -> Iterator[Line]:
    """Yield posts as a file has them, in the order in which they were written."""
    chance, step = random.Random(seed), LASTS / count
    for number, text in enumerate(texts(count, seed)):
        yield {
            "id": str(number), "text": text, "author": f"user{int(chance.random() * count * PEOPLE)}",
            "created_at": (BEGAN + step * number).isoformat(), "lang": "en",
            "url": f"https://posts.example/{number}",
        }  # fmt: skip


def written(path: Path, count: int) -> Path:
    """Return a JSON Lines file of `count` posts, written if it isn't there."""
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with unfinished.open("w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines(count))
        unfinished.rename(path)
    return path
