"""Why: which words of a text pushed a label's score up."""

from __future__ import annotations

from itertools import pairwise

from classify.classifier import Classifier
from classify.words import Words


def explain(
    classifier: Classifier, text: str, label: str, most: int = 3
) -> list[tuple[str, float]]:
    """
    Return up to `most` words or pairs of words of the text that speak for a label, strongest first.

    The weight is exact: what they add to the label's log-odds, spelling included. The words stand
    as in the text, with blanks evened out. SetupError if there is no such label.
    """
    place = classifier.labels.place(label)
    steps = classifier.pipeline.named_steps
    names, shares = steps["features"].pieces(text)
    weights = shares @ steps["scorer"].coef_[:, place]
    seen = _as_written(text)
    ranked = sorted(zip(names, weights.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return [(seen[name], weight) for name, weight in ranked[:most] if weight > 0]


def _as_written(text: str) -> dict[str, str]:
    """Return the first place of each word and pair, as its author wrote it."""
    spans = Words().spans(text)
    seen: dict[str, str] = {}
    for word, start, end in spans:
        seen.setdefault(word, " ".join(text[start:end].split()))
    for (first, start, _), (second, _, end) in pairwise(spans):
        seen.setdefault(f"{first} {second}", " ".join(text[start:end].split()))
    return seen
