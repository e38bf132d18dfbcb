"""Files as people have them: other names, other dates, other encodings, and broken lines."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from ingest.sources.file import source
from models.errors import SetupError, SourceChanged
from models.incident import Watch
from models.post import EARLIEST, Post
from tests.ingest.from_disk import a_file, follow, read, watch_on
from tests.recorded import NOW

NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_the_least_a_post_can_be(tmp_path: Path) -> None:
    """An id and a text are enough; a number becomes a text id, the time stays unknown."""
    told = read(a_file(tmp_path, "a.jsonl", '{"id": 7, "text": "down again"}\n{"text": "same"}'))

    first, second = told.posts
    assert (first.source, first.external_id, first.posted_at) == ("file", "7", None)
    assert first.as_of == EARLIEST
    assert second.external_id.startswith("sha-")
    assert second.author is None


def test_what_amends_exports_comes_back_the_same(tmp_path: Path) -> None:
    """Every field of a post survives the way out and in."""
    posts = [
        Post(
            source="mastodon", external_id="11", text="line\nline\u2028same 🚀", kind="reply",
            url="https://social.example/@cleo/11", author="cleo@social.example", author_id="99",
            author_followers=0, posted_at=NINE, as_of=NOW, version=2, parent_id="10",
            thread_id="9", origin_id="8", lang="en", likes=0, replies=1, reposts=2, views=2**40,
            official=True,
        ),
        Post(source="x", external_id="12", text="undated", as_of=NOW),
    ]  # fmt: skip
    lines = b"".join(msgspec.json.encode(post) + b"\n" for post in posts)

    assert read(a_file(tmp_path, "export.jsonl", lines)).posts == posts


def test_a_second_reading_gives_the_same_identities(tmp_path: Path) -> None:
    """Also under another name, and with undated posts put somewhere: nothing is added twice."""
    lines = '{"text": "no id", "author": "Cleo"}\n{"text": "no author"}\n'
    once = read(a_file(tmp_path, "a.jsonl", lines))
    again = read(a_file(tmp_path, "b.jsonl", lines), undated_as="2026-03-01T00:00:00Z")

    assert [p.external_id for p in once.posts] == [p.external_id for p in again.posts]
    assert [p.posted_at for p in once.posts] == [None, None]
    assert {p.posted_at for p in again.posts} == {datetime(2026, 3, 1, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 1, "text": "cut', "cut short"),
        (b'["a", "list"]', "isn't an object"),
        (b"null", "isn't an object"),
        (b'{"id": 1}', "no text"),
        (b'{"id": 1, "text": ""}', "no text"),
        (b'{"id": 1, "text": " \\u0000 "}', "text"),
        (b'{"id": 1, "text": ["a"]}', "no text"),
        (b'{"id": 1, "text": "caf\xe9"}', "isn't UTF-8"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_bad_line_costs_only_itself(tmp_path: Path, line: bytes, reason: str) -> None:
    """It is rejected with file, line and reason, and the lines around it go in."""
    good = b'{"id": 8, "text": "before"}\n\n', b'\n{"id": 9, "text": "after"}\n'
    told = read(path := a_file(tmp_path, "a.jsonl", line.join(good)))

    assert told.texts == ["before", "after"]
    (reject,) = told.rejects
    assert reject.where == f"{path}:3"
    assert reason in reject.reason
    assert len(reject.raw) <= 500


def test_hostile_values_become_posts_all_the_same(tmp_path: Path) -> None:
    """Half characters, NUL, NaN, huge numbers and impossible times lose nothing else."""
    lines = [
        '{"id": "a", "text": "half \\ud83d", "likes": NaN}',
        '{"id": "b", "text": "nul \x00 inside", "likes": -3}',
        '{"id": "c", "text": "first", "created_at": "0001-01-01T00:00:00Z", "likes": "many"}',
        '{"id": "d", "text": "later", "created_at": "2099-01-01T00:00:00Z", "likes": 1e300}',
        '{"id": 12345678901234567890123, "text": "long id", "created_at": {"when": 1}}',
        '{"id": "f", "text": "' + "e" * 1_000_000 + '", "url": "javascript:alert(1)"}',
        '{"id": "g", "text": "who", "author": {"name": null, "followers_count": true}}',
    ]
    told = read(a_file(tmp_path, "a.jsonl", "\n".join(lines)))

    assert told.rejects == []
    assert [p.external_id for p in told.posts][4] == "12345678901234567890123"
    assert told.texts[1] == "nul  inside"
    assert all(p.posted_at is None and p.author is None and p.url is None for p in told.posts)
    assert "without it: 3" in told.notes[-1]


@pytest.mark.parametrize(
    ("stamp", "tz", "wanted"),
    [
        ("2026-03-03T10:00:00+01:00", "UTC", NINE),
        ("2026-03-03 10:00", "Europe/Berlin", NINE),
        ("Tue, 03 Mar 2026 09:00:00 GMT", "UTC", NINE),
        (1772528400, "UTC", NINE),
        ("1772528400", "UTC", NINE),
        (1772528400000, "UTC", NINE),
        (1772528400000000, "UTC", NINE),
        ("1772528400.0", "UTC", NINE),
        ("03.03.2026 09:00", "UTC", NINE),
        ("3/3/2026, 9:00 AM", "UTC", NINE),
        ("March 3, 2026 9:00", "UTC", NINE),
        ("20260303", "UTC", datetime(2026, 3, 3, tzinfo=UTC)),
        ("yesterday", "UTC", None),
        ("2014", "UTC", None),
    ],
)
def test_times_as_people_write_them(
    tmp_path: Path, stamp: object, tz: str, wanted: datetime | None
) -> None:
    """Text and numbers, with an offset or in the zone that is said."""
    line = json.dumps({"text": "down", "created_at": stamp})

    assert read(a_file(tmp_path, "a.jsonl", line), tz=tz).posts[0].posted_at == wanted


@pytest.mark.parametrize(
    ("dates", "first", "note"),
    [
        (("03/02/2026", "25/02/2026"), datetime(2026, 2, 3, tzinfo=UTC), False),
        (("02/03/2026", "02/25/2026"), datetime(2026, 2, 3, tzinfo=UTC), False),
        (("02/03/2026", "02/04/2026"), datetime(2026, 2, 3, tzinfo=UTC), True),
    ],
)
def test_the_file_shows_whether_its_dates_begin_with_the_day(
    tmp_path: Path, dates: tuple[str, ...], first: datetime, note: bool
) -> None:
    """Where it leaves that open, a note says how they are read."""
    rows = "".join(f"{date},down\n" for date in dates)
    told = read(a_file(tmp_path, "a.csv", f"Date,Message\n{rows}"))

    assert told.posts[0].posted_at == first
    assert any("03/04/2026" in said for said in told.notes) is note


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_with_line_breaks_survives_any_chunk_border(tmp_path: Path, delimiter: str) -> None:
    """Cells may hold breaks, delimiters and quotation marks; chunks end wherever they end."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=delimiter)
    table.writerow(["Comment ID", "User Name", "Comment", "Created At"])
    texts = [f'no {n}{delimiter} "why"?\n\nand, again; {"x" * (n % 97)}|' for n in range(30_000)]
    for number, text in enumerate(texts):
        table.writerow([number, "Cleo", text, "2026-03-03T09:00:00Z"])
    path = a_file(tmp_path, "export.txt", out.getvalue())

    for told in (read(path), follow(watch_on(path), restarts=True)):
        assert told.texts == texts
        assert told.rejects == []
        assert len(told.answers) > 2
        assert told.posts[5].external_id == "5"
        assert told.posts[5].posted_at == NINE


def test_a_stray_quotation_mark_swallows_nothing(tmp_path: Path) -> None:
    """Its line is rejected, whether another mark closes it far below or none ever does."""
    rows = 'id,text\n1,one\n2,"two\n3,three\n4,"four" \n5,five\n6,"six\n7,seven\n'
    told = read(path := a_file(tmp_path, "a.csv", rows))

    assert [p.external_id for p in told.posts] == ["1", "3", "4", "5", "7"]
    assert [reject.where for reject in told.rejects] == [f"{path}:3", f"{path}:7"]


def test_a_row_of_another_width_is_rejected(tmp_path: Path) -> None:
    """A text with bare commas would land in the wrong columns."""
    told = read(a_file(tmp_path, "a.csv", "id,text\n1,a,b\n2\n3,good\n4,empty,,\n\n"))

    assert told.texts == ["good", "empty"]
    assert [reject.reason[:9] for reject in told.rejects] == ["3 columns", "1 columns"]


def test_spreadsheets_write_a_separator_line_and_old_encodings(tmp_path: Path) -> None:
    """Both are understood; the second is said."""
    content = "sep=;\r\nName;Text\r\nJürgen;Café zu\r\n".encode("cp1252")
    told = read(a_file(tmp_path, "a.csv", content))

    assert [(p.author, p.text) for p in told.posts] == [("Jürgen", "Café zu")]
    assert any("isn't UTF-8" in note for note in told.notes)


def test_the_guessed_columns_are_shown_and_can_be_overruled(tmp_path: Path) -> None:
    """Guessing is a proposal."""
    path = a_file(tmp_path, "a.csv", "id,text,remark,user.name\n1,5 stars,too slow,cleo\n")

    assert "text from “text”, id from “id”" in read(path).notes[0]
    told = read(path, map="text=remark,author=user.name")
    assert [(p.text, p.author) for p in told.posts] == [("too slow", "cleo")]
    assert "text from “remark”" in told.notes[0]


def test_nested_columns_are_named_with_a_dot(tmp_path: Path) -> None:
    """As in `user.name`; an object where text is wanted gives the text in it."""
    line = '{"content": {"rendered": "<p>it is <b>down</b></p>"}, "meta": {"by": {"nick": "dre"}}}'
    told = read(a_file(tmp_path, "a.jsonl", line), map="author=meta.by.nick")

    assert [(p.text, p.author) for p in told.posts] == [("it is down", "dre")]


def test_columns_that_say_nothing_end_in_a_question(tmp_path: Path) -> None:
    """The columns are listed, and how to say which is which."""
    with pytest.raises(SetupError, match="no column looks as if") as caught:
        read(a_file(tmp_path, "a.csv", "alpha,beta\n1,2\n"))
    assert "alpha, beta" in caught.value.remedy
    with pytest.raises(SetupError, match="no column “words”"):
        read(a_file(tmp_path, "b.jsonl", '{"alpha": 1}'), map="text=words")


@pytest.mark.parametrize(
    "settings",
    [
        {"format": "xml"},
        {"map": "headline=title"},
        {"map": "text"},
        {"tz": "Mars/Base"},
        {"undated_as": "soon"},
        {"undated_as": "2099-01-01"},
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_read(settings: dict[str, str]) -> None:
    """Each is a sentence with a remedy."""
    with pytest.raises(SetupError) as caught:
        source.ask(watch_on("/exports/a.csv", **settings), NOW)
    assert caught.value.remedy


def test_since_and_until_leave_out_but_never_the_undated(tmp_path: Path) -> None:
    """What was left out is counted."""
    lines = [{"text": f"at {hour}", "time": f"2026-03-03T{hour:02}:00:00Z"} for hour in range(24)]
    content = "\n".join(json.dumps(line) for line in [*lines, {"text": "some time"}])
    path = str(a_file(tmp_path, "a.jsonl", content))
    told = follow(
        Watch(source="file", address=path, since=NINE, until=NINE.replace(hour=11), settings={})
    )

    assert told.texts == ["at 9", "at 10", "some time"]
    assert "since/--until: 22" in told.notes[-1]


def test_a_json_array_of_any_shape_is_read(tmp_path: Path) -> None:
    """Bare, wrapped in an object, printed nicely, with a bad item between good ones."""
    items = [{"id": n, "body": f"post {n}"} for n in range(45_000)]
    bare = json.dumps([*items[:2], 7, *items[2:]])
    told = read(path := a_file(tmp_path, "bare.json", bare))
    assert told.texts == [f"post {n}" for n in range(45_000)]
    assert [reject.where for reject in told.rejects] == [f"{path}, item 3"]
    assert len(told.answers) > 2

    wrapped = json.dumps({"version": 1, "comments": items[:3]}, indent=2)
    assert len(read(a_file(tmp_path, "wrapped.json", wrapped)).posts) == 3
    one = json.dumps(items[0], indent=2)
    assert read(a_file(tmp_path, "one.json", one)).texts == ["post 0"]


def test_a_cut_json_document_is_an_error_and_not_half_a_file(tmp_path: Path) -> None:
    """There is no telling where its items end."""
    with pytest.raises(SourceChanged, match="cut short"):
        read(a_file(tmp_path, "cut.json", '[{"id": 1, "text": "a"}, {"id": 2, "te'))


def test_an_account_archive_of_x_is_read(tmp_path: Path) -> None:
    """A script that assigns a list, with every number as text."""
    status = {"id_str": "473420044563383289", "full_text": "again", "favorite_count": "0"}
    script = f"window.YTD.posts.part0 = {json.dumps([status])}"
    told = read(a_file(tmp_path, "archive.js", script))

    assert [(p.source, p.external_id) for p in told.posts] == [("x", "473420044563383289")]


def test_a_copied_thread_is_read(tmp_path: Path) -> None:
    """Its posts are those of a thread; when they were found is not when they were said."""
    thread = (
        "Cleo said on 3 March 2026 09:00:\nI have been locked out since breakfast.\n\n"
        "Dre said on 3 March 2026 09:20:\nSame here. I would like my fee back, please.\n"
    )
    told = read(a_file(tmp_path, "thread.txt", thread))

    assert [(p.author, p.source) for p in told.posts] == [
        ("Cleo", "thread_page"),
        ("Dre", "thread_page"),
    ]
    assert told.posts[0].as_of == told.posts[0].posted_at == NINE


def test_labels_are_handed_over_beside_the_posts(tmp_path: Path) -> None:
    """As a list or as text; whether they count is for the person who reads the file in."""
    lines = '{"id": 1, "text": "a", "labels": ["angry", "angry"]}\n{"id": 2, "text": "b"}\n'
    assert read(a_file(tmp_path, "a.jsonl", lines)).labels == {"1": ("angry",)}
    rows = "id,text,labels\n1,a,angry|wants credit\n2,b,\n"
    assert read(a_file(tmp_path, "a.csv", rows)).labels == {"1": ("angry", "wants credit")}


def test_posts_keep_the_source_they_name(tmp_path: Path) -> None:
    """A name that can't be a source's gives way to the file's."""
    rows = "id,text,platform\n1,a,Facebook\n2,b,Some App for Phones\n3,c,\n"
    told = read(a_file(tmp_path, "a.csv", rows), source="survey")

    assert [p.source for p in told.posts] == ["facebook", "survey", "survey"]


def test_a_dry_run_counts_the_posts(tmp_path: Path) -> None:
    """An estimate's totals add up to what reading would bring."""
    path = a_file(tmp_path, "a.jsonl", '{"text": "a"}\nnonsense\n{"text": "b"}\n')
    request = source.estimate(watch_on(path), NOW)

    assert request.state["counting"] is True
    assert source.ask(watch_on(path), NOW).state == {
        key: value for key, value in request.state.items() if key != "counting"
    }
