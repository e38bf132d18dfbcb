"""Anybody's labelled file becomes examples, and whatever can't is named by line and reason."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from typer.testing import CliRunner, Result

from classify.cli import app
from classify.examples import own
from classify.labels import Labels
from classify.lines import LONGEST, TOO_LONG
from classify.tables import Table, read
from models.errors import SetupError
from tests.classify.test_cli import Desk, jsonl

OURS = ("complaint", "praise", "credit_request")
Told = list[tuple[str, tuple[str, ...]]]
File = Callable[[bytes | str], Path]
Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Return a way to make a file."""

    def make(data: bytes | str) -> Path:
        path = tmp_path / "survey.csv"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return make


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk in an empty home: no classifier is needed to read a file."""
    return Desk(tmp_path / "home")


@pytest.fixture
def run(desk: Desk) -> Run:
    """Return a way to call `amends classify`."""

    def call(*words: str) -> Result:
        result = CliRunner().invoke(app, words, obj=desk)
        if isinstance(result.exception, SetupError):
            raise result.exception
        assert result.exit_code == 0, (result.output, desk.said)
        return result

    return call


def told(table: Table) -> Told:
    """Return what a table says, as plain pairs."""
    return [(one.text, one.labels) for one in table.rows]


def kept(desk: Desk, labels: Labels) -> Told:
    """Return what every training from now on reads from the home."""
    return [(one.text, one.labels) for one in own(desk.home.examples, labels)]


@pytest.mark.parametrize(("text", "labels"), [("Message", "CATEGORY"), ("body", "target")])
def test_usual_names_of_columns_are_found(file: File, text: str, labels: str) -> None:
    """In JSON Lines and in CSV, in whatever case, wherever they stand."""
    lines = jsonl({"id": 1, labels: "praise", text: "lovely"})
    table = f"id,{labels},{text}\n1,praise,lovely\n"

    assert told(read(file(lines))) == told(read(file(table))) == [("lovely", ("praise",))]


@pytest.mark.parametrize(
    "data",
    [
        jsonl({"antwort": "no net", "art": "complaint"}),
        "art,antwort\ncomplaint,no net\n",
        "art,antwort\ncomplaint,no\0 net\n",
    ],
)
def test_any_other_column_can_be_named(file: File, data: bytes | str) -> None:
    """As --set does; a NUL byte ends no text."""
    found = read(file(data), {"text": "antwort", "labels": "art"})

    assert told(found) == [("no net", ("complaint",))]


@pytest.mark.parametrize(
    "data",
    [
        jsonl({"text": "thx", "labels": ["praise", "credit_request"]}),
        jsonl({"text": "thx", "labels": "praise|credit_request|praise"}),
        jsonl({"text": "thx", "complaint": 0, "praise": True, "credit_request": 1.0}),
        "text,labels\nthx,praise|credit_request\n",
        "text,labels\nthx,praise;credit_request\n",
        "text;labels\nthx;praise|credit_request\n",
        "text\tlabels\nthx\tpraise, credit_request\n",
        "text,labels\nthx,\"['praise', 'credit_request']\"\n",
        "text,complaint,praise,credit_request\nthx,0,1,1\n",
        "Complaint,Praise,Credit_Request,text\nno,YES,x,thx\n",
    ],
)
def test_several_labels_may_stand_in_one_column_or_in_many(file: File, data: bytes | str) -> None:
    """A list, names between signs, or a column of 0 and 1 each: all say the same."""
    found = read(file(data), known=OURS)

    assert told(found) == [("thx", ("praise", "credit_request"))]
    assert found.labels == ("credit_request", "praise") and not found.rejected


def test_a_label_may_have_a_column_of_another_name(file: File) -> None:
    """As --set praise=happy does, beside a column of our own name."""
    found = read(file("text,complaint,happy\na,1,0\nb,0,1\n"), {"praise": "happy"}, known=OURS)

    assert told(found) == [("a", ("complaint",)), ("b", ("praise",))]


def test_no_label_has_many_names(file: File) -> None:
    """Neutral, none, 0, an empty cell and null are posts without a label, and worth keeping."""
    values = ["neutral", "None", "0", "", "nan", None, [], 0]
    lines = jsonl(*({"text": f"post {n}", "label": one} for n, one in enumerate(values)))

    found = read(file(lines))

    assert [labels for _, labels in told(found)] == [()] * len(values) and found.labels == ()


def test_values_are_told_what_they_mean(file: File) -> None:
    """As --value does, whatever their case; also that one means nothing."""
    data = "text,class\na,NEG\nb,4\nc,meh\nd,neg|4\n"

    found = read(file(data), values={"Neg": "complaint", "4": "praise", "meh": "none"})

    assert [labels for _, labels in told(found)] == [("complaint",), ("praise",), (), OURS[:2]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("between", [",", "\t"])
def test_a_sentiment_file_is_read_as_it_was_saved(file: File, between: str, encoding: str) -> None:
    """Text and class between commas or tabs, quoted line ends, accents, a mark in front or none."""
    rows = [
        ("content", "sentiment"),
        ("Café „Rosa“:\nthe waiter said no, then left us", "negative"),
        ("lovely crêpes, thanks", "positive"),
        ("it’s a café", "neutral"),
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=between).writerows(rows)

    found = read(file(out.getvalue().encode(encoding)))

    assert [text for text, _ in told(found)] == [text for text, _ in rows[1:]]
    assert [labels for _, labels in told(found)] == [("negative",), ("positive",), ()]


@pytest.mark.parametrize(
    "data", ['"no net, again",1\nall fine here,0\n', '1,"no net, again"\n0,all fine here\n']
)
def test_complaints_without_a_header_are_understood(file: File, data: str) -> None:
    """A column of texts and one of 0 and 1, and the first line is a post too."""
    found = read(file(data), known=OURS)

    assert told(found) == [("no net, again", ("complaint",)), ("all fine here", ())]


def test_an_unknown_label_is_named_with_a_remedy_that_works(
    run: Run, desk: Desk, file: File, labels: Labels
) -> None:
    """Nothing is kept before somebody said what it means; then all is."""
    path = str(file("text,label\nno net,rage\nthx,praise\n"))

    with pytest.raises(SetupError, match="aren't ours: rage") as caught:
        run("add", path)
    assert "--value rage=complaint" in caught.value.remedy
    assert "[rage]" in caught.value.remedy and not desk.home.examples.exists()

    run("add", path, "--value", "rage=complaint")
    assert kept(desk, labels) == [("no net", ("complaint",)), ("thx", ("praise",))]


def test_bad_lines_are_told_beside_the_good_ones(file: File) -> None:
    """A line that is no JSON, has no text, stands there already or has no end: its number and why."""
    good = jsonl({"text": "no net", "labels": ["complaint"]})
    bad = [b"{oops", b"[1]", b'{"text": 5, "labels": []}', b'{"labels": []}', b'{"text": " "}',
           b'{"text": "\\ud800"}', b"\xff", b"[" * 100_000, good.strip(), b"x" * (LONGEST + 1)]  # fmt: skip
    last = jsonl({"text": "thx", "labels": ["praise"]})

    found = read(file(good + b"\n".join(bad) + b"\n\n" + last))

    assert told(found) == [("no net", ("complaint",)), ("thx", ("praise",))]
    reasons = dict(found.rejected)
    assert sorted(reasons) == list(range(2, 12)) and all(reasons.values())
    assert reasons[4] == reasons[5] == reasons[6] == "there is no text"
    assert "array" in reasons[3] and "further up" in reasons[10] and reasons[11] == TOO_LONG
    assert [line for line, _ in found.rejected] == sorted(reasons)


def test_bad_lines_of_a_csv_are_told_too(run: Run, desk: Desk, file: File, labels: Labels) -> None:
    """A value that is neither 0 nor 1, no text, a text said twice; the first twenty one by one."""
    data = "text,complaint\nno net,1\nhm,maybe\n,1\nno net,0\n" + "".join(
        f"post {n},perhaps\n" for n in range(30)
    )

    run("add", str(file(data)))

    heard = [line.split(", ", 1)[1] for line in desk.said if "left out: " in line]
    assert heard[:3] == [
        "line 3: left out: “maybe” in complaint is neither 0 nor 1",
        "line 4: left out: there is no text",
        "line 5: left out: the same text stands further up",
    ]
    assert len(heard) == 20 and "1 posts read, 33 left out" in desk.said
    assert kept(desk, labels) == [("no net", ("complaint",))]


@pytest.mark.parametrize(
    ("data", "says", "remedy"),
    [
        ("", "no line to learn from", "CSV with a column"),
        ("\ufeff \r\n\n", "no line to learn from", "CSV with a column"),
        ("text,label\n", "no line to learn from", "CSV with a column"),
        ("{oops\n{again\n", "no line to learn from", "JSON Lines"),
        ("a,b\nx,y\n", "no column looks like the text", "--set text=COLUMN, of a, b"),
        ("text,b\nx,y\n", "no column looks like the labels", "--set labels=COLUMN, of text, b"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "no", ""),
        (f'text,label\n"{"x" * (LONGEST + 1)}",praise\n', "; line 2: .* MB", "mend that line"),
        ("text,complaint\nno net,maybe\n,1\n", "; line 2: “maybe” in", "mend that line"),
        ("text,label\na,b,c\n", "; line 2: more cells", "mend that line"),
    ],
)
def test_a_file_of_no_use_says_why(file: File, data: bytes | str, says: str, remedy: str) -> None:
    """Nothing in it, no column to use, a picture, a field without end."""
    with pytest.raises(SetupError, match=says) as caught:
        read(file(data), known=OURS)

    assert "survey.csv" in caught.value.message and remedy in caught.value.remedy


def test_a_column_that_isnt_there_is_named(file: File) -> None:
    """With those that are."""
    with pytest.raises(SetupError, match="no column “answer”") as caught:
        read(file("text,kind\nx,y\n"), {"text": "answer"})

    assert "text, kind" in caught.value.remedy


@pytest.mark.parametrize("command", [("add",), ("train", "--folds", "3", "--only")])
def test_a_folder_or_nothing_is_no_file(run: Run, tmp_path: Path, command: Any) -> None:
    """Never a traceback."""
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(SetupError, match="can't read"):
            run(*command, str(path))


def test_what_was_added_twice_is_there_once(
    run: Run, desk: Desk, file: File, labels: Labels
) -> None:
    """The mended file takes the place of the first."""
    run("add", str(file("text,label\nno net,praise\n")))
    run("add", str(file("text,label\nno net,complaint\nthx,praise\n")))

    assert kept(desk, labels) == [("no net", ("complaint",)), ("thx", ("praise",))]


ANY = some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
TEXTS = ANY | some.text('"\\, \n\u2028\0{[', min_size=1, max_size=12)


@given(some.lists(TEXTS.filter(str.strip), min_size=1, max_size=6, unique=True))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_json_lines(file: File, texts: list[str]) -> None:
    """Control characters, separators of lines and braces too."""
    data = "".join(
        json.dumps({"text": t, "label": "praise"}, ensure_ascii=False) + "\n" for t in texts
    )

    assert told(read(file(data))) == [(text, ("praise",)) for text in texts]
