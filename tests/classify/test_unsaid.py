"""Nobody is sorted by what they didn't say: thirty names of labels are refused, ordinary ones aren't."""

from __future__ import annotations

from pathlib import Path

import pytest

from classify.labels import Labels
from classify.unsaid import guesses
from models.errors import SetupError
from tests.battery import Record, tell

BAD = (
    "health_problem", "mentally_ill", "depressed_customer", "pregnant_customers", "cancer", "disabled",
    "politics", "republican_voters", "leftist", "socialist",
    "religion", "muslim_customers", "jewish", "catholic",
    "ethnicity", "latino", "immigrants", "asian_names",
    "sexuality", "gay", "lesbian_or_bisexual", "transgender",
    "union_members", "unionized",
    "criminal_record", "convicted", "prison",
    "financial_hardship", "in_debt", "bankrupt",
)  # fmt: skip
LABEL = """
[{name}]
title = "{title}"
meaning = "m"
threshold = 0.5
share = 0.1
order = 1
colour = "#112233"
"""


def loaded(folder: Path, name: str, title: str = "T") -> Labels:
    """Return labels of one."""
    path = folder / "labels.toml"
    path.write_text(LABEL.format(name=name, title=title))
    return Labels.load(path)


def test_thirty_names_are_refused(tmp_path: Path, record_property: Record) -> None:
    """Health, politics, religion, ethnicity, sexuality, union, crime, hardship; told why."""
    refused = 0
    for name in BAD:
        with pytest.raises(SetupError, match="would guess at something people didn't say"):
            loaded(tmp_path, name)
        refused += 1
    tell(record_property, f"{len(BAD)} names of labels that guess: {refused} refused")


def test_a_title_is_held_to_it_too(tmp_path: Path) -> None:
    """A harmless name doesn't help."""
    with pytest.raises(SetupError, match="didn't say: union"):
        loaded(tmp_path, "group_a", "Union members")


@pytest.mark.parametrize("name", ["late_delivery", "wants_refund", "praise", "status_page_wrong"])
def test_what_posts_say_of_the_service_is_fine(tmp_path: Path, name: str) -> None:
    """And the shipped labels are."""
    assert loaded(tmp_path, name).names == (name,)
    assert [label.title for label in Labels.load(None) if guesses(label.title)] == []
