"""Files as people have them: other names, other dates, other encodings, and broken lines."""

from __future__ import annotations

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


def test_nested_columns_are_named_with_a_dot(tmp_path: Path) -> None:
    """As in `user.name`; an object where text is wanted gives the text in it."""
    line = '{"content": {"rendered": "<p>it is <b>down</b></p>"}, "meta": {"by": {"nick": "dre"}}}'
    told = read(a_file(tmp_path, "a.jsonl", line), map="author=meta.by.nick")

    assert [(p.text, p.author) for p in told.posts] == [("it is down", "dre")]


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


def test_saved_threads_from_two_sites_dont_mix(tmp_path: Path) -> None:
    """Both count their comments from one; a saved file that names its address keeps the site's."""
    comment = '<div class="comment" id="comment-{0}"><cite class="fn">{1}</cite><p>{2}</p></div>'
    said = [("Cleo", "It is down again!"), ("Dre", "Any credit for us?"), ("Jo", "Works for me.")]

    def saved(name: str, site: str, head: str = "") -> list[Post]:
        comments = (comment.format(n, who, f"{site}: {text}") for n, (who, text) in enumerate(said))
        html = f"<html><head>{head}</head><body>{''.join(comments)}</body></html>"
        return read(a_file(tmp_path, name, html)).posts

    one, other = saved("one.html", "here"), saved("other.html", "there")
    assert {p.author for p in one} == {"Cleo", "Dre", "Jo"}
    assert {p.external_id for p in one}.isdisjoint(p.external_id for p in other)
    known = saved("known.html", "here", '<link rel="canonical" href="https://blog.example/a">')
    assert all(p.thread_id == "https://blog.example/a" for p in known)
    assert not any(str(tmp_path) in str(p) for p in one)


def test_labels_are_handed_over_beside_the_posts(tmp_path: Path) -> None:
    """As a list or as text; whether they count is for the person who reads the file in."""
    lines = '{"id": 1, "text": "a", "labels": ["angry", "angry"]}\n{"id": 2, "text": "b"}\n'
    assert read(a_file(tmp_path, "a.jsonl", lines)).labels == {"1": ("angry",)}
    rows = "id,text,labels\n1,a,angry|wants credit\n2,b,\n"
    assert read(a_file(tmp_path, "a.csv", rows)).labels == {"1": ("angry", "wants credit")}


def test_a_dry_run_counts_the_posts(tmp_path: Path) -> None:
    """An estimate's totals add up to what reading would bring."""
    path = a_file(tmp_path, "a.jsonl", '{"text": "a"}\nnonsense\n{"text": "b"}\n')
    request = source.estimate(watch_on(path), NOW)

    assert request.state["counting"] is True
    assert source.ask(watch_on(path), NOW).state == {
        key: value for key, value in request.state.items() if key != "counting"
    }
