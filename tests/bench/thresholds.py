"""
`python -m tests.bench.thresholds`: what each threshold would do to posts from elsewhere.

Every lettered file of the corpus was written on its own, about other things; each, and each quarter of
what was written on credits, is scored by a classifier trained on all the others. Precision is under the
share that labels.toml states; F1 is on the posts there are. Takes minutes.
"""

from __future__ import annotations

import numpy as np

from classify.classifier import Classifier
from classify.evaluate import COMPLAINT
from classify.examples import CORPUS, Examples, read
from classify.labels import Labels
from classify.scorer import UNKNOWN
from models.voice import near

QUARTERS = 4
STEPS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def main() -> None:
    """Print the table."""
    labels = Labels.load()
    files = {path.stem: read([path], labels) for path in sorted(CORPUS.glob("?.jsonl"))}
    for row in read([CORPUS / "asks.jsonl"], labels):
        files.setdefault(f"asks {near(row.text) % QUARTERS}", []).append(row)
    truths, scores = [], []
    for name, rows in files.items():
        others = [row for other, told in files.items() if other != name for row in told]
        out = Examples(rows, labels)
        truths.append(out.truth)
        scores.append(Classifier.train(labels, Examples(others, labels)).scores(out.texts))
    every, said = np.concatenate(truths), np.concatenate(scores)
    print("| label | threshold | precision | recall | F1 | put on complaints |")
    print("|---|---|---|---|---|---|")
    for place, label in enumerate(labels):
        told = every[:, place] != UNKNOWN
        truth, said_here = every[told], said[told]
        complaints, carried = (truth[:, at] == 1 for at in (labels.place(COMPLAINT), place))
        there = carried.mean()
        rate = np.where(carried, label.share / there, (1 - label.share) / (1 - there))
        for step in sorted({*STEPS, label.threshold}):
            put = said_here[:, place] >= step
            precision = rate[put & carried].sum() / max(rate[put].sum(), 1e-9)
            f1 = 2 * (put & carried).sum() / max(put.sum() + carried.sum(), 1)
            mark = " (shipped)" if step == label.threshold else ""
            print(
                f"| {label.name} | {step:g}{mark} | {precision:.3f} | "
                f"{put[carried].mean():.3f} | {f1:.3f} | {put[complaints].mean():.3f} |"
            )


if __name__ == "__main__":
    main()
