"""What `amends classify add` keeps: each file's examples once, and never what breaks a training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classify.cli import app
from classify.examples import own
from classify.labels import Labels
from models.errors import SetupError
from tests.classify.test_cli import Desk

Add = Callable[..., str]
Kept = Callable[[], dict[str, tuple[str, ...]]]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk in an empty home."""
    return Desk(tmp_path / "home")


@pytest.fixture
def add(desk: Desk, tmp_path: Path) -> Add:
    """Return a way to add a file with these lines; it returns what was said."""

    def call(name: str, *lines: str) -> str:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(["text,label", *lines, ""]))
        desk.said.clear()
        result = CliRunner().invoke(app, ["add", str(file)], obj=desk)
        if result.exception is not None:
            raise result.exception
        return "\n".join(desk.said)

    return call


@pytest.fixture
def kept(desk: Desk, labels: Labels) -> Kept:
    """Return a way to see what every training from now on reads."""
    return lambda: {one.text: one.labels for one in own(desk.home.examples, labels)}


def test_two_files_of_one_name_are_both_kept(add: Add, kept: Kept) -> None:
    """From two folders, or of two kinds."""
    add("ana/survey.csv", "one,praise")
    add("bo/survey.csv", "two,praise")
    add("bo/survey.txt", "three,praise")

    assert set(kept()) == {"one", "two", "three"}


def test_a_text_of_two_files_is_kept_once_and_told(add: Add, kept: Kept, desk: Desk) -> None:
    """With the file that has it already; the rest of the second is kept, and trainings go on."""
    add("first.csv", "no net,complaint", "thx,praise")

    said = add("second.csv", "fine,", "no net,praise", "my bill,credit_request")

    (first,) = desk.home.examples.glob("first-*.jsonl")
    assert f"“no net” stands in {first.name} already" in said and "2 examples kept" in said
    assert "thx" not in said and "1 left out" in said
    assert kept() == {
        "no net": ("complaint",), "thx": ("praise",), "fine": (), "my bill": ("credit_request",)
    }  # fmt: skip


def test_a_file_with_nothing_new_keeps_nothing(add: Add, kept: Kept, desk: Desk) -> None:
    """No empty file; and what it gave before, when it said something else, is gone."""
    add("first.csv", "no net,complaint")
    add("second.csv", "thx,praise")

    said = add("second.csv", "no net,complaint")

    assert "1 left out" in said and "kept" not in said
    assert list(kept()) == ["no net"] and len(list(desk.home.examples.iterdir())) == 1


def test_twenty_texts_there_already_are_told_one_by_one(add: Add) -> None:
    """The others are counted."""
    lines = [f"post {n},praise" for n in range(30)]
    add("first.csv", *lines)

    said = add("second.csv", *lines, "one more,praise")

    assert said.count(" already") == 20 and "30 left out" in said and "1 examples kept" in said


def test_a_file_without_a_good_line_keeps_nothing(add: Add, desk: Desk) -> None:
    """It ends with an error, and what was kept of it before stays."""
    with pytest.raises(SetupError, match="no line to learn from"):
        add("survey.csv", "no net", "thx,praise,so")
    assert not desk.home.examples.exists()

    add("survey.csv", "thx,praise")
    with pytest.raises(SetupError, match="line 2: fewer cells"):
        add("survey.csv", "no net")
    assert len(list(desk.home.examples.iterdir())) == 1


def test_what_cant_be_written_is_told(add: Add, desk: Desk) -> None:
    """Here a file stands where the folder should."""
    desk.home.examples.parent.mkdir(parents=True, exist_ok=True)
    desk.home.examples.write_text("")

    with pytest.raises(SetupError, match="can't write"):
        add("survey.csv", "thx,praise")


def test_a_bad_file_among_the_kept_is_named(add: Add, desk: Desk) -> None:
    """Before anything is written."""
    add("first.csv", "no net,complaint")
    (first,) = desk.home.examples.iterdir()
    first.write_text("{oops\n")

    with pytest.raises(SetupError, match=rf"{first.name}, line 1"):
        add("second.csv", "thx,praise")
    assert list(desk.home.examples.iterdir()) == [first]
