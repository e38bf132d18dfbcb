"""The digest as a value and as a document, from snapshots made by hand."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from amends.digest import Digest, as_html, as_json, as_markdown, as_text, build
from amends.digest.ears import Ear
from amends.digest.markdown import escaped
from amends.digest.words import plain
from models.coverage import Span
from models.store.days import Best
from tests.amends.goldens import (
    FOLDER,
    FORMS,
    NOON,
    SNAPSHOTS,
    WINDOW,
    a_found,
    a_snapshot,
    tally_of,
)

SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
ANEW = "if that is wanted: python -m tests.amends.goldens"
ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "p", "dl", "div", "dt", "dd", "strong", "small", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "details", "summary", "ol", "ul", "li", "blockquote", "span", "bdi", "a", "footer", "svg", "g", "path", "defs", "use", "text", "rect", "clipPath", "clippath", "pattern"}  # fmt: skip


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_gives_the_sheet_that_is_kept_for_it(name: str, suffix: str) -> None:
    """Whoever changes the digest sees in the fixtures what readers will see."""
    sheet = FORMS[suffix](build(SNAPSHOTS[name]))
    kept = (FOLDER / f"{name}.{suffix}").read_text(encoding="utf-8")
    # Another matplotlib draws the same chart with other bytes.
    assert SVG.sub("<svg/>", sheet) == SVG.sub("<svg/>", kept), ANEW


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_same_snapshot_gives_the_same_bytes(name: str) -> None:
    """Also after the snapshot was away as JSON, chart included."""
    facts = SNAPSHOTS[name]
    again = msgspec.json.decode(msgspec.json.encode(facts), type=type(facts))
    assert again == facts
    for render in FORMS.values():
        assert render(build(facts)) == render(build(again))


def test_the_json_is_the_whole_digest() -> None:
    """What a program reads is the value itself."""
    digest = build(SNAPSHOTS["busy"])
    assert msgspec.json.decode(as_json(digest), type=Digest) == digest


def test_at_least_stands_before_a_count_exactly_where_a_stretch_is_missing() -> None:
    """A hole in x makes x, the totals and its own hours uncertain, and nothing else."""
    digest = build(SNAPSHOTS["busy"])
    assert digest.posts.at_least and all(label.count.at_least for label in digest.labels)
    assert {one.source: one.count.at_least for one in digest.sources} == {
        "file": False, "wordpress": False, "x": True
    }  # fmt: skip
    assert [n for n, hour in enumerate(digest.hours) if hour.at_least] == [9, 10, 12, 13]
    assert digest.lede[0].startswith(
        "Wednesday 4 March 2026 (America/Chicago): at least 4,266 posts (1,429 more than the day "
        "before), 3,187 voices, 964 distinct complaints; at least 2,125 complaints"
    )
    whole = msgspec.structs.replace(
        SNAPSHOTS["busy"],
        ears=tuple(
            msgspec.structs.replace(ear, holes=(), samples=()) for ear in SNAPSHOTS["busy"].ears
        ),
    )
    for render in FORMS.values():
        assert "at least" not in SVG.sub("", render(build(whole))).lower().replace("at_least", "")


def test_a_hole_of_a_second_is_never_rounded_away() -> None:
    """99.99 % is not complete."""
    hole = Span(NOON, NOON + timedelta(seconds=1))
    ear = Ear(id=1, source="x", aim="reelpost", posts=9, stretch=WINDOW, holes=(hole,))
    text = as_text(build(a_snapshot(ears=(ear,))))
    assert "at least 9 posts, 99.9 % complete; missing 12:00:00–12:00:01 CST" in text


def test_a_backfilled_file_claims_nothing_and_a_deaf_day_before_is_said() -> None:
    """Neither silence nor completeness follows from a file somebody had."""
    ears = (
        Ear(id=1, source="file", aim="a.csv", posts=3, once=True),
        Ear(id=2, source="x", aim="y", posts=0, stretch=WINDOW, holes_before=(WINDOW,)),
    )
    yesterday = tally_of((0, 0, 5), 2)
    digest = build(a_snapshot(ears=ears, yesterday=yesterday))
    assert "3 posts backfilled; whether that is all of them isn't known" in as_text(digest)
    assert not digest.posts.at_least
    assert "The day before has missing stretches too" in " ".join(digest.lede)


@pytest.mark.parametrize(
    ("now", "day", "said"),
    [
        (datetime(2026, 3, 4, 18, 5, tzinfo=UTC), date(2026, 3, 4), "isn't over: this is what was"),
        (datetime(2026, 3, 4, 18, 5, tzinfo=UTC), date(2026, 3, 9), "this day hasn't begun yet"),
        (datetime(2026, 3, 4, 18, 5, tzinfo=UTC), date(2026, 1, 9), "The incident only began on"),
        (datetime(2026, 3, 9, tzinfo=UTC), date(2026, 3, 4), "No watch listens for this incident"),
    ],
)
def test_a_day_with_nothing_to_tell_still_gives_a_sensible_sheet(
    now: datetime, day: date, said: str
) -> None:
    """Today, a day to come, a day before it all, a day nobody listened to."""
    digest = build(a_snapshot(now=now, day=day))
    assert said in " ".join(digest.lede)
    for render in FORMS.values():
        assert render(digest)


def test_a_new_label_shows_up_and_a_retired_one_stays_readable() -> None:
    """Labels are data: the digest knows none by name but those to answer and to thank."""
    digest = build(SNAPSHOTS["hostile"])
    assert [label.name for label in digest.labels] == [
        "complaint", "praise", "credit_request", "odd", "gone|label"
    ]  # fmt: skip
    assert digest.labels[-1].count.posts == 1


def test_no_word_of_a_stranger_becomes_markup_in_html() -> None:
    """Parsed as a browser does there are only our own elements and links that leave a trace."""
    document = as_html(build(SNAPSHOTS["hostile"]))
    tree = LexborHTMLParser(document)
    nodes = tree.css("*")
    assert {node.tag for node in nodes} <= ALLOWED
    assert not [a for node in nodes for a in node.attributes if a.lower().startswith("on")]
    links = [node.attributes for node in tree.css("a")]
    assert links
    for link in links:
        assert (link["href"] or "").startswith(("https://", "http://"))
        assert link["rel"] == "nofollow noopener noreferrer"
    styles = {node.attributes.get("style") for node in tree.css("[style]") if node.tag == "div"}
    assert all(re.fullmatch(r"--tint: #[0-9a-f]{6}", style or "") for style in styles)
    outside = SVG.sub("", document)
    assert "src=" not in re.sub(r">[^<]*<", "><", outside) and "@import" not in outside


def test_no_word_of_a_stranger_becomes_markup_in_markdown() -> None:
    """As CommonMark with tables reads it, only our own links, headings and lists are there."""
    digest = build(SNAPSHOTS["hostile"])
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(
        as_markdown(digest)
    )  # fmt: skip
    tree = LexborHTMLParser(html)
    assert not tree.css("img, script, code, pre, s, del, em")
    heads = [node.text() for node in tree.css("h2")]
    assert heads[0] == "Counts" and heads[1].startswith("Estimated from a sample: </p></section>")
    assert heads[2:7] == [
        "Hour by hour", "Alarms", "What they complain about", "What they were told, and what fails",
        "What was offered",
    ]  # fmt: skip
    assert len(tree.css("table")) == 5
    assert len(tree.css("h1")) == 1 and not tree.css("h3")
    assert [node.text() for node in tree.css("a")] == ["open at forum.example"] + [
        "open at evil.example"
    ] + ["open at forum.example"] * 8
    assert len(tree.css("ol")) == 2 and len(tree.css("ol > li")) == 12
    assert len(tree.css("ol > li > blockquote")) == 12 and not tree.css("blockquote blockquote")
    assert not tree.css("blockquote ul, blockquote ol, blockquote table")


@given(some.text(min_size=1, max_size=60))
def test_any_line_of_text_reads_in_markdown_as_it_was_written(text: str) -> None:
    """Whatever the marks, the reader sees them and nothing else happens."""
    line = plain(text)
    if not line:
        return
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(
        f"> {escaped(line)}\n"
    )  # fmt: skip
    tree = LexborHTMLParser(html)
    assert {node.tag for node in tree.css("body *")} == {"blockquote", "p"}
    assert "".join(p.text() for p in tree.css("p")).replace("\u200b", "") == line


def test_text_for_the_terminal_carries_no_control_character() -> None:
    """No colour, no bell, no right-to-left override."""
    for name in SNAPSHOTS:
        text = as_text(build(SNAPSHOTS[name]))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_a_long_text_is_cut_at_a_word() -> None:
    """A megabyte becomes one line of at most 280 characters."""
    for text in ("late again " * 100_000, "x" * 1_000_000, "\n" * 1_000_000, "a b" * 93 + " c"):
        line = plain(text)
        assert len(line) <= 280 and "\n" not in line
    assert plain("late again " * 100).endswith((" late…", " again…"))
    assert plain("short  \n text\u202e") == "short text"


def test_the_chart_stands_in_the_file_with_its_numbers_beside_it() -> None:
    """Nothing is fetched; who can't see the chart opens the table."""
    document = as_html(build(SNAPSHOTS["busy"]))
    tree = LexborHTMLParser(document)
    (svg,) = tree.css("figure svg")
    assert svg.attributes["role"] == "img" and svg.attributes["aria-label"]
    assert len(tree.css("figure + details table tbody tr")) == 24
    assert "<text" in document and "#010203" not in document
    assert tree.css("html[lang=en]")
    assert all(node.attributes.get("scope") for node in tree.css("th"))
    assert len(tree.css("table")) == len(tree.css("caption"))
    assert not tree.css("script, link, img, iframe")


def test_posts_that_say_the_same_are_one_line() -> None:
    """Thirty-eight copies are one thing to answer."""
    best = Best((a_found(alike=37),), 38)
    text = as_text(build(a_snapshot(waiting=best)))
    assert "and 37 alike" in text and "38 posts wait for a decision" in text
