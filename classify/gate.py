"""
The gate: a refit goes live only if it is nowhere worse than what is in use, beyond the noise.

Both sit the same exam: shipped examples and corrections that neither has learnt from. Every label
is compared on every slice with enough posts: all of them, each source, each family of words, and
the newest. The measure is the mean squared error of the score (Brier, 1950), which sees wrong
order and wrong confidence alike; what is noise is settled by a paired bootstrap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from classify.classifier import Classifier
from classify.examples import Examples, Labelled
from classify.labels import Labels
from classify.scorer import UNKNOWN
from models.voice import near

FEWEST = 60
"""Posts a slice needs, and a sixth of that with and without the label."""

CHANCE = 0.2
"""How likely it may be that an equally good refit is refused, all comparisons together."""

MARGIN = 0.002
"""A difference in mean squared error too small to matter to anybody."""

_DRAWS, _AT_ONCE = 4_000, 200

ALL = "all posts"
"""The slice of all posts."""

FAMILIES = {
    "money": r"credit|refund|money|\bpaid?\b|\bpay|bill|charge|compensat|discount|voucher|[$€£]",
    "outage": r"\bdown\b|outage|offline|not working|broken|\berror|crash|no internet|no service",
    "waiting": r"\bwait|\bhours?\b|\bdays?\b|\bweeks?\b|\bstill\b|\byet\b|late\b|delay",
    "thanks": r"thank|thx|appreciat|cheers|\blove|great|awesome|amazing|helpful",
    "people": r"support|agent|staff|driver|service|\bcall|phone|chat|\bdm\b|e?mail",
}
"""Families of words by which posts are sorted into slices."""


class Exam(NamedTuple):
    """Posts with their true labels, which no classifier may learn from, and the slices they fall in."""

    examples: Examples
    slices: dict[str, NDArray[np.bool_]]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """
    One label on one slice: mean squared errors, and the bounds of their difference.

    A `least` above the margin means that the refit is worse.
    """

    label: str
    slice: str
    posts: int
    old: float
    new: float
    least: float
    most: float

    @property
    def worse(self) -> bool:
        """Whether the refit is worse here beyond the noise."""
        return self.least > MARGIN


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate found: `reasons` to refuse, none if the refit may go live."""

    posts: int
    compared: tuple[Compared, ...]
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the refit may go live."""
        return not self.reasons


def exam(shipped: Iterable[Labelled], said: Sequence[tuple[Labelled, str]], labels: Labels) -> Exam:
    """
    Return the exam made of shipped examples, and of corrections with their sources, oldest first.

    A text that stands in both is asked once, as the people of this installation say.
    """
    rows = {near(one.text): (one, "corpus", -1) for one in shipped}
    rows |= {near(one.text): (one, source, age) for age, (one, source) in enumerate(said)}
    by_text = {one.text: (source, age) for one, source, age in rows.values()}
    examples = Examples((one for one, _, _ in rows.values()), labels)
    told = [by_text[text] for text in examples.texts]
    sources = np.array([source for source, _ in told], object)
    ages = np.array([age for _, age in told], int)
    slices = {ALL: np.ones(len(told), bool)}
    slices |= {f"source {name}": sources == name for name in sorted(set(sources.tolist()))}
    slices["the newest corrections"] = ages >= max(len(said) * 2 // 3, 1)
    for family, pattern in FAMILIES.items():
        found = re.compile(pattern, re.IGNORECASE)
        slices[f"words of {family}"] = np.array(
            [bool(found.search(text)) for text in examples.texts], bool
        )
    return Exam(examples, slices)


def examine(old: Classifier, new: Classifier, learnt: Sequence[str], exam: Exam) -> Report:
    """Return whether `new`, which has learnt from these texts, may take the place of `old`."""
    known = {near(text) for text in learnt}
    leaked = sum(near(text) in known for text in exam.examples.texts)
    if leaked:
        reason = f"{leaked} posts of the exam stand among the examples it has learnt from"
        return Report(posts=len(exam.examples), compared=(), reasons=(reason,))
    truth = exam.examples.truth
    before, after = ((one.scores(exam.examples.texts) - truth) ** 2 for one in (old, new))
    asked = [
        (label.name, place, name, rows & (truth[:, place] != UNKNOWN))
        for place, label in enumerate(new.labels)
        for name, rows in exam.slices.items()
        # Too few posts tell more of a label to cut them further, and each comparison blunts the others.
        if not label.under or name == ALL
    ]
    asked = [one for one in asked if _enough(truth[one[3], one[1]])]
    chance = CHANCE / max(len(asked), 1)
    draw = np.random.default_rng(0)
    compared = tuple(
        _compare(label, name, before[rows, place], after[rows, place], chance, draw)
        for label, place, name, rows in asked
    )
    reasons = tuple(
        f"worse at {one.label} on {one.slice}: error {one.old:.3f} before, {one.new:.3f} after "
        f"({one.posts} posts)"
        for one in compared
        if one.worse
    )
    return Report(posts=len(exam.examples), compared=compared, reasons=reasons)


def _enough(truth: NDArray[np.int8]) -> bool:
    there = int((truth == 1).sum())
    return len(truth) >= FEWEST and min(there, len(truth) - there) >= FEWEST // 6


def _compare(
    label: str,
    name: str,
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    chance: float,
    draw: np.random.Generator,
) -> Compared:
    change = new - old
    means = [
        change[draw.integers(0, len(change), (_AT_ONCE, len(change)))].mean(axis=1)
        for _ in range(_DRAWS // _AT_ONCE)
    ]
    least, most = np.quantile(np.concatenate(means), [chance, 1 - chance])
    return Compared(
        label=label,
        slice=name,
        posts=len(change),
        old=float(old.mean()),
        new=float(new.mean()),
        least=float(least),
        most=float(most),
    )
