"""`make semantic`: what a sentence encoder's vectors bring, what they cost, and how fast they stay."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from classify.classifier import Classifier
from classify.encoder import SentenceEncoder
from classify.examples import CORPUS, Examples, read, shipped, shipped_exam
from classify.labels import Labels
from classify.tables import read as read_table
from classify.vectors import distil
from tests.bench.measure import aucs, shown

BATCH, POSTS, TIMES = 4_000, 40_000, 3


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--eval", default="", help="a labelled file, JSON Lines or CSV")
    asked.add_argument("--encoder", type=Path, help="a sentence-transformers folder")
    options = asked.parse_args()
    labels = Labels.load().main
    corpus = Examples(shipped(labels), labels)
    sets = {
        "exam": Examples(shipped_exam(labels), labels),
        "hard set": Examples(
            read(sorted((CORPUS / "hard").glob("*.jsonl")), Labels.load()), labels
        ),
    }
    if options.eval:
        file = Path(options.eval)
        sets[file.name] = Examples(read_table(file, known=labels.names).rows, labels)
    began = time.perf_counter()
    vectors = distil(SentenceEncoder(options.encoder), corpus.texts)
    print(f"{len(vectors.keys):,} words, vectors of {vectors.width}: "
          f"{time.perf_counter() - began:.0f} s")  # fmt: skip
    print(f"| classifier | {' | '.join(sets)} | posts/s, one core | MB | trained in |")
    print("|---|" + "---|" * (len(sets) + 3))
    texts = [corpus.texts[at % len(corpus)] for at in range(POSTS)]
    for name, meant in (("words", None), ("words and meaning", vectors)):
        began = time.perf_counter()
        classifier = Classifier.train(labels, corpus, vectors=meant)
        trained = time.perf_counter() - began
        with tempfile.TemporaryDirectory() as folder:
            classifier.save(Path(folder, "saved"))
            size = sum(one.stat().st_size for one in Path(folder, "saved").iterdir()) / 1e6
        speeds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            for start in range(0, POSTS, BATCH):
                classifier.look(texts[start : start + BATCH])
            speeds.append(POSTS / (time.perf_counter() - began))
        cells = [shown(aucs(one.truth, classifier.scores(one.texts))) for one in sets.values()]
        print(f"| {name} | {' | '.join(cells)} | {sorted(speeds)[1]:,.0f} | {size:.1f} | "
              f"{trained:.0f} s |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
