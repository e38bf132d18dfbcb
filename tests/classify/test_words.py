"""What can't be seen hides nothing, and a word is found however its letters are set."""

from __future__ import annotations

import time

import numpy as np
import pytest

from classify.classifier import Classifier
from classify.explain import explain
from classify.words import LONGEST_TEXT, opening, words

UNSEEN = ["\u200b", "\u2060", "\u00ad", "\ufe0f", "\u0301"]


def spans(texts: list[str]) -> list[str]:
    """Return the words of texts as they stand where they are said to stand."""
    found, whole = words(texts), "\n".join(texts)
    places = zip(found.begins.tolist(), found.ends.tolist(), strict=True)
    return [whole[begin:end] for begin, end in places]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_padding_hides_nothing(classifier: Classifier, unseen: str) -> None:
    """In front or between all letters, more of it than is looked at."""
    text = "where is my refund"
    texts = [text, unseen * LONGEST_TEXT + text, (unseen * 500).join(text)]

    plain, padded, drawn = classifier.scores(texts)

    assert plain.any() and (padded == plain).all() and (drawn == plain).all()


def test_a_reason_behind_padding_stands_where_the_author_wrote_it(classifier: Classifier) -> None:
    """Not where it would stand without."""
    text = "\u200b" * 9_000 + "where is my re\u00adfund"

    found = explain(classifier, text, "credit_request")

    refund = next(one for one in found.reasons if one.words == "re\u00adfund")
    assert refund.spans == ((len(text) - 7, len(text)),)


def test_places_hold_for_every_text_of_a_batch() -> None:
    """Behind one of which something was taken out, too."""
    padded = "is" + "\u200b" * LONGEST_TEXT + " down"
    texts = ["the line", padded, "oﬃce", padded, "again"]

    assert [one.strip("\u200b") for one in spans(texts)] == [
        "the", "line", "is", "down", "oﬃce", "is", "down", "again"
    ]  # fmt: skip


@pytest.mark.parametrize("pad", ["", "\u200b" * 300])
def test_so_many_seen_characters_are_looked_at_and_no_more(pad: str) -> None:
    """Whatever stands unseen among them."""
    text = pad + "é " * (LONGEST_TEXT // 2 - 2) + "last"

    assert len(text) - len(pad) == LONGEST_TEXT
    assert words([f"{text} more"]).names()[-1] == "last"
    assert opening(text + pad)[0].endswith("last")


@pytest.mark.parametrize(
    "text", ["\u200b" * 1_000_000 + "refund", "e\u0301" * 500_000, "é" * 10**6]
)
def test_a_text_of_a_million_characters_takes_no_time(text: str) -> None:
    """What isn't looked at costs nothing, and what is unseen hardly anything."""
    began = time.process_time()

    found = words([text])

    assert len(found.key) == 1 and time.process_time() - began < 1


def test_a_ligature_hides_no_word(classifier: Classifier) -> None:
    """Its letters are weighed, to the last digit."""
    set_so, plain = classifier.scores(["ﬁx the oﬃce ﬂoor line", "fix the office floor line"])

    assert plain.any() and (set_so == plain).all()


def test_the_words_of_a_ligature_stand_in_the_authors_text() -> None:
    """Each whole, as it was written, and those behind it where they were."""
    assert spans(["ﬁx the oﬃce, İstanbul ﬀ ok", "staﬀ"]) == [
        "ﬁx", "the", "oﬃce", "İstanbul", "ﬀ", "ok", "staﬀ"
    ]  # fmt: skip
    assert words(["staﬀ İstanbul"]).names() == ["staff", "istanbul"]


@pytest.mark.parametrize(
    ("text", "names"),
    [("Hallora™ down", ["hallora", "™", "down"]), ("½ price", ["price"]), ("ﷺ", ["ﷺ"])],
)
def test_a_sign_that_stands_for_letters_is_no_ligature(text: str, names: list[str]) -> None:
    """A trade mark's letters would make another word of its name."""
    assert words([text]).names() == names


def test_a_batch_gives_what_each_text_gives() -> None:
    """Padded, with ligatures, long or empty."""
    texts = ["", "\u200b" * 6_000, "ﬁx it", "é" * 6_000 + " x", "\u0301" * 6_000 + "down", "so"]

    assert words(texts).key.tolist() == np.concatenate([words([t]).key for t in texts]).tolist()
