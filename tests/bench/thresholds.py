"""
`python -m tests.bench.thresholds`: what each threshold would do to posts from elsewhere.

Every file of the corpus was written on its own, about other things; each is scored by a classifier
trained on all the others. Precision is under the share that labels.toml states. Takes minutes.
"""

from __future__ import annotations

import numpy as np

from classify.classifier import Classifier
from classify.evaluate import COMPLAINT
from classify.examples import CORPUS, Examples, read
from classify.labels import Labels

STEPS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def main() -> None:
    """Print the table."""
    labels = Labels.load()
    files = {path: read([path], labels) for path in sorted(CORPUS.glob("*.jsonl"))}
    truths, scores = [], []
    for path, rows in files.items():
        others = [row for other, told in files.items() if other != path for row in told]
        out = Examples(rows, labels)
        truths.append(out.truth == 1)
        scores.append(Classifier.train(labels, Examples(others, labels)).scores(out.texts))
    truth, said = np.concatenate(truths), np.concatenate(scores)
    complaints = truth[:, labels.place(COMPLAINT)]
    print("| label | threshold | precision | recall | put on complaints |")
    print("|---|---|---|---|---|")
    for place, label in enumerate(labels):
        carried = truth[:, place]
        there = carried.mean()
        rate = np.where(carried, label.share / there, (1 - label.share) / (1 - there))
        for step in sorted({*STEPS, label.threshold}):
            put = said[:, place] >= step
            precision = rate[put & carried].sum() / max(rate[put].sum(), 1e-9)
            mark = " (shipped)" if step == label.threshold else ""
            print(
                f"| {label.name} | {step:g}{mark} | {precision:.3f} | "
                f"{put[carried].mean():.3f} | {put[complaints].mean():.3f} |"
            )


if __name__ == "__main__":
    main()
