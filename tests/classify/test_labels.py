"""The vocabulary is data, and a mistake in it is told with file and label."""

from __future__ import annotations

from pathlib import Path

import pytest

from classify.labels import Labels
from models.errors import SetupError

GOOD = """
[late]
title = "Late"
meaning = "It came late."
threshold = 0.5
share = 0.2
order = 1
colour = "#0a5fa8"
"""


def test_the_shipped_labels_come_in_order(labels: Labels) -> None:
    """The three labels the product begins with, complaints first; behind them what a credit request asks."""
    assert labels.main.names == ("complaint", "praise", "credit_request")
    assert labels.names == (*labels.main.names, *labels.under("credit_request").names)
    assert len(labels.under("credit_request")) == 10
    assert all(0 < threshold < 1 for threshold in labels.thresholds)
    assert all(label.title and label.meaning for label in labels)


def test_every_colour_can_be_read_on_white(labels: Labels) -> None:
    """Contrast is at least 4.5 to 1, as WCAG AA asks of text."""
    for label in labels:
        parts = [int(label.colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        assert 1.05 / (light + 0.05) >= 4.5, label.name


def test_who_says_what_a_post_carries_decides_on_what_they_were_asked(labels: Labels) -> None:
    """All labels that stand by themselves; those that tell more only where some of them are named."""
    assert labels.told(["complaint"]) == labels.main.names
    assert labels.told([]) == labels.main.names
    assert labels.told(["credit_how"]) == labels.names


def test_a_label_can_only_be_under_one_that_stands_by_itself(tmp_path: Path) -> None:
    """Neither under nothing nor under one that tells more itself."""
    file = tmp_path / "labels.toml"
    more = GOOD.replace("[late]", "[later]").replace("order = 1", 'order = 2\nunder = "late"')
    file.write_text(GOOD + more)
    assert Labels.load(file).under("late").names == ("later",)

    for wrong in ("later", "nowhere"):
        file.write_text(GOOD + more.replace('under = "late"', f'under = "{wrong}"'))
        with pytest.raises(SetupError, match=r"\[later\] is under"):
            Labels.load(file)


def test_an_unknown_label_gets_a_suggestion(labels: Labels) -> None:
    """A typo on the command line names what was probably meant."""
    with pytest.raises(SetupError) as caught:
        labels.find("complant")

    assert "did you mean complaint?" in caught.value.remedy


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    """Labels are data: another file gives other labels, blanks in the meaning evened out."""
    file = tmp_path / "labels.toml"
    file.write_text(GOOD.replace('"It came late."', '"""It\n  came late."""'))

    assert Labels.load(file).find("late").meaning == "It came late."


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("[late]", "[Late]", "Late"),
        ("[late]", '["late-again"]', "late-again"),
        ("0.5", "1.0", "threshold"),
        ("0.5", "0", "threshold"),
        ("0.5", '"high"', "threshold"),
        ('"#0a5fa8"', '"blue"', "colour"),
        ("order = 1", "", "order"),
        ("share = 0.2", "", "share"),
        ("share = 0.2", "share = 1.0", "share"),
        ("title =", "titel =", "titel"),
        ("[late]", "[poor_customer]", "poor"),
        ("[late]", "[financial_hardship]", "hardship"),
        ("[late]", "[religion]", "religion"),
        ("[late]", "late = 1\n[later]", "stands alone"),
        ("[late]", "[late", "line 2"),
        (GOOD, "", "no label"),
        (GOOD, GOOD + GOOD.replace("late", "lost"), "order = 1"),
    ],
)
def test_a_mistake_names_the_file_and_what_is_wrong(
    tmp_path: Path, was: str, becomes: str, says: str
) -> None:
    """Whoever edits the file learns where to look."""
    file = tmp_path / "labels.toml"
    file.write_text(GOOD.replace(was, becomes))

    with pytest.raises(SetupError) as caught:
        Labels.load(file)

    assert str(file) in caught.value.message and says in caught.value.message
    assert caught.value.remedy


def test_a_missing_file_is_a_setup_error(tmp_path: Path) -> None:
    """Never a traceback."""
    with pytest.raises(SetupError, match=r"nowhere\.toml"):
        Labels.load(tmp_path / "nowhere.toml")
