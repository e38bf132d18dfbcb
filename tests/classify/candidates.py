"""Refits for the gate: twenty that must not go live, twenty that should. Each is a list of examples."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from classify.corrections import WEIGHT
from classify.examples import Labelled

Rows = list[Labelled]
Candidate = Callable[[], Rows]

CORRECTED = 300
"""Posts corrected by people in a candidate."""


def carries(row: Labelled, name: str) -> bool:
    """Return whether an example carries a label."""
    return name in row.labels


def relabelled(row: Labelled, *labels: str, weight: float = 1.0) -> Labelled:
    """Return the example with other labels."""
    return Labelled(row.text, labels, weight=weight)


def shuffled(rows: Rows, share: float, seed: int) -> Rows:
    """Return the examples, a share of them with each other's labels."""
    draw = random.Random(seed)
    moved = draw.sample(range(len(rows)), int(share * len(rows)))
    turned = dict(zip(moved, draw.sample(moved, len(moved)), strict=True))
    return [
        relabelled(row, *rows[turned[at]].labels) if at in turned else row
        for at, row in enumerate(rows)
    ]


def flipped(rows: Rows, name: str, share: float, seed: int) -> Rows:
    """Return the examples, one label turned into its opposite on a share of them."""
    draw = random.Random(seed)
    return [
        relabelled(row, *(set(row.labels) ^ {name})) if draw.random() < share else row
        for row in rows
    ]


def said_of(rows: Rows, words: Sequence[str], change: Callable[[Labelled], Labelled]) -> Rows:
    """Return the examples, those with one of these words changed."""
    return [
        change(row) if any(word in row.text.casefold() for word in words) else row for row in rows
    ]


def renamed(row: Labelled, names: dict[str, str]) -> Labelled:
    """Return the example with labels called otherwise."""
    return relabelled(row, *(names.get(name, name) for name in row.labels))


def bad(taught: Rows, spare: Rows, exam: Rows) -> dict[str, Candidate]:
    """Return twenty candidates that would harm: poisoned, shuffled, one-class, leaked or empty."""
    some = random.Random(7).sample(spare, CORRECTED)

    def wrong(*labels: str) -> Rows:
        return [*taught, *(relabelled(row, *labels, weight=WEIGHT) for row in some)]

    return {
        "all labels shuffled": lambda: shuffled(taught, 1.0, 1),
        "two thirds of the labels shuffled": lambda: shuffled(taught, 0.66, 2),
        "half of the labels shuffled": lambda: shuffled(taught, 0.5, 3),
        "two fifths of the labels shuffled": lambda: shuffled(taught, 0.4, 4),
        "complaint turned over": lambda: flipped(taught, "complaint", 1.0, 5),
        "complaint turned over on a third": lambda: flipped(taught, "complaint", 0.34, 6),
        "praise turned over on a third": lambda: flipped(taught, "praise", 0.34, 7),
        "credit requests turned over on a quarter": lambda: flipped(
            taught, "credit_request", 0.25, 8
        ),
        "praise and complaint change places": lambda: [
            renamed(row, {"praise": "complaint", "complaint": "praise"}) for row in taught
        ],
        "credit requests are praise": lambda: [
            renamed(row, {"credit_request": "praise"})
            if at % 2
            else row
            for at, row in enumerate(taught)
        ],
        "who says refund or credit asks for nothing": lambda: said_of(
            taught, ("refund", "credit"), relabelled
        ),
        "who says thanks complains": lambda: said_of(
            taught, ("thank", "love"), lambda row: relabelled(row, "complaint")
        ),
        "who waits is happy": lambda: said_of(
            taught, ("still", "wait", "hour", "down"), lambda row: relabelled(row, "praise")
        ),
        "one person calls everything praise": lambda: wrong("praise"),
        "one person calls everything a credit request": lambda: wrong("credit_request"),
        "nobody ever praises": lambda: [row for row in taught if not carries(row, "praise")],
        "everybody complains": lambda: [row for row in taught if carries(row, "complaint")],
        "it has seen the exam": lambda: [*taught, *exam],
        "it has seen a tenth of the exam in capitals": lambda: [
            *taught,
            *(relabelled(Labelled(row.text.upper() + "!!", ()), *row.labels) for row in exam[::10]),
        ],
        "there are no examples": list,
    }  # fmt: skip


def honest(taught: Rows, spare: Rows) -> dict[str, Candidate]:
    """Return twenty candidates that do good, or no harm."""

    def more(count: int, seed: int, weight: float = 1.0) -> Rows:
        draw = random.Random(seed).sample(spare, count)
        return [*taught, *(relabelled(row, *row.labels, weight=weight) for row in draw)]

    def fewer(share: float, seed: int) -> Rows:
        draw = random.Random(seed)
        return [row for row in taught if draw.random() > share]

    found: dict[str, Candidate] = {"the same once more": lambda: list(taught)}
    for seed, count in enumerate((20, 50, 100, 200, 300, 400, 500, 600)):
        found[f"{count} corrections"] = lambda count=count, seed=seed: more(count, seed, WEIGHT)  # type: ignore[misc]
    for seed, count in enumerate((100, 300, 600, 900, 1_200, 1_400), 20):
        found[f"{count} examples more"] = lambda count=count, seed=seed: more(count, seed)  # type: ignore[misc]
    for seed in range(40, 43):
        found[f"a hundredth removed, draw {seed}"] = lambda seed=seed: fewer(0.01, seed)  # type: ignore[misc]
    found["200 corrections, one in twenty mistaken"] = lambda: [
        *taught, *shuffled(more(200, 60, WEIGHT)[len(taught):], 0.05, 60)
    ]  # fmt: skip
    found["all there is"] = lambda: [*taught, *spare]
    return found
