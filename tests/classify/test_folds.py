"""Figures over folds: good where there is something to learn, by chance where there is nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from classify.cli import app
from classify.evaluate import Figures
from classify.examples import Labelled
from classify.folds import enough, judge, labels_of
from models.errors import SetupError
from tests.classify.said import small
from tests.classify.test_cli import Desk, jsonl

OURS = ("complaint", "praise", "credit_request")
Run = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk in an empty home: measuring a file needs no classifier."""
    return Desk(tmp_path / "home")


@pytest.fixture
def run(desk: Desk, tmp_path: Path) -> Run:
    """Return a way to measure rows in a file."""

    def call(rows: Sequence[Labelled], *words: str) -> Result:
        file = tmp_path / "mine.jsonl"
        file.write_bytes(jsonl(*({"text": one.text, "labels": one.labels} for one in rows)))
        result = CliRunner().invoke(app, ["train", "--only", str(file), *words], obj=desk)
        if isinstance(result.exception, SetupError):
            raise result.exception
        assert result.exit_code == 0, (result.output, desk.said)
        return result

    return call


def shuffled(rows: Sequence[Labelled]) -> list[Labelled]:
    """Return the same texts, each with the labels of another."""
    order = np.random.default_rng(7).permutation(len(rows)).tolist()
    return [Labelled(one.text, rows[at].labels) for one, at in zip(rows, order, strict=True)]


def figures(rows: Sequence[Labelled], folds: int = 5) -> Figures:
    """Return the figures over folds for our three labels."""
    return judge(rows, labels_of(rows, OURS), folds, lambda _: None)


def test_what_can_be_learnt_is_found() -> None:
    """Every label, and every post counts once."""
    rows = small()

    found = figures(rows)

    assert found.posts == len(rows) and found.macro_f1 is not None and found.macro_f1 > 0.95
    for one in found.labels:
        assert one.support == 40
        assert one.roc_auc is not None and one.roc_auc > 0.99


def test_labels_by_chance_are_found_by_chance() -> None:
    """Nobody is tested on what they learnt: else shuffled labels would look fine."""
    for one in figures(shuffled(small()), 3).labels:
        assert one.roc_auc is not None and 0.2 < one.roc_auc < 0.8


def test_copies_of_a_text_never_straddle_parts() -> None:
    """Each text in five copies, with labels by chance: whoever saw a copy would know them all."""
    copies = [
        Labelled(f"@jo_{n} {one.text} #day{n} https://halloracare.example/{n}", one.labels)
        for one in shuffled(small())
        for n in range(5)
    ]

    for one in figures(copies, 3).labels:
        assert one.roc_auc is not None and one.roc_auc < 0.8


def test_the_same_file_gives_the_same_figures() -> None:
    """In whatever order its lines stand."""
    assert figures(small(20), 3) == figures(small(20)[::-1], 3)


def test_each_part_is_told() -> None:
    """A person who waits hears how far it is."""
    heard: list[str] = []

    judge(small(20), labels_of(small(20), OURS), 3, heard.append)

    assert len(heard) == 3 and "1 of 3" in heard[0] and "3 of 3" in heard[2]


def test_labels_are_put_where_more_likely_than_not() -> None:
    """Under the share the file itself has."""
    labels = labels_of(small(), OURS)

    assert labels.names == OURS and set(labels.thresholds) == {0.5}
    assert set(labels.shares) == {0.25}


def test_a_label_too_rare_or_on_nearly_every_post_is_no_label() -> None:
    """One in twenty posts or all but a few can't be judged; the others still can."""
    rows = [
        Labelled(
            f"post {n}",
            ("often", *(("rare",) if n < 19 else ()), *(("fine",) if n < 20 else ())),
        )
        for n in range(100)
    ]

    assert enough(rows, ("fine", "often", "rare")) == (["fine"], ["often", "rare"])


def test_what_is_enough_can_be_judged() -> None:
    """In two parts too: each has half of the posts of every label."""
    rows = small(20)
    fit, _ = enough(rows, OURS)

    found = judge(rows, labels_of(rows, fit), 2, lambda _: None)

    assert [one.label for one in found.labels] == list(OURS) and found.posts == 80


def test_a_label_in_few_texts_is_left_out_and_named() -> None:
    """Twenty copies of one text are in one part: nothing is left to learn from."""
    copies = [Labelled(f"@jo_{n} what a rage", ("rage",)) for n in range(20)]
    rows = [*small(), *copies]
    names, heard = enough(rows, (*OURS, "rage"))[0], list[str]()

    found = judge(rows, labels_of(rows, names), 4, heard.append)

    assert "rage" in names and [one.label for one in found.labels] == list(OURS)
    assert heard[0] == "left out, too rare or on nearly every post for 4 parts: rage"
    assert found.posts == 180


def test_a_label_that_hardly_a_text_lacks_is_left_out_too() -> None:
    """Or nobody could tell where it isn't."""
    rows = [Labelled(one.text, (*one.labels, "often")) for one in small()]
    rows += [Labelled(f"@jo_{n} well well well", ()) for n in range(20)]
    heard: list[str] = []

    found = judge(rows, labels_of(rows, ["often", *OURS]), 3, heard.append)

    assert [one.label for one in found.labels] == list(OURS) and heard[0].endswith(": often")


def test_no_label_left_to_learn_is_told() -> None:
    """One sentence, before anything is trained."""
    rows = [Labelled(f"@jo_{n} {kind}", (kind,)) for n in range(20) for kind in ("rage", "joy")]

    with pytest.raises(SetupError, match="no label has 10 posts with it and 10 without") as caught:
        judge(rows, labels_of(rows, ["joy", "rage"]), 2, lambda _: None)
    assert "say different things" in caught.value.remedy


def test_there_are_no_more_parts_than_different_texts() -> None:
    """Nobody is trained for an empty part; how many there are is told."""
    kinds = [one for one in small(6) if one.labels in {("complaint",), ("praise",)}]
    rows = [Labelled(f"@jo_{n} {one.text}", one.labels) for one in kinds for n in range(4)]
    heard: list[str] = []

    found = judge(rows, labels_of(rows, OURS[:2]), 15, heard.append)

    assert found.posts == 48 and found.macro_f1 is not None and found.macro_f1 > 0.9
    assert heard[0].startswith("only 12 posts are different") and len(heard) == 13
    assert heard[-1] == "part 12 of 12 …"


def test_posts_that_all_say_the_same_are_refused() -> None:
    """There is nothing to cut."""
    rows = [Labelled(f"@jo_{n} no net", ("complaint",) if n % 2 else ()) for n in range(50)]

    with pytest.raises(SetupError, match="50 posts that say the same"):
        judge(rows, labels_of(rows, ["complaint"]), 2, lambda _: None)


def test_rare_labels_are_left_out_and_named(run: Run, desk: Desk) -> None:
    """Their posts stay, as posts without that label."""
    rows = [*small(), *(Labelled(f"hm {n} seldom said", ("rage", "praise")) for n in range(5))]

    found = json.loads(run(rows, "--folds", "2", "--as", "json").stdout)

    assert "left out, too rare or on nearly every post: rage" in desk.said
    assert found["posts"] == 165
    assert {one["label"]: one["support"] for one in found["labels"]} == {
        "complaint": 40, "credit_request": 40, "praise": 45
    }  # fmt: skip


def test_json_is_for_programs(run: Run, desk: Desk) -> None:
    """One object on stdout and nothing else; whatever is said to people stands beside it."""
    found = json.loads(run(small(20), "--folds", "3", "--as", "json").stdout)

    assert found["macro_f1"] > 0.9 and found["false_praise"] == 0
    assert {"posts", "calibration_error", "labels"} <= set(found)
    assert {"precision", "recall", "f1", "both_f1", "roc_auc", "support"} <= set(found["labels"][0])
    assert any("part 3 of 3" in line for line in desk.said)


def test_a_table_is_for_people(run: Run, desk: Desk) -> None:
    """A line for each label, the file's own ones too, and the figures of the whole beside it."""
    rows = [Labelled(one.text, tuple(f"my-{name}" for name in one.labels)) for one in small()]

    table = run(rows, "--folds", "3").stdout

    assert all(f"my-{name}" in table for name in OURS)
    assert any(line.startswith("160 posts   macro-F1 1.000") for line in desk.said)


def test_measuring_changes_nothing(run: Run, desk: Desk) -> None:
    """No classifier is put into use, no example kept."""
    run(small(), "--folds", "2")

    assert not desk.home.classifiers.exists() and not desk.home.examples.exists()


@pytest.mark.parametrize("folds", ["161", "100000"])
def test_too_many_folds_are_refused(run: Run, folds: str) -> None:
    """With what would do."""
    with pytest.raises(SetupError, match="160 posts can't be cut into") as caught:
        run(small(), "--folds", folds)

    assert "from 2 to the number of posts" in caught.value.remedy


@pytest.mark.parametrize(
    "rows", [[Labelled(f"post {n}", ()) for n in range(50)], small(5)], ids=["none", "too few"]
)
def test_no_label_to_judge_is_told(run: Run, rows: list[Labelled]) -> None:
    """None in the file, or each too rare: a sentence, never a traceback."""
    with pytest.raises(SetupError, match="no post carries a label"):
        run(rows, "--folds", "2")


def test_folds_are_of_a_file(desk: Desk) -> None:
    """Without one the command says how to name it."""
    result = CliRunner().invoke(app, ["train", "--folds", "5"], obj=desk)

    assert isinstance(result.exception, SetupError)
    assert "--only FILE" in result.exception.remedy
