"""
The corpus under scrutiny: copies, balance, shortcuts, and how far a second reader agrees.

A shortcut is a label that can be told without reading: from how long a post is, whom it is
addressed to, or where it stands. A classifier would learn that instead of the words.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from classify.examples import CORPUS, labelled
from classify.labels import Labels
from classify.lines import numbered
from models.errors import SetupError
from models.voice import near

SECOND = "second"
"""What the second reader said of the exam, who saw only the text and LABELS.md."""

ALIKE = 0.5
"""Jaccard likeness of three-word runs from which two posts are near copies."""

_PARTS = 5
_LIMITS = {"copies": 0.0, "near copies": 0.01, "shortcut": 0.70, "agreement": 0.80, "balance": 0.05}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the corpus beside its limit."""

    check: str
    figure: float
    limit: float
    fine: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """
    All figures; `worst` shows examples of what to mend.

    A figure is NaN, and not fine, where too few posts carry a label to tell. `unchecked` are the
    labels of an installation's own, of which the shipped corpus knows nothing.
    """

    figures: tuple[Figure, ...]
    worst: tuple[str, ...]
    unchecked: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Whether every figure keeps its limit."""
        return all(one.fine for one in self.figures)

    def rows(self) -> Iterable[dict[str, Any]]:
        """Return the figures for printing."""
        for one in self.figures:
            sign = ">=" if one.check.startswith(("agreement", "balance")) else "<="
            yield {
                "check": one.check,
                "figure": None if math.isnan(one.figure) else round(one.figure, 3),
                "limit": f"{sign} {one.limit:g}",
                "fine": "yes" if one.fine else "NO",
            }


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """An example as the corpus has it."""

    text: str
    labels: tuple[str, ...]
    platform: str = ""
    domain: str = ""
    under: str = ""


def check(labels: Labels, folder: Path = CORPUS) -> Checked:
    """Return the figures of the corpus in `folder`; SetupError if there is none, or a bad line."""
    shipped = Labels.load()
    names = [name for name in labels.names if name in shipped.names]
    paths = sorted((*folder.glob("*.jsonl"), *folder.glob("exam/*.jsonl")))
    rows = [one for path in paths for one in _rows(path, shipped)]
    if not rows:
        message = f"{folder}: there is no example in it"
        raise SetupError(message, "put JSON Lines with text and labels there, or install anew")
    copies = Counter(near(one.text) for one in rows if len(one.text.split()) > 2)
    alike = near_copies([one.text for one in rows])
    figures = [
        _most("copies", sum(count - 1 for count in copies.values()) / len(rows), "copies"),
        _most("near copies", len(alike) / len(rows), "near copies"),
    ]
    told_of = {label.name: label.under for label in shipped if label.under}
    for name in names:
        # What tells more of a label is weighed against its own kind: among the rest each is rare.
        kind = {other for other in names if told_of.get(other) == told_of.get(name)}
        about = [
            one
            for one in rows
            if one.under in ("", told_of.get(name))
            and (name not in told_of or kind.intersection(one.labels))
        ]
        column = np.array([name in one.labels for one in about])
        share = float(column.mean()) if about else 0.0
        figures.append(_least(f"balance of {name}", min(share, 1 - share), "balance"))
        for shortcut, told in shortcuts(about).items():
            figures.append(
                _most(f"{name} from {shortcut} alone (AUC)", _auc(told, column), "shortcut")
            )
    exam = {one.text: one for path in folder.glob("exam/*.jsonl") for one in _rows(path, shipped)}
    second = {
        one.text: one for path in (folder / SECOND).glob("*.jsonl") for one in _rows(path, shipped)
    }
    for name in names:
        both = sorted(
            text for text in exam.keys() & second.keys()
            if {exam[text].under, second[text].under} == {told_of.get(name, "")}
        )  # fmt: skip
        one, other = ([name in said[text].labels for text in both] for said in (exam, second))
        # Of what neither reader ever saw, or both saw everywhere, nobody can say that they agree.
        decided = len({*one, *other}) > 1
        kappa = float(cohen_kappa_score(one, other)) if decided else math.nan
        figures.append(
            _least(f"agreement on {name} (kappa, {len(both)} posts)", kappa, "agreement")
        )
    worst = tuple(
        f"{likeness:.2f} alike: “{rows[a].text[:70]}” and “{rows[b].text[:70]}”"
        for a, b, likeness in alike[:5]
    )
    unchecked = tuple(name for name in labels.names if name not in names)
    return Checked(figures=tuple(figures), worst=worst, unchecked=unchecked)


def near_copies(texts: list[str]) -> list[tuple[int, int, float]]:
    """Return (place, earlier place, likeness) of texts more alike than ALIKE, most alike first."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    runs: list[set[tuple[str, ...]]] = []
    found = []
    for place, text in enumerate(texts):
        words = re.findall(r"\w+", text.casefold())
        mine = {tuple(words[at : at + 3]) for at in range(len(words) - 2)}
        shared = Counter(other for run in mine for other in holders[run])
        best = max(
            ((count / (len(mine) + len(runs[other]) - count), other)
             for other, count in shared.items()),
            default=(0.0, -1),
        )  # fmt: skip
        if best[0] > ALIKE:
            found.append((place, best[1], best[0]))
        for run in mine:
            holders[run].append(place)
        runs.append(mine)
    return sorted(found, key=lambda one: -one[2])


def shortcuts(rows: list[Written]) -> dict[str, NDArray[np.float64]]:
    """Return what can be seen of posts without reading them, (n, columns) for each kind."""
    platforms = sorted({one.platform for one in rows})
    return {
        "length": np.array([[len(one.text)] for one in rows], float),
        "handle": np.array(
            [
                [one.text.startswith("@"), "@" in one.text, *_handle(one.text)]
                for one in rows
            ],
            float,
        ),
        "platform": np.array(
            [[one.platform == name for name in platforms] for one in rows], float
        ),
    }  # fmt: skip


def _handle(text: str) -> tuple[float, float, float]:
    first = re.search(r"@(\w+)", text)
    name = first[1] if first else ""
    return len(name), float(name.islower()), sum(char.isdigit() or char == "_" for char in name)


def _auc(told: NDArray[np.float64], column: NDArray[np.bool_]) -> float:
    if min(column.sum(), (~column).sum()) < _PARTS:
        return math.nan
    tree = DecisionTreeClassifier(max_depth=4, min_samples_leaf=20, random_state=0)
    draw = np.random.default_rng(0).permutation(len(column))
    guess = cross_val_predict(tree, told[draw], column[draw], cv=_PARTS, method="predict_proba")
    return float(roc_auc_score(column[draw], guess[:, 1]))


def _most(name: str, figure: float, limit: str) -> Figure:
    return Figure(check=name, figure=figure, limit=_LIMITS[limit], fine=figure <= _LIMITS[limit])


def _least(name: str, figure: float, limit: str) -> Figure:
    return Figure(check=name, figure=figure, limit=_LIMITS[limit], fine=figure >= _LIMITS[limit])


def _rows(path: Path, labels: Labels) -> list[Written]:
    if not path.is_file():
        return []
    found = []
    with path.open("rb") as stream:
        for number, line in numbered(stream):
            try:
                labelled(line, labels)
                found.append(msgspec.json.decode(line or b"", type=Written))
            except ValueError as error:
                message = f"{path}, line {number}: {error}"
                raise SetupError(message, "mend or remove that line") from error
    return found
