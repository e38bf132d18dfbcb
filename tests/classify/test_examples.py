"""Examples are read line by line, and a bad line is named."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from classify import lines
from classify.examples import CORPUS, Examples, Labelled, read, shipped_exam
from classify.labels import Labels
from models.errors import SetupError
from models.voice import near


def test_the_shipped_corpus_is_sound(labels: Labels, examples: Examples) -> None:
    """Every line has text and known labels; what examines teaches nothing."""
    hard = read(sorted((CORPUS / "hard").glob("*.jsonl")), labels)
    exam = shipped_exam(labels)
    taught = {near(text) for text in examples.texts}

    assert len(examples) + len(exam) >= 9_000 and len(hard) == 2_000
    assert (examples.truth == 1).sum(axis=0).min() > 700
    assert not taught & {near(one.text) for one in exam if len(one.text.split()) > 2}
    assert not taught & {near(one.text) for one in hard if len(one.text.split()) > 2}


def test_a_text_that_stands_twice_is_named(tmp_path: Path, labels: Labels) -> None:
    """With both its places."""
    file = tmp_path / "mine.jsonl"
    file.write_bytes(b'{"text": "late", "labels": []}\n' * 2)

    with pytest.raises(SetupError, match=r"mine\.jsonl, line 2: the same text as .* line 1"):
        read([file], labels)


def test_the_order_of_the_examples_changes_nothing(labels: Labels) -> None:
    """Neither does the order of an example's labels, or naming one twice."""
    one, other = Labelled("late again", ("complaint", "praise")), Labelled("hm", ())
    turned = Labelled("late again", ("praise", "complaint", "praise"))

    assert Examples([one, other], labels).digest == Examples([other, turned], labels).digest


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"text": "late", "labels": ["rage"]}', "rage"),
        (b'{"text": " ", "labels": []}', "no text"),
        (b'{"labels": []}', "text"),
        (b'{"text": "late"}', "labels"),
        (b'{"text": null, "labels": []}', "text"),
        (b'["late"]', "array"),
        (b"\xff\xfe", "malformed"),
        (b'{"text": "\\ud800", "labels": []}', "surrogate"),
        (b"[" * 100_000, ""),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, labels: Labels, line: bytes, says: str) -> None:
    """File, line and reason, so that it can be mended."""
    file = tmp_path / "mine.jsonl"
    file.write_bytes(b'{"text": "fine", "labels": []}\n\n' + line + b"\n")

    with pytest.raises(SetupError) as caught:
        read([file], labels)

    assert f"{file}, line 3: " in caught.value.message
    assert says in caught.value.message


def test_only_a_line_feed_ends_a_line(labels: Labels, tmp_path: Path) -> None:
    """A text may hold U+2028 and U+0085; a file may begin with a mark and end lines as Windows."""
    file = tmp_path / "mine.jsonl"
    text = "one\u2028two\u0085three"
    file.write_bytes(f'\ufeff{{"text": "{text}", "labels": []}}\r\n'.encode())

    assert [one.text for one in read([file], labels)] == [text]


def test_a_line_too_long_is_told_and_skipped() -> None:
    """A file without line ends must not fill the memory, nor hide the line after it."""
    stream = io.BytesIO(b"a\n" + b"x" * (2 * lines.LONGEST + 5) + b"\nb\n" + b"y" * lines.LONGEST)

    assert list(lines.numbered(stream)) == [(1, b"a\n"), (2, None), (3, b"b\n"), (4, None)]


def test_a_missing_file_is_a_setup_error(tmp_path: Path, labels: Labels) -> None:
    """Never a traceback."""
    with pytest.raises(SetupError, match=r"nowhere\.jsonl"):
        read([tmp_path / "nowhere.jsonl"], labels)
