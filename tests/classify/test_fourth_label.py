"""A label of one's own: a block in the home's labels.toml and twenty examples, no code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from amends.cli import main
from classify.examples import shipped
from classify.labels import SHIPPED, Labels
from tests.classify.test_cli import jsonl

BLOCK = """
[outage_report]
title = "Outage report"
meaning = "The author tells where the service is down, for the outage map."
threshold = 0.3
share = 0.05
order = 4
colour = "#5b3a8c"
"""

PLACES = ["Leith", "Millgate", "Old Quay", "Corstow", "Upper Dale", "Pinecroft", "Eastbank",
          "Hillview", "Ferry Point", "Larkfield"]  # fmt: skip
TWENTY = [
    {"text": text.format(place), "labels": ["complaint", "outage_report"]}
    for place in PLACES
    for text in (
        "outage report from {}: the whole street is dark since six",
        "for your outage map: {} is dark, four houses checked",
    )
]

REPORT = "outage report from Brackley: our street is dark since eight"
POSTS = [
    {"id": "1", "text": REPORT, "author": "cleo", "created_at": "2026-03-04T15:00:00Z"},
    {"id": "2", "text": "please put Dunmore on the outage map, four houses are dark",
     "author": "bo", "created_at": "2026-03-04T15:30:00Z"},
    {"id": "3", "text": "where is my refund? I want my money back for these days",
     "author": "dre", "created_at": "2026-03-04T16:00:00Z"},
    {"id": "4", "text": "thank you so much, your engineer was lovely",
     "author": "ana", "created_at": "2026-03-04T17:00:00Z"},
]  # fmt: skip

TRAIN = ("classify", "train", "--only")


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Amends = Callable[..., Said]


def with_block(home: Path) -> Path:
    """Give the home labels of its own: the shipped ones and a fourth."""
    home.mkdir(exist_ok=True)
    (home / "labels.toml").write_text(SHIPPED.read_text(encoding="utf-8") + BLOCK)
    return home


def kept(path: Path, lines: list[dict[str, object]]) -> str:
    """Keep lines of JSON in a file and return its name."""
    path.write_bytes(jsonl(*lines))
    return str(path)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a part of the shipped examples, from which training takes a second or two."""
    rows = [{"text": one.text, "labels": one.labels} for one in shipped(Labels.load())[::15]]
    return kept(tmp_path_factory.mktemp("corpus") / "part.jsonl", rows)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory, corpus: str) -> Path:
    """Return a home with a fourth label, twenty examples of it, and a classifier that knows it."""
    folder = tmp_path_factory.mktemp("taught")
    home = with_block(folder / "home")
    twenty = kept(folder / "twenty.jsonl", TWENTY)
    for words in (("classify", "add", twenty), (*TRAIN, corpus)):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.delenv("AMENDS_DATABASE_URL", raising=False)
            main(["--home", str(home), *words])
        assert not ended.value.code
    return home


@pytest.fixture
def amends(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Amends:
    """Return the command, in the folder `home` of this test."""
    monkeypatch.delenv("AMENDS_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(tmp_path / "home"), *words])
        return Said(int(ended.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture
def incident(amends: Amends, taught: Path, tmp_path: Path) -> str:
    """Return the slug of an incident whose posts were looked at by the classifier that was taught."""
    shutil.copytree(taught, tmp_path / "home")
    opened = amends("incident", "open", "Cable cut", "--company", "Hallora", "--began",
                    "2026-03-03T08:40", "--tz", "America/Chicago")  # fmt: skip
    assert opened.code == 0, opened.err
    said = amends("backfill", "cable-cut", "file", kept(tmp_path / "posts.jsonl", POSTS))
    assert said.code == 0, said.err
    return "cable-cut"


def listed(amends: Amends, incident: str, label: str) -> list[str]:
    """Return the ids of the posts that carry a label, in order."""
    said = amends("posts", incident, "--label", label, "--as", "jsonl")
    assert said.code == 0, said.err
    return sorted(json.loads(line)["external_id"] for line in said.out.splitlines())


def test_the_label_is_put_where_it_belongs(amends: Amends, incident: str) -> None:
    """On both reports and on nothing else; the three we began with are put as before."""
    assert listed(amends, incident, "outage_report") == ["1", "2"]
    assert listed(amends, incident, "credit_request") == ["3"]
    assert listed(amends, incident, "praise") == ["4"]
    assert "1" in listed(amends, incident, "complaint")


def test_the_label_is_explained(amends: Amends, incident: str) -> None:
    """With the words that speak for it, and one of the twenty as the nearest example."""
    said = json.loads(amends("classify", "explain", REPORT, "--as", "json").out)

    found = {one["label"]: one for one in said["labels"]}
    ours, told = Labels.load().main.names, Labels.load().under("credit_request").names
    assert list(found) == [*ours, "outage_report", *told]
    own = found["outage_report"]
    assert own["put"] and own["threshold"] == 0.3 and own["score"] > 0.3
    best = max(own["reasons"], key=lambda one: one["weight"])["words"]
    assert set(best.split()) & {"outage", "report", "from", "dark", "street"}
    assert said["nearest"]["text"] in {one["text"] for one in TWENTY}
    assert "outage_report" in said["nearest"]["labels"]


def test_the_label_stands_in_the_digest(amends: Amends, incident: str) -> None:
    """Last in order, under its title and in its colour, with its posts counted."""
    digest = json.loads(amends("digest", "show", incident, "--as", "json").out)
    html = amends("digest", "show", incident, "--as", "html").out

    (*_, last) = digest["labels"]
    assert (last["name"], last["title"], last["colour"]) == (
        "outage_report", "Outage report", "#5b3a8c"
    )  # fmt: skip
    assert last["count"]["posts"] == 2
    assert "Outage report" in html and "#5b3a8c" in html
    assert "Outage report" in amends("digest", "show", incident).out


def test_the_label_is_listed_with_its_meaning(amends: Amends, tmp_path: Path) -> None:
    """As the others are, beside the score from which it is put."""
    with_block(tmp_path / "home")

    every = json.loads(amends("classify", "labels", "--as", "json").out)
    last = [one for one in every if not one["under"]][-1]

    assert (last["name"], last["threshold"]) == ("outage_report", 0.3)
    assert last["meaning"] == "The author tells where the service is down, for the outage map."


def test_a_person_can_put_the_label_and_take_it_off(amends: Amends, incident: str) -> None:
    """What Ana says holds at once, whatever the classifier thinks."""
    lines = amends("posts", incident, "--as", "jsonl").out.splitlines()
    posts = {one["external_id"]: str(one["id"]) for one in map(json.loads, lines)}

    amends("classify", "correct", posts["1"], "complaint", "--by", "ana")
    amends("classify", "correct", posts["4"], "praise", "outage_report", "--by", "ana")

    assert listed(amends, incident, "outage_report") == ["2", "4"]


def test_the_block_is_what_makes_it_a_label(amends: Amends, tmp_path: Path) -> None:
    """Without it the examples are refused, with what to write; with it they are kept."""
    twenty = kept(tmp_path / "twenty.jsonl", TWENTY)

    refused = amends("classify", "add", twenty)
    with_block(tmp_path / "home")
    taken = amends("classify", "add", twenty)

    assert refused.code == 2 and "outage_report" in refused.err
    assert "add [outage_report] to labels.toml in the home" in refused.err
    assert taken.code == 0 and "20 examples kept" in taken.err


def test_a_label_without_examples_is_named(amends: Amends, tmp_path: Path, corpus: str) -> None:
    """Nothing is trained from nothing."""
    with_block(tmp_path / "home")

    said = amends(*TRAIN, corpus)

    assert said.code == 2 and "carry the label outage_report" in said.err
    assert not (tmp_path / "home" / "classifiers" / "current").exists()


@pytest.mark.parametrize(
    "more",
    ["", BLOCK + BLOCK.replace("outage_report", "speed_test").replace("= 4", "= 5")],
    ids=["less", "more"],
)
def test_a_classifier_from_before_says_what_to_do(
    amends: Amends, incident: str, tmp_path: Path, more: str
) -> None:
    """A label less or one more, and whoever scores is told to train again."""
    (tmp_path / "home" / "labels.toml").write_text(SHIPPED.read_text(encoding="utf-8") + more)

    for words in (("classify", "explain", REPORT), ("classify", "run")):
        said = amends(*words)

        assert said.code == 2 and "amends classify train" in said.err
        assert "Traceback" not in said.err
