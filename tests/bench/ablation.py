"""
`python -m tests.bench.ablation [FILE]`: what each way of reading a text is worth.

Every variant is trained on the shipped corpus and judged by five-fold cross-validation there, on the
hard set, and on a labelled FILE where one is named. Prints ROC AUC by label as a Markdown table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from classify.examples import CORPUS, Examples, read, shipped
from classify.features import Features
from classify.labels import Labels
from classify.scorer import Scorer
from classify.tables import read as read_table
from models.voice import near

Change = Callable[[str], str]

NOT = r"\b(not|no|never|n't|can't|cant|don't|dont|won't|doesn't|didn't|isn't|without)\s+(\w+)(?:\s+(\w+))?"
SMILES = r"[:;=]-?[)D]|<3"
FROWNS = r"[:;=]-?[(/|]"


def _digits(text: str) -> str:
    return re.sub(
        r"\d+",
        lambda found: " n" + found[0].translate(str.maketrans("0123456789", "abcdefghij")),
        text,
    )


def _capitals(text: str) -> str:
    letters = [char for char in text if char.isalpha()]
    loud = len(letters) > 9 and sum(char.isupper() for char in letters) > len(letters) / 2
    return text + " zzloud" if loud else text


TEXTS: dict[str, Change] = {
    "as shipped": lambda text: text,
    "@names are one word": lambda text: re.sub(r"@\w+", " zzname ", text),
    "links are no word": lambda text: re.sub(r"https?://\S+|www\.\S+", " ", text),
    "numbers as written": _digits,
    "numbers are no word": lambda text: re.sub(r"\d+", " ", text),
    "letters drawn out are marked": lambda text: text + " zzlong" * bool(re.search(r"([a-z])\1\1", text)),
    "emoji are no word": lambda text: re.sub(r"[^\w\s\x00-\x7f’]", " ", text),
    "negation joins two words": lambda text: re.sub(NOT, r"\1 not\2 not\3", text),
    "smiles and frowns are words": lambda text: re.sub(FROWNS, " zzfrown ", re.sub(SMILES, " zzsmile ", text)),
    "a loud text is marked": _capitals,
    "# is no word": lambda text: text.replace("#", " "),
}  # fmt: skip

MADE: dict[str, Callable[[], tuple[Features, Scorer]]] = {
    "stretches of 2 to 5 letters": lambda: (Features(shortest=2), Scorer()),
    "stretches of 4 to 6 letters": lambda: (Features(shortest=4, longest=6), Scorer()),
    "no spelling": lambda: (Features(shortest=6, longest=5), Scorer()),
    "features of one example too": lambda: (Features(rarest=1), Scorer()),
    "features of three and more": lambda: (Features(rarest=3), Scorer()),
    "strength 1": lambda: (Features(), Scorer(strength=1.0)),
    "strength 4": lambda: (Features(), Scorer(strength=4.0)),
}


def auc(truth: np.ndarray, scores: np.ndarray) -> str:
    """Return the figure of each label."""
    return " / ".join(
        f"{roc_auc_score(truth[:, at], scores[:, at]):.3f}" for at in range(truth.shape[1])
    )


def main(file: str | None) -> None:
    """Print the table."""
    labels = Labels.load()
    corpus = Examples(shipped(labels), labels)
    others = {"hard set": Examples(read(sorted((CORPUS / "hard").glob("*.jsonl")), labels), labels)}
    if file:
        others["file"] = Examples(read_table(Path(file), known=labels.names).rows, labels)
    folds = np.array([(near(text) >> 8) % 5 for text in corpus.texts])
    print("| variant | cross-validated | " + " | ".join(others) + " |")
    print("|---|---|" + "---|" * len(others))
    variants = [(name, change, lambda: (Features(), Scorer())) for name, change in TEXTS.items()]
    variants += [(name, TEXTS["as shipped"], made) for name, made in MADE.items()]
    for name, change, made in variants:
        texts = np.array([change(text) for text in corpus.texts], object)
        scores = np.zeros(corpus.truth.shape)
        for fold in range(5):
            out = folds == fold
            fitted = Pipeline(list(zip(("features", "scorer"), made(), strict=True)))
            fitted.fit(texts[~out].tolist(), corpus.truth[~out])
            scores[out] = fitted.decision_function(texts[out].tolist())
        figures = [auc(corpus.truth, scores)]
        fitted = Pipeline(list(zip(("features", "scorer"), made(), strict=True)))
        fitted.fit(texts.tolist(), corpus.truth)
        figures += [
            auc(one.truth, fitted.decision_function([change(text) for text in one.texts]))
            for one in others.values()
        ]
        print(f"| {name} | " + " | ".join(figures) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
