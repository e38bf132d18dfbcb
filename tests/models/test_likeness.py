"""Copies are told from other words, on pairs written for it: half of them hard to tell."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.copies import gather
from models.likeness import likeness, sketches, unpacked
from models.voice import near
from tests.battery import Record, tell
from tests.models.shelf import Memory

PAIRS: list[dict[str, Any]] = [
    msgspec.json.decode(line)
    for line in (Path(__file__).parents[2] / "fixtures/voices/pairs.jsonl")
    .read_bytes()
    .splitlines()
]
"""`a` and `b`, whether they are the `same`, and what was done to one (`kind`)."""

HALVES = {"tuned on": 0, "held out": 1}


def together(*texts: str) -> list[int]:
    """Return the cluster of each text, as they come in."""
    marks = [near(text) for text in texts]
    found = gather(dict(zip(marks, texts, strict=True)), Memory())
    return [found[mark] for mark in marks]


def alike(one: str, other: str) -> bool:
    """Whether the second is taken for a copy of the first."""
    first, second = together(one, other)
    return first == second


def test_half_of_the_pairs_are_hard_negatives() -> None:
    """At least 600 pairs, as many of them copies as not, in four languages' words."""
    assert len(PAIRS) >= 600
    assert 0.48 <= sum(pair["same"] for pair in PAIRS) / len(PAIRS) <= 0.52


@pytest.mark.parametrize("half", HALVES)
def test_copies_are_told_from_other_words(half: str, record_property: Record) -> None:
    """F1 of at least 0.90, also on the half of the pairs nothing was tuned on."""
    mine = [pair for pair in PAIRS if near(pair["a"]) % 2 == HALVES[half]]
    said = [alike(pair["a"], pair["b"]) for pair in mine]
    hit = sum(yes and pair["same"] for yes, pair in zip(said, mine, strict=True))
    precision, recall = hit / sum(said), hit / sum(pair["same"] for pair in mine)
    f1 = 2 * precision * recall / (precision + recall)
    missed = Counter(
        pair["kind"] for yes, pair in zip(said, mine, strict=True) if yes != pair["same"]
    )
    sentence = (
        f"{len(mine)} pairs {half}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}; "
        f"wrong: {', '.join(f'{n} {kind}' for kind, n in missed.most_common())}"
    )
    tell(record_property, sentence)
    assert f1 >= 0.90, sentence


def test_all_texts_at_once_are_told_apart_as_well() -> None:
    """A thousand texts in one pot: no pair is joined through a third."""
    texts = {near(pair[side]): pair[side] for pair in PAIRS for side in "ab"}
    found = gather(texts, Memory())
    said = [found[near(pair["a"])] == found[near(pair["b"])] for pair in PAIRS]
    hit = sum(yes and pair["same"] for yes, pair in zip(said, PAIRS, strict=True))
    wrong = sum(yes != pair["same"] for yes, pair in zip(said, PAIRS, strict=True))
    assert 2 * hit / (2 * hit + wrong) >= 0.90


@pytest.mark.parametrize("size", [1, 7, 300])
def test_batches_change_nothing(size: int) -> None:
    """The same texts in the same order give the same clusters, however they are cut."""
    texts = {near(pair[side]): pair[side] for pair in PAIRS[:250] for side in "ab"}
    memory, found = Memory(), dict[int, int]()
    names = list(texts)
    for start in range(0, len(names), size):
        found |= gather({name: texts[name] for name in names[start : start + size]}, memory)
    assert found == gather(texts, Memory())


def test_no_chain_leads_from_one_statement_to_another() -> None:
    """Word by word one text becomes another: what is far from the first begins anew."""
    one = "the discs are late again and nobody at reelpost will say when they come"
    other = "my streaming keeps freezing whenever the kids want to watch films on sunday"
    mine, theirs = one.split(" "), other.split(" ")
    steps = [" ".join(theirs[:n] + mine[n:]) for n in range(len(theirs) + 1)]
    clusters = together(*steps)
    assert clusters[0] != clusters[-1]
    # What a text joins is itself nobody's copy.
    of = dict(zip(map(near, steps), clusters, strict=True))
    assert all(of[cluster] == cluster for cluster in clusters)


def test_a_text_like_two_goes_to_the_one_it_is_more_like() -> None:
    """Whichever of the two came first."""
    near_one = "please share this the whole town has no water since the pipe at the mill broke open"
    far = "the whole town has no water since the pipe at the mill broke"
    text = "please share this the whole town has no water since the pipe at the mill broke"
    for order in ((near_one, far), (far, near_one)):
        sketch = dict(zip(order, sketches(order), strict=True))
        mine = unpacked(sketches([text])[0].features)
        best = max(order, key=lambda one: likeness(mine, unpacked(sketch[one].features)))
        clusters = dict(zip((*order, text), together(*order, text), strict=True))
        assert clusters[text] in (near(best), clusters[best])


def test_short_texts_are_copies_only_word_for_word() -> None:
    """“Same here” says nothing of its own."""
    assert alike("Same here!", "same here")
    assert not alike("same here", "same here too") and not alike("me too", "me too please")


def test_a_number_or_a_not_makes_another_statement() -> None:
    """As a word and as a figure a number is the same, though."""
    said = "day {} without internet and the hotline says nothing at all about it"
    assert not alike(said.format(3), said.format(4))
    assert alike(said.format(3), said.format("three"))
    works = "they did{} give me the credit they promised on the phone last week"
    assert not alike(works.format(""), works.format(" not"))


def test_hostile_texts_are_taken() -> None:
    """Nothing, marks alone, half a character, a megabyte, and scripts without spaces."""
    texts = ["", "\n\n", "😡😡", "\ud800", "x" * 1_000_000, "no discs " * 120_000, "\x00",
             "サービスが朝からずっと落ちています。返金してください"]  # fmt: skip
    assert len(sketches(texts)) == len(texts)
    assert len(set(together(*texts))) >= 6
    assert alike(
        "サービスが朝からずっと落ちています。返金してください",
        "サービスが朝からずっと落ちています。返金してくださいよ",
    )


def test_a_flood_that_shares_a_phrase_stays_cheap() -> None:
    """Ten thousand texts with the same beginning: each is held against a handful."""
    chance = random.Random(1)
    texts = {}
    for number in range(10_000):
        rest = " ".join(f"w{chance.randrange(10**6)}x" for _ in range(12))
        texts[number] = f"i want my money back now because {rest}"
    found = gather(texts, memory := Memory())
    assert len(set(found.values())) == len(texts)
    assert max(map(len, memory.under.values())) <= 8
