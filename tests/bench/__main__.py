"""
`make bench`: how fast and how good, beside what people would use instead, all in one run.

`make bench EVAL=FILE` judges on a labelled file of one's own instead of the hard set.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# One core for everybody: figures of one core are asked for, and threads would blur them.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

PARTS = ("scoring", "corridor", "curve")
PACKAGES = ("scikit-learn", "numpy", "sqlalchemy", "sqlmodel", "msgspec", "vaderSentiment",
            "textblob", "fasttext-numpy2")  # fmt: skip


def main() -> None:
    """Measure, and print what was measured."""
    from classify.classifier import Classifier
    from classify.examples import CORPUS, Examples, read, shipped
    from classify.labels import Labels
    from classify.tables import read as read_table
    from tests.bench import corridor, curve, scoring

    asked = argparse.ArgumentParser()
    asked.add_argument("--eval", default="", help="a labelled file, JSON Lines or CSV")
    asked.add_argument("--part", choices=PARTS, action="append")
    options = asked.parse_args()
    parts = options.part or PARTS
    print(f"{platform.platform()}, {platform.machine()}, Python {platform.python_version()}")
    print(", ".join(f"{name} {_version(name)}" for name in PACKAGES))
    labels = Labels.load()
    corpus = Examples(shipped(labels), labels)
    if options.eval:
        file = Path(options.eval)
        judged = Examples(read_table(file, known=labels.names).rows, labels)
        called = f"on {file.name}"
    else:
        judged = Examples(read(sorted((CORPUS / "hard").glob("*.jsonl")), labels), labels)
        called = "on the hard set"
    classifier = Classifier.train(labels, corpus, print)
    if "scoring" in parts:
        scoring.bench(classifier, corpus, judged, called)
    if "corridor" in parts:
        corridor.bench(classifier)
    if "curve" in parts:
        curve.bench(corpus, judged, called)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
