"""Scoring beside what people would use instead, on the same posts in the same run."""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from classify.classifier import Classifier
from classify.examples import CORPUS, Examples, read, shipped
from classify.labels import Labels
from classify.tables import read as read_table
from tests.bench.measure import aucs, shown

Scores = NDArray[np.float64]
Way = Callable[[list[str]], Scores]

BATCH = 4_000
POSTS = 40_000
SLOW = 4_000
"""Posts for the ways that take them one by one."""

TIMES = 3

MONEY = re.compile(r"refund|credit|compensat|reimburs|money back|voucher|discount", re.IGNORECASE)


def ours(classifier: Classifier, labels: Labels) -> Way:
    """Our classifier: text in, calibrated scores of these labels out, though it knows more."""
    places = [classifier.labels.place(name) for name in labels.names]
    return lambda texts: classifier.scores(texts)[:, places]


def stock(corpus: Examples) -> Way:
    """What scikit-learn offers as it is: two vectorizers, one regression a label."""
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2),
    )
    regression = LogisticRegression(C=5, class_weight="balanced", solver="liblinear")
    fitted = make_pipeline(features, OneVsRestClassifier(regression))
    fitted.fit(list(corpus.texts), corpus.truth)
    return fitted.predict_proba


def words_only(corpus: Examples) -> Pipeline:
    """What a first try looks like: words and pairs, one regression a label."""
    features = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    regression = LogisticRegression(class_weight="balanced", solver="liblinear")
    return make_pipeline(features, OneVsRestClassifier(regression)).fit(
        list(corpus.texts), corpus.truth
    )


def vader() -> Way:
    """VADER's compound score, and words of money."""
    analyzer = SentimentIntensityAnalyzer()

    def score(texts: list[str]) -> Scores:
        tone = [analyzer.polarity_scores(text)["compound"] for text in texts]
        return _toned(tone, texts)

    return score


def textblob() -> Way:
    """TextBlob's polarity, and words of money."""
    return lambda texts: _toned([TextBlob(text).sentiment.polarity for text in texts], texts)


def fast_text(corpus: Examples, *, subwords: bool) -> Way:
    """A fastText classifier of words, or of words and stretches of 3 to 5 letters."""
    import fasttext  # comes as a wheel for some machines only

    names = [f"__label__{at}" for at in range(corpus.truth.shape[1])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.txt")
        with path.open("w", encoding="utf-8") as file:
            for text, truth in zip(corpus.texts, corpus.truth, strict=True):
                told = [name for name, there in zip(names, truth, strict=True) if there == 1]
                file.write(f"{' '.join(told or ['__label__none'])} {' '.join(text.split())}\n")
        letters = {"minn": 3, "maxn": 5} if subwords else {"minn": 0, "maxn": 0}
        model = fasttext.train_supervised(
            str(path), loss="ova", epoch=25, lr=0.5, wordNgrams=2, verbose=0, thread=1, **letters
        )

    def score(texts: list[str]) -> Scores:
        found = np.zeros((len(texts), len(names)))
        said, sure = model.predict([" ".join(text.split()) for text in texts], k=4)
        for row, (labels, scores) in enumerate(zip(said, sure, strict=True)):
            for label, one in zip(labels, scores, strict=True):
                if label in names:
                    found[row, names.index(label)] = one
        return found

    return score


def _toned(tone: list[float], texts: list[str]) -> Scores:
    money = [float(bool(MONEY.search(text))) for text in texts]
    return np.column_stack([-np.array(tone), tone, money])


def bench(labels: Labels, judged: Examples, called: str) -> None:
    """Time every way in alternation, judge each on `judged`, and print the table."""
    every = Labels.load()
    corpus = Examples(shipped(labels), labels)
    ways: dict[str, tuple[Way, int]] = {
        "Amends": (ours(Classifier.train(every, Examples(shipped(every), every)), labels), POSTS),
        "Amends, taught these labels alone": (
            ours(Classifier.train(labels, corpus), labels),
            POSTS,
        ),
        "stock scikit-learn, words 1-2 and letters 3-5": (stock(corpus), SLOW),
        "VADER and words of money": (vader(), SLOW),
        "TextBlob and words of money": (textblob(), SLOW),
    }
    if find_spec("fasttext") is None:
        print("fastText: not installed")
    else:
        ways["fastText, words 1-2"] = (fast_text(corpus, subwords=False), POSTS)
        ways["fastText, words 1-2 and letters 3-5"] = (fast_text(corpus, subwords=True), POSTS)
    texts = [corpus.texts[at % len(corpus)] for at in range(POSTS)]
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for way, _ in ways.values():
        way(texts[:100])
    for _ in range(TIMES):
        for name, (way, count) in ways.items():
            began = time.perf_counter()
            for start in range(0, count, BATCH):
                way(texts[start : min(start + BATCH, count)])
            speeds[name].append(count / (time.perf_counter() - began))
    middle = {name: statistics.median(found) for name, found in speeds.items()}
    print(f"\nscoring, one core, medians of {TIMES} in alternation; AUC {called}\n")
    print(f"| way | posts/s | ours is | ROC AUC {' / '.join(labels.names)} |")
    print("|---|---|---|---|")
    for name, (way, _) in ways.items():
        found = shown(aucs(judged.truth, way(list(judged.texts))))
        print(
            f"| {name} | {middle[name]:,.0f} | {middle['Amends'] / middle[name]:.1f} x | {found} |"
        )


def judged_on(path: str, labels: Labels) -> tuple[Examples, str]:
    """Return the examples to judge on, and what they are called: a file's, or the hard set."""
    if not path:
        hard = read(sorted((CORPUS / "hard").glob("*.jsonl")), Labels.load())
        return Examples(hard, labels), "on the hard set"
    return Examples(
        read_table(Path(path), known=labels.names).rows, labels
    ), f"on {Path(path).name}"


def main() -> None:
    """Measure, and print what was measured."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--eval", default="")
    labels = Labels.load().main
    judged, called = judged_on(asked.parse_args().eval, labels)
    bench(labels, judged, called)


if __name__ == "__main__":
    main()
