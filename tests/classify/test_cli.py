"""`amends classify` as a person and a program meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from amends.cli.desk import Desk as FrontDoor
from classify.classifier import Classifier
from classify.cli import app
from classify.labels import Labels
from models.errors import SetupError
from tests.classify.said import ANAS_FAN, CLEO, DRE
from tests.factories import a_post, a_watch

NOW = datetime(2026, 3, 4, tzinfo=UTC)
Run = Callable[..., Result]


class Desk(FrontDoor):
    """The front door's desk at a moment of the tests, with its own memory of what was said."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.said: list[str] = []

    def say(self, line: str) -> None:
        """Hear a line."""
        self.said.append(line)

    def next(self, command: str, why: str) -> None:
        """Hear the next step."""
        self.said.append(f"next: {command} ({why})")

    def now(self) -> datetime:
        """Return the moment the tests live in."""
        return NOW


def furnished(home: Path, classifier: Classifier) -> Desk:
    """Return a desk whose home has a classifier already."""
    desk = Desk(home)
    classifier.save(desk.home.classifiers / classifier.fingerprint)
    (desk.home.classifiers / "current").write_text(classifier.fingerprint)
    return desk


def caller(desk: Desk) -> Run:
    """Return a way to call the command at a desk; what it refuses is raised."""

    def call(*words: str, stdin: bytes = b"", fails: int = 0) -> Result:
        result = CliRunner().invoke(app, words, obj=desk, input=stdin)
        if isinstance(result.exception, SetupError):
            raise result.exception
        assert result.exit_code == fails, (result.output, desk.said)
        return result

    return call


@pytest.fixture
def desk(tmp_path: Path, classifier: Classifier) -> Desk:
    """Return a desk whose home has the classifier of all shipped examples."""
    return furnished(tmp_path / "home", classifier)


@pytest.fixture
def run(desk: Desk) -> Run:
    """Return a way to call the command."""
    return caller(desk)


def jsonl(*lines: Any) -> bytes:
    """Return lines of JSON."""
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_the_labels_are_listed(run: Run, labels: Any) -> None:
    """As a table for people, and with everything as JSON."""
    table = run("labels").stdout
    listed = json.loads(run("labels", "--as", "json").stdout)

    assert all(label.name in table for label in labels)
    assert [one["name"] for one in listed] == list(labels.names)
    assert {"title", "meaning", "threshold", "order", "colour"} <= set(listed[0])


def test_scores_come_in_order_with_their_ids(run: Run) -> None:
    """Ids as given: text, great and small numbers, the same one twice."""
    ids = ["b", 12345678901234567890123, -1, "", "b", 1.5, "ü\u2028"]
    lines = [
        {"id": key, "text": text}
        for key, text in zip(ids, [CLEO, DRE, "", ANAS_FAN] * 2, strict=False)
    ]

    result = run("score", "-", stdin=jsonl(*lines))

    found = [json.loads(line) for line in result.stdout.strip().split("\n")]
    assert [one["id"] for one in found] == ids
    assert "complaint" in found[0]["labels"] and "credit_request" in found[1]["labels"]
    assert found[2]["labels"] == [] and set(found[2]["scores"].values()) == {0.0}
    assert found[3]["labels"] == ["praise"]
    assert list(found[0]["scores"]) == list(Labels.load().names)


def test_more_lines_than_a_batch_keep_their_order(run: Run, tmp_path: Path) -> None:
    """Nine thousand posts, and every one comes back once."""
    file = tmp_path / "posts.jsonl"
    file.write_bytes(jsonl(*({"id": n, "text": f"{n} {CLEO}"} for n in range(9000))))

    found = run("score", str(file)).stdout.splitlines()

    assert [json.loads(line)["id"] for line in found] == list(range(9000))


def test_bad_lines_are_told_and_the_rest_goes_on(run: Run, desk: Desk) -> None:
    """File, line and reason on the side; data where data belongs."""
    bad = [b"{", b"[1]", b'{"id": null, "text": "x"}', b'{"id": [1], "text": "x"}',
           b'{"text": "x"}', b'{"id": 1}', b'{"id": 1, "text": 5}', b'{"id": true, "text": "x"}',
           b'\xff{"id": 1}', b"[" * 100_000, b'{"id": 1, "text": "\\ud800"}']  # fmt: skip
    stdin = jsonl({"id": 1, "text": CLEO}) + b"\n".join(bad) + b"\n" + jsonl({"id": 2, "text": DRE})

    result = run("score", "-", stdin=stdin)

    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [1, 2]
    told = [line for line in desk.said if "left out:" in line]
    assert [line.split(":")[0] for line in told] == [f"stdin, line {n}" for n in range(2, 13)]
    assert desk.said[-2] == "2 lines read, 11 left out"


def test_nothing_readable_is_a_failure(run: Run, desk: Desk) -> None:
    """Exit 1 for an empty file and for one of garbage."""
    run("score", "-", fails=1)
    run("evaluate", "-", stdin=b"garbage\n" * 30, fails=1)

    assert len(desk.said) < 30 and "30 left out" in desk.said[-2]


@pytest.mark.parametrize("command", ["score", "evaluate"])
def test_a_missing_file_is_a_setup_error(run: Run, command: str, tmp_path: Path) -> None:
    """Also a folder where a file should be."""
    for path in (tmp_path / "nowhere.jsonl", tmp_path):
        with pytest.raises(SetupError, match="can't read"):
            run(command, str(path))


def test_the_evaluation_is_printed(run: Run, desk: Desk) -> None:
    """As a table and as JSON; a line with an unknown label is left out and told."""
    stdin = jsonl(
        {"text": CLEO, "labels": ["complaint"]},
        {"text": ANAS_FAN, "labels": ["praise"]},
        {"text": CLEO, "labels": ["rage"]},
    )

    found = json.loads(run("evaluate", "-", "--as", "json", stdin=stdin).stdout)
    table = run("evaluate", "-", stdin=stdin).stdout

    assert found["posts"] == 2 and found["false_praise"] == 0.0
    assert [one["support"] for one in found["labels"]] == [1, 1, 0] + [0] * 10
    assert "credit_request" in table and "1.000" in table and "credit_how" not in table
    assert any("macro-F1 1.000" in line for line in desk.said)
    assert "stdin, line 3: left out: there is no label “rage”" in desk.said[0]


def test_run_tags_what_is_stored(run: Run, desk: Desk) -> None:
    """Once; the second time nothing waits."""
    with desk.open_store() as store:
        watch = a_watch(store)
        with store.begin() as tx:
            tx.posts.add(watch, [a_post(text=CLEO), a_post(text=DRE)], NOW)

    run("run")
    run("run")

    assert next(line for line in desk.said if "looked at" in line).startswith("2 posts")
    assert desk.said[-2].startswith("0 posts")


def test_help_comes_without_heavy_imports() -> None:
    """scikit-learn takes seconds; `--help` must not wait for it."""
    code = "import sys, classify.cli; print({'sklearn', 'numpy', 'sqlmodel', 'rich'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_every_command_shows_an_example(run: Run) -> None:
    """A line to copy."""
    for command in (one.name for one in app.registered_commands):
        assert f"Example: amends classify {command}" in run(command, "--help").stdout


def test_answers_from_a_file_are_read_line_by_line(run: Run, desk: Desk) -> None:
    """A line nested without end is left out like any other bad one; the good one counts."""
    with desk.open_store() as store, store.begin() as tx:
        tx.posts.add(a_watch(store), [a_post()], NOW)
    deep = b'{"post": 1, "labels": [], "x": ' + b"[" * 100_000 + b"\n"

    run("correct", "--from", "-", "--by", "ana", stdin=jsonl({"post": 1, "labels": []}) + deep)

    assert any("line 2: left out" in line for line in desk.said)
    with desk.open_store() as store, store.read() as tx:
        assert {one.by for one in tx.tags.said()} == {"ana"}


def test_asking_about_an_incident_that_isnt_there_says_so(run: Run, desk: Desk) -> None:
    """Not "nothing left to ask about"."""
    with pytest.raises(SetupError, match="nosuch"):
        run("ask", "nosuch")
