"""Why: what every word and phrase of a text adds to a label's score, and what it resembles."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from classify.characters import END
from classify.classifier import Classifier
from classify.examples import Examples
from classify.features import pairs_of


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a word or a pair of neighbours adds to the log-odds, its spelling included.

    `words` stand as the author first wrote them; `spans` are all their places in the text.
    """

    words: str
    weight: float
    spans: tuple[tuple[int, int], ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """
    Why a label has its score: `start` and the weights of all reasons add up to `odds`, its log-odds.

    `reasons` come strongest first, for or against. There are none for a text without a known word,
    nor for one that is `unsupported`: its score is 0.
    """

    label: str
    score: float
    threshold: float
    put: bool
    start: float
    odds: float
    unsupported: bool
    reasons: tuple[Reason, ...]

    def because(self, most: int = 3) -> list[str]:
        """Return up to `most` words and phrases that speak for the label, strongest first."""
        return [one.words for one in self.reasons if one.weight > 0][:most]


class Nearest(msgspec.Struct, frozen=True, kw_only=True):
    """The example a text resembles most; `likeness` is 1 for the same words, 0 for none in common."""

    text: str
    labels: tuple[str, ...]
    likeness: float


def explain(classifier: Classifier, text: str, label: str) -> Explanation:
    """Return why a text has its score for a label; SetupError if there is no such label."""
    return explain_all(classifier, text)[classifier.labels.place(label)]


def explain_all(classifier: Classifier, text: str) -> list[Explanation]:
    """Return why a text has its scores, label by label."""
    looks = classifier.look([text])
    found, shares = classifier.features.pieces(text)
    weights = shares @ classifier.scorer.coef_
    begins, ends = found.begins.tolist(), found.ends.tolist()
    spans = list(zip(begins, ends, strict=True)) + list(zip(begins[:-1], ends[1:], strict=True))
    silent = bool(looks.unsupported[0]) or not looks.scores.any()
    put = classifier.put(looks.scores)[0]
    answers = []
    for place, label in enumerate(classifier.labels):
        start = float(classifier.scorer.intercept_[place])
        reasons = () if silent else _reasons(text, spans, weights[:, place].tolist())
        answers.append(
            Explanation(
                label=label.name,
                score=float(looks.scores[0, place]),
                threshold=label.threshold,
                put=bool(put[place]),
                start=start,
                odds=start + sum(reason.weight for reason in reasons),
                unsupported=bool(looks.unsupported[0]),
                reasons=reasons,
            )
        )
    return answers


def reasons_of(
    classifier: Classifier, texts: Sequence[str], labels: Sequence[Sequence[str]]
) -> list[dict[str, tuple[Reason, ...]]]:
    """
    Return what speaks for and against some labels in each of n texts, as `explain_all` does for one.

    A text may be LONGEST_TEXT characters long. There are no reasons where it isn't read,
    nor for a label the classifier doesn't know.
    """
    found, shares = classifier.features.pieces(*texts)
    weights = shares @ classifier.scorer.coef_
    looks = classifier.look(texts)
    pairs = pairs_of(found)
    of = np.concatenate([found.text, found.text[pairs]])
    begins = np.concatenate([found.begins, found.begins[pairs]])
    ends = np.concatenate([found.ends, found.ends[pairs + 1]])
    names = classifier.labels.names
    starts = np.cumsum([0, *(len(text) + len(END) for text in texts)])
    answers = []
    for place, text in enumerate(texts):
        silent = bool(looks.unsupported[place]) or not looks.scores[place].any()
        mine = np.flatnonzero((of == place) & (not silent))
        at = np.stack([begins[mine], ends[mine]], axis=1) - starts[place]
        spans = [(begin, end) for begin, end in at.tolist()]
        answers.append(
            {
                name: _reasons(text, spans, weights[mine, names.index(name)].tolist())
                for name in labels[place]
                if name in names
            }
        )
    return answers


def nearest(classifier: Classifier, text: str, examples: Examples) -> Nearest | None:
    """Return the example a text resembles most, None where they have nothing in common."""
    if not len(examples):
        return None
    rows = classifier.features.transform([text, *examples.texts])
    alike = (rows[1:] @ rows[0].T).toarray().ravel()
    best = int(np.argmax(alike))
    if not alike[best]:
        return None
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1).A1)
    names = classifier.labels.names
    return Nearest(
        text=examples.texts[best],
        labels=tuple(n for n, there in zip(names, examples.truth[best], strict=True) if there == 1),
        likeness=float(min(alike[best] / (lengths[0] * lengths[best + 1]), 1.0)),
    )


def _reasons(text: str, spans: list[tuple[int, int]], weights: list[float]) -> tuple[Reason, ...]:
    """Merge what is said twice; what adds nothing is no reason."""
    merged: dict[str, tuple[str, float, list[tuple[int, int]]]] = {}
    for (begin, end), weight in zip(spans, weights, strict=True):
        if weight:
            written = " ".join(text[begin:end].split())
            words, sofar, places = merged.get(written.casefold(), (written, 0.0, []))
            merged[written.casefold()] = (words, sofar + weight, [*places, (begin, end)])
    found = [
        Reason(words=words, weight=weight, spans=tuple(places))
        for words, weight, places in merged.values()
    ]
    return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.words)))
