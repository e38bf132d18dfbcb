"""
What corrections bring: posts chosen by `ask` beside posts drawn at random.

A labelled file is cut in half again and again. One half is the stream in which somebody corrects 0,
50, 100 … posts; the other half says how good the classifier then is. In-domain is what a classifier
trained on the file alone reaches in ten folds.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.sparse import vstack
from scipy.special import expit

from classify.ask import spread
from classify.corrections import WEIGHT
from classify.examples import Examples, shipped
from classify.features import Features
from classify.labels import Labels
from tests.bench.measure import Scores, aucs, average_precisions, odds, shown
from tests.bench.scoring import judged_on

STEPS = (0, 50, 100, 200, 400)
SPLITS = 50


def bench(corpus: Examples, judged: Examples, called: str) -> None:
    """Print the curve."""
    # Which words there are and how rare is learnt from the texts of both, never from their labels.
    features = Features().fit([*corpus.texts, *judged.texts])
    base, rows = features.transform(corpus.texts), features.transform(judged.texts)
    truth = judged.truth
    steps = [step for step in STEPS if step <= len(judged) // 2]
    found: dict[tuple[int, str], list[list[float]]] = {}
    start = odds(rows, (base, corpus.truth, np.ones(len(corpus))))
    for split in range(SPLITS):
        draw = np.random.default_rng(split).permutation(len(judged))
        stream, rest = draw[: len(draw) // 2], draw[len(draw) // 2 :]
        orders = {
            "ask": stream[spread(expit(start[stream]), rows[stream], steps[-1])],
            "random": stream,
        }
        for way, order in orders.items():
            for step in steps:
                chosen = order[:step]
                taught = (
                    vstack([base, rows[chosen]], "csr"),
                    np.concatenate([corpus.truth, truth[chosen]]),
                    np.concatenate([np.ones(len(corpus)), np.full(step, WEIGHT)]),
                )
                said = odds(rows[rest], taught) if step else start[rest]
                figures = [*aucs(truth[rest], said), *average_precisions(truth[rest], said)]
                found.setdefault((step, way), []).append(figures)
    print(f"\ncorrections, means of {SPLITS} halves {called}: ROC AUC; average precision\n")
    print("| corrected | chosen by ask | drawn at random |")
    print("|---|---|---|")
    middle = truth.shape[1]
    for step in steps:
        cells = []
        for way in ("ask", "random"):
            mean = np.mean(found[step, way], axis=0).tolist()
            cells.append(f"{shown(mean[:middle])}; {shown(mean[middle:])}")
        print(f"| {step} | {' | '.join(cells)} |")
    said = in_domain(judged)
    print(
        f"\nin-domain, ten folds: {shown(aucs(truth, said))}; {shown(average_precisions(truth, said))}"
    )


def in_domain(judged: Examples) -> Scores:
    """Return what classifiers trained on nine tenths say of the last tenth."""
    parts = np.random.default_rng(0).permutation(len(judged)) % 10
    texts = np.array(judged.texts, object)
    said = np.zeros(judged.truth.shape)
    for part in range(10):
        out = parts == part
        features = Features().fit(texts[~out].tolist())
        rest = features.transform(texts[~out].tolist())
        taught = (rest, judged.truth[~out], np.ones(int((~out).sum())))
        said[out] = odds(features.transform(texts[out].tolist()), taught)
    return said


def main() -> None:
    """Measure, and print what was measured."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--eval", default="")
    labels = Labels.load().main
    judged, called = judged_on(asked.parse_args().eval, labels)
    bench(Examples(shipped(labels), labels), judged, called)


if __name__ == "__main__":
    main()
