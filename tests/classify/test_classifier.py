"""The classifier's promises: calibrated scores, tags by threshold, nothing by chance."""

from __future__ import annotations

import time
import warnings

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from classify.classifier import Classifier, make
from classify.evaluate import evaluate
from classify.examples import CORPUS, Examples, Labelled, read
from classify.features import Features
from classify.labels import Labels
from classify.scorer import Scorer
from models.errors import SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE, small, with_thresholds


def test_the_cast_gets_the_tags_it_deserves(classifier: Classifier) -> None:
    """Cleo complains, Dre wants money, somebody is happy, and a plain question is nothing."""
    posts = [(7, CLEO), (3, DRE), (9, ANAS_FAN), (4, "What time do you open on Sunday?")]

    tags = {(tag.post_id, tag.label) for tag in classifier.tag(posts)[0]}

    assert {(7, "complaint"), (3, "credit_request"), (9, "praise")} <= tags
    assert not {post for post, _ in tags} & {4}
    assert (7, "praise") not in tags


def test_a_tag_says_who_and_how_sure(classifier: Classifier) -> None:
    """By the classifier's fingerprint, with a probability."""
    (tag, *_), _ = classifier.tag([(1, CLEO)])

    assert tag.by == f"classifier:{classifier.fingerprint}" and not tag.by_person
    assert tag.put and 0.4 <= tag.score <= 1


@pytest.mark.parametrize(
    "text", ["", "   \n", "@HalloraCare @eve_9", "¤¤¤ ---", "ϞϞϞ ﬗﬗ", "𒀀𒀁𒀂", "\x00\x01", "\ud800"]
)
def test_a_text_without_a_known_word_gets_no_tag(classifier: Classifier, text: str) -> None:
    """Not even the base rate: nothing speaks for any label."""
    assert classifier.scores([text]).tolist() == [[0.0] * len(classifier.labels)]
    assert classifier.tag([(1, text)])[0] == []


def test_nothing_to_tag_is_no_trouble(classifier: Classifier) -> None:
    """An empty batch is a batch."""
    assert classifier.tag([]) == ([], [])
    assert classifier.scores([]).shape == (0, len(classifier.labels))


@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_any_text_gets_scores_between_nought_and_one(
    classifier: Classifier, texts: list[str]
) -> None:
    """Whatever strangers write, and whatever stands beside it in the batch."""
    scores = classifier.scores(texts)

    assert np.isfinite(scores).all() and ((scores >= 0) & (scores <= 1)).all()
    alone = np.concatenate([classifier.scores([text]) for text in texts])
    assert np.allclose(scores, alone, atol=1e-5)


def test_a_megabyte_of_text_takes_no_longer_than_its_beginning(classifier: Classifier) -> None:
    """Forty hostile posts of a megabyte each are scored in a moment."""
    hostile = [CLEO + " x" * 500_000, "y" * 1_000_000, "@" * 1_000_000, "http://" * 150_000,
               "'" * 1_000_000] * 8  # fmt: skip

    started = time.perf_counter()
    scores = classifier.scores(hostile)

    assert time.perf_counter() - started < 5
    assert scores[0, 0] > 0.4


def test_whom_a_post_is_addressed_to_changes_nothing(classifier: Classifier) -> None:
    """The shape of a name must not decide what is said to it."""
    bare = DRE.removeprefix("@HalloraCare ")

    assert np.array_equal(classifier.scores([DRE]), classifier.scores([f"@jo_77 {bare}"]))
    assert np.array_equal(classifier.scores([DRE]), classifier.scores([bare]))


def test_a_higher_threshold_never_adds_a_tag(classifier: Classifier, examples: Examples) -> None:
    """Tags at 0.7 are a part of the tags at 0.3."""
    posts = list(enumerate(examples.texts[:300]))
    said = []
    for threshold in (0.3, 0.5, 0.7):
        labels = with_thresholds(classifier.labels, threshold)
        other = Classifier(labels, classifier.pipeline, classifier.card)
        said.append({(tag.post_id, tag.label) for tag in other.tag(posts)[0]})

    assert said[0] > said[1] > said[2]


def test_shuffled_examples_give_the_same_classifier(labels: Labels) -> None:
    """Equal fingerprint, equal scores to the last bit."""
    corpus = small()
    one = Classifier.train(labels, Examples(corpus, labels))
    other = Classifier.train(labels, Examples(corpus[::-1], labels))

    assert one.fingerprint == other.fingerprint
    assert np.array_equal(one.scores([CLEO, DRE]), other.scores([CLEO, DRE]))


def test_the_fingerprint_tells_what_would_tag_differently(
    labels: Labels, classifier: Classifier
) -> None:
    """Other examples or another threshold, another fingerprint."""
    first = Classifier.train(labels, Examples(small(), labels))
    more = Classifier.train(labels, Examples([*small(), Labelled("one more", ())], labels))
    strict = Classifier(with_thresholds(labels, 0.9), first.pipeline, first.card)

    found = {first.fingerprint, more.fingerprint, strict.fingerprint, classifier.fingerprint}

    assert len(found) == 4


def test_scores_are_calibrated_on_examples_not_seen(labels: Labels, examples: Examples) -> None:
    """Of posts scored 0.2 to 0.8, the share that carries the label is about the mean score."""
    told = examples.truth.mean(axis=0).tolist()
    labels_as_told = Labels(
        msgspec.structs.replace(label, share=share)
        for label, share in zip(labels, told, strict=True)
    )
    rows = np.arange(len(examples))
    texts = np.array(examples.texts, object)
    seen = rows % 4 != 0
    fitted = make(labels_as_told).fit(texts[seen].tolist(), examples.truth[seen])

    scores = fitted.predict_proba(texts[~seen].tolist())
    middle = (scores > 0.2) & (scores < 0.8)

    assert middle.sum() > 80
    assert abs(scores[middle].mean() - examples.truth[~seen][middle].mean()) < 0.1
    assert scores.shape[1] == len(labels)


def test_the_shipped_classifier_is_worth_having(classifier: Classifier, labels: Labels) -> None:
    """Even on the hard posts it never saw it ranks well and seldom takes a complaint for praise."""
    hard = Examples(read(sorted((CORPUS / "hard").glob("[ab].jsonl")), labels), labels)

    found = evaluate(hard.truth, classifier.scores(hard.texts), labels)

    for one, floor in zip(found.labels[:3], (0.83, 0.93, 0.96), strict=True):
        assert one.roc_auc is not None and one.roc_auc > floor, one
    assert found.false_praise is not None and found.false_praise < 0.04


def test_a_label_with_too_few_examples_is_named(labels: Labels) -> None:
    """Better no classifier than one that has learnt nothing."""
    corpus = [one for one in small() if "praise" not in one.labels]

    with pytest.raises(SetupError, match="0 of 120 examples carry the label praise"):
        Classifier.train(labels, Examples(corpus, labels))


def test_one_text_copied_is_no_corpus(labels: Labels) -> None:
    """Ten copies of one praise can't be learnt and tested at once."""
    corpus = [one for one in small() if "praise" not in one.labels]
    copies = [Labelled("thank you, lovely", ("praise",))] * 20

    with pytest.raises(SetupError, match="don't teach anything"):
        Classifier.train(labels, Examples([*corpus, *copies], labels))


def test_the_pipeline_keeps_scikit_learns_conventions(labels: Labels) -> None:
    """Parameters are stored as given, and a clone has them too."""
    features = Features(rarest=3, shortest=2, longest=4)

    asked = {"rarest": 3, "shortest": 2, "longest": 4}
    assert clone(features).get_params() == {**asked, "vectors": None}
    assert clone(make(labels)).get_params()["scorer__shares"] == labels.shares


LEFT_OUT = dict.fromkeys(
    (
        "check_estimators_dtypes",
        "check_classifier_data_not_an_array",
        "check_classifiers_classes",
        "check_classifiers_one_label",
        "check_classifiers_regression_target",
        "check_classifiers_train",
        "check_decision_proba_consistency",
        "check_classifier_not_supporting_multiclass",
        "check_fit2d_1feature",
        "check_estimator_sparse_array",
        "check_estimator_sparse_matrix",
    ),
    "its truth is a matrix of 1, 0 and -1, where these bring one column of numbers or names",
) | {
    "check_classifiers_multilabel_output_format_predict": "the truth is kept as int8",
}  # fmt: skip


@pytest.mark.parametrize("estimator", [Features(), Scorer()], ids=["features", "scorer"])
def test_scikit_learns_own_checks(estimator: Features | Scorer) -> None:
    """All that apply to texts, and to many labels at once; what doesn't is named above."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(
            estimator, on_skip=None, on_fail=None, expected_failed_checks=LEFT_OUT
        )

    failed = {one["check_name"]: one["exception"] for one in found if one["status"] == "failed"}
    assert failed == {}
    assert any(one["status"] == "passed" for one in found)


def test_training_says_that_it_takes_a_while(labels: Labels) -> None:
    """A person who waits is told why."""
    said: list[str] = []

    Classifier.train(labels, Examples(small(), labels), said.append)

    assert said == ["training the classifier from 160 examples, a few seconds …"]
