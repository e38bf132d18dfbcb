"""What would spoil a corpus is found: each fault planted by itself in one that has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from classify.check import SECOND, Checked, Written, check, near_copies
from classify.cli import app
from classify.labels import Labels
from models.errors import SetupError
from tests.classify.test_cli import Desk, jsonl
from tests.classify.test_fourth_label import with_block

POSTS = 320
OPENINGS = ("@HalloraCare", "@jo_77", "today")
OURS = ("complaint", "praise", "credit_request")

Change = Callable[[int, Written], Written]
replaced = msgspec.structs.replace


@pytest.fixture
def labels() -> Labels:
    """Return the shipped labels that stand by themselves."""
    return Labels.load().main


def sound() -> list[Written]:
    """Return posts of which nothing tells the labels but the words: half of them carry each."""
    draw = np.random.default_rng(11)
    words = [
        f"{one}{other}" for one in ("bi", "ko", "ru", "sa", "te") for other in ("lam", "nid", "pos")
    ]

    def said() -> str:
        opening = OPENINGS[draw.integers(len(OPENINGS))]
        return " ".join([opening, *draw.choice(words, draw.integers(8, 20)).tolist()])

    return [
        Written(
            text=said(),
            labels=tuple(name for bit, name in enumerate(OURS) if n >> bit & 1),
            platform=("x", "forum", "blog")[draw.integers(3)],
        )
        for n in range(POSTS)
    ]


def kept(folder: Path, rows: list[Written], second: list[Written] | None = None) -> Path:
    """Keep a corpus in a folder: every fifth post in its exam, which a second reader read too."""
    exam = rows[::5]
    parts = {"a.jsonl": [one for n, one in enumerate(rows) if n % 5], "exam/exam.jsonl": exam,
             f"{SECOND}/reader.jsonl": exam if second is None else second}  # fmt: skip
    for name, part in parts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(jsonl(*(msgspec.to_builtins(one) for one in part)))
    return folder


def faults(found: Checked) -> list[str]:
    """Return the names of the checks that aren't fine, without what stands in brackets."""
    return [one.check.split(" (")[0] for one in found.figures if not one.fine]


def test_the_shipped_corpus_passes_every_check(tmp_path: Path) -> None:
    """As `amends classify corpus` says, with exit 0."""
    desk = Desk(tmp_path)

    result = CliRunner().invoke(app, ["corpus", "--as", "json"], obj=desk)

    rows = json.loads(result.stdout)
    assert [row for row in rows if row["fine"] != "yes"] == [] and len(rows) == 17 + 10 * 5
    assert result.exit_code == 0 and "train" in desk.said[-1]


def test_a_sound_corpus_has_no_fault(tmp_path: Path, labels: Labels) -> None:
    """So whatever is found below was planted there."""
    found = check(labels, kept(tmp_path, sound()))

    assert found.fine and faults(found) == [] and found.worst == () and found.unchecked == ()
    assert all(row["fine"] == "yes" for row in found.rows())


@pytest.mark.parametrize(
    "copy",
    [
        lambda text: text,
        lambda text: f"RT @eve: {text.upper()}!!",
        lambda text: f"{text} #HalloraDown https://halloracare.example/3",
    ],
    ids=["the same", "louder, as a repost", "with a link"],
)
def test_one_planted_copy_is_found(
    tmp_path: Path, labels: Labels, copy: Callable[[str], str]
) -> None:
    """Of a post to learn from, in the exam."""
    rows = sound()
    rows.append(replaced(rows[1], text=copy(rows[1].text)))

    found = check(labels, kept(tmp_path, rows))

    assert "copies" in faults(found)
    assert [row["fine"] for row in found.rows() if row["check"] == "copies"] == ["NO"]


def test_planted_near_copies_are_found_and_shown(tmp_path: Path, labels: Labels) -> None:
    """A few posts with a word more: no copies, but as good as."""
    rows = sound()
    rows += [replaced(one, text=f"tonight {one.text}") for one in rows[:6]]

    found = check(labels, kept(tmp_path, rows))

    assert faults(found) == ["near copies"]
    assert len(found.worst) == 5 and all("tonight" in line for line in found.worst)


def test_only_likeness_of_whole_phrases_makes_a_near_copy() -> None:
    """The same words in another order aren't, nor is a short opening they share."""
    first = "the line in our street has been dead since monday and nobody calls back"
    texts = [
        first,
        f"{first} today",
        " ".join(reversed(first.split())),
        "the line in our street costs more than the bus to work and back every single month",
        "no", "no", "",
    ]  # fmt: skip

    assert [(place, other) for place, other, _ in near_copies(texts)] == [(1, 0)]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda n, one: replaced(one, text=f"{one.text} {'again ' * 30}" if n & 1 else one.text),
            "complaint from length alone",
        ),
        (
            lambda n, one: replaced(
                one, text=f"{'@jo_77' if n & 2 else 'today'} {one.text.split(' ', 1)[1]}"
            ),
            "praise from handle alone",
        ),
        (
            lambda n, one: replaced(
                one, text=f"{'@jo_77' if n & 4 else '@HalloraCare'} {one.text.split(' ', 1)[1]}"
            ),
            "credit_request from handle alone",
        ),
        (
            lambda n, one: replaced(one, platform="forum" if n & 4 else "x"),
            "credit_request from platform alone",
        ),
    ],
    ids=["length", "being addressed", "the shape of a name", "platform"],
)
def test_a_label_told_without_reading_is_found(
    tmp_path: Path, labels: Labels, change: Change, fault: str
) -> None:
    """A classifier would learn that in place of the words; the other labels stay fine."""
    rows = [change(n, one) for n, one in enumerate(sound())]

    assert faults(check(labels, kept(tmp_path, rows))) == [fault]


@pytest.mark.parametrize("nearly_all", [False, True])
def test_imbalance_is_found(tmp_path: Path, labels: Labels, nearly_all: bool) -> None:
    """A label on hardly any post, or on nearly all of them."""
    rows = [
        replaced(
            one,
            labels=(
                *(name for name in one.labels if name != "praise"),
                *(("praise",) if (n % 32 == 0) != nearly_all else ()),
            ),
        )
        for n, one in enumerate(sound())
    ]

    assert faults(check(labels, kept(tmp_path, rows))) == ["balance of praise"]


def test_a_second_reader_who_disagrees_is_found(tmp_path: Path, labels: Labels) -> None:
    """On one label, in one post of six: by chance they would agree on half of them."""
    rows = sound()
    second = [
        replaced(one, labels=tuple({*one.labels} ^ {"praise"})) if n % 6 == 0 else one
        for n, one in enumerate(rows[::5])
    ]

    found = check(labels, kept(tmp_path, rows, second))

    assert faults(found) == ["agreement on praise"]
    kappas = [one.figure for one in found.figures if one.check.startswith("agreement")]
    assert kappas[0] == kappas[2] == 1 and kappas[1] == pytest.approx(1 - 2 / 6, abs=0.02)


@pytest.mark.parametrize("second", [[], sound()[1:5]], ids=["nothing", "other posts"])
def test_without_a_second_reader_nothing_is_agreed(
    tmp_path: Path, labels: Labels, second: list[Any]
) -> None:
    """Silence is no agreement, nor is what somebody says of posts outside the exam."""
    found = check(labels, kept(tmp_path, sound(), second))

    assert faults(found) == [f"agreement on {name}" for name in labels.names]
    assert all("0 posts" in one.check for one in found.figures if "agreement" in one.check)


def test_a_label_of_ones_own_is_said_to_be_unchecked(tmp_path: Path, labels: Labels) -> None:
    """The shipped corpus knows nothing of it; what it knows is checked as ever, and the exit is 0."""
    desk = Desk(with_block(tmp_path))

    result = CliRunner().invoke(app, ["corpus", "--as", "json"], obj=desk)

    assert result.exit_code == 0 and len(json.loads(result.stdout)) == 17 + 10 * 5
    assert "outage_report" not in result.stdout
    assert any("not checked" in line and "outage_report" in line for line in desk.said)


def test_an_installation_with_fewer_labels_checks_those(tmp_path: Path, labels: Labels) -> None:
    """The others on the posts are no fault of the corpus."""
    found = check(Labels(list(labels)[:1]), kept(tmp_path, sound()))

    assert found.fine and {one.check for one in found.figures if "praise" in one.check} == set()


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_label_on_hardly_a_post_is_a_fault_and_no_crash(
    tmp_path: Path, labels: Labels, count: int
) -> None:
    """What can't be told isn't fine, nor made up."""
    rows = [
        replaced(one, labels=(*({*one.labels} - {"praise"}), *(("praise",) if n < count else ())))
        for n, one in enumerate(sound())
    ]

    found = check(labels, kept(tmp_path, rows))

    wrong = [f"praise from {what} alone" for what in ("length", "handle", "platform")]
    agreed = ["agreement on praise"] if count == 0 else []
    assert faults(found) == ["balance of praise", *wrong, *agreed]
    untold = [row for row in found.rows() if row["figure"] is None]
    assert [row["fine"] for row in untold] == ["NO"] * (3 + len(agreed))


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("b.jsonl", b'{"text": "x", "labels": ["rage"]}', "no label “rage”"),
        ("exam/b.jsonl", b"{oops", "malformed"),
        ("a.jsonl", b'{"text": "x", "labels": [], "platform": 5}', "platform"),
        (f"{SECOND}/reader.jsonl", b'{"text": " ", "labels": []}', "no text"),
    ],
)
def test_a_bad_line_is_named(
    tmp_path: Path, labels: Labels, name: str, line: bytes, says: str
) -> None:
    """By file, line and reason, wherever it stands."""
    kept(tmp_path, sound())
    (tmp_path / name).write_bytes(jsonl({"text": "so", "labels": []}) + line)

    with pytest.raises(SetupError, match=rf"{name}, line 2: .*{says}"):
        check(labels, tmp_path)


def test_a_folder_without_examples_is_named(tmp_path: Path, labels: Labels) -> None:
    """Nothing checked is nothing fine."""
    with pytest.raises(SetupError, match="no example in it") as caught:
        check(labels, tmp_path)

    assert str(tmp_path) in caught.value.message
