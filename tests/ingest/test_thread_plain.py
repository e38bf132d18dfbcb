"""Threads pasted as plain text: whoever copied them selected the whole page."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from ingest.sources.thread_page.html import read_html
from ingest.sources.thread_page.plain import read_plain
from models.post import Post
from tests.recorded import FIXTURES, NOW

DIARY = FIXTURES / "threads" / "outage-diary"


def words(text: str) -> list[tuple[str | None, str]]:
    """Return who said what in a pasted thread."""
    return [(post.author, post.text) for post in read_plain(text, "", NOW).posts]


def march(hour: int, minute: int, day: int = 3) -> datetime:
    """Return a time in March 2026."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_a_pasted_thread_and_its_page_give_the_same_posts() -> None:
    """Same authors, texts, times and ids in the same order, so nobody counts twice."""
    url = "https://blog.example/outage-diary"
    page = read_html(DIARY.with_suffix(".html").read_bytes(), url, NOW, "America/New_York")
    pasted = read_plain(DIARY.with_suffix(".txt").read_text(), url, NOW, "America/New_York")

    assert page.posts == pasted.posts
    assert [post.author for post in pasted.posts] == [
        "Cleo", "Dre", "Ana", "Jörg “Jo” O’Neil", "Hal", "Cleo",
    ]  # fmt: skip
    assert pasted.posts[0].posted_at == march(15, 12)
    assert pasted.posts[4].text == "+1"
    assert pasted.claimed == page.claimed == 6


def test_the_quoted_complaint_counts_once_in_both() -> None:
    """Dre quotes Cleo; a paste has lost the quotation marks, yet her words stay hers."""
    pasted = read_plain(DIARY.with_suffix(".txt").read_text(), "", NOW)

    assert pasted.posts[1].text == "Mine too. When does the credit come?"


def test_numbered_responses_of_two_shapes_are_one_thread() -> None:
    """The article above and the form below are nobody's words."""
    thread = read_plain(
        """Lumabank blog
Outage diary
March 3, 2026 by Ana
We had a bad day.

14 Responses to "Outage diary"

1. Cleo on March 3, 2026 at 10:12 am
The machine ate my card.

Nobody answers.

2. Dre says:
March 3, 2026 at 10:20 pm
When is my credit coming?
Reply

Leave a Reply
Name (required)
Mail (will not be published) (required)
""",
        "",
        NOW,
    )

    assert [(p.author, p.posted_at, p.text) for p in thread.posts] == [
        ("Cleo", march(10, 12), "The machine ate my card.\nNobody answers."),
        ("Dre", march(22, 20), "When is my credit coming?"),
    ]
    assert thread.claimed == 14


def test_name_said_blocks_lose_the_furniture_and_the_quotes() -> None:
    """A tech page: article prose with “said”, buttons, a quoted block inside Dre's comment."""
    assert words(
        """TechThing   News   Reviews
Lumabank is down again
A spokesman said: "We are working on it".
But as one customer wrote:
"It is a shame."

Load all comments...

Cleo said:
My card was eaten by the machine and nobody answers the phone.
Reply  Report
Dre said:
Cleo said:
My card was eaten by the machine and nobody answers the phone.
Same here. I want a credit.
Reply  Report
Advertisement
Cleo said:
Still nothing.
Reply  Report
Load all comments...
Related articles
Ten banks you will love
"""
    ) == [
        ("Cleo", "My card was eaten by the machine and nobody answers the phone."),
        ("Dre", "Same here. I want a credit."),
        ("Cleo", "Still nothing."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1 Cleo Mar 3rd, 2026 at 10:12 am\nMy card.\n2 Dre Mar 3rd, 2026 at 4:52 pm\nMine too.\n",
        "Cleo | March 3, 2026 10:12 | #1\nMy card.\nDre | March 3, 2026 16:52 | #2\nMine too.",
        (
            "Comment by Cleo — March 3, 2026 @ 10:12 am\nMy card.\n\n"
            "Comment by Dre — March 3, 2026 @ 4:52 pm\nMine too."
        ),
        (
            "Posted by Cleo on March 3, 2026 at 10:12\nMy card.\n"
            "Posted by Dre on March 3, 2026 at 16:52\n> My card.\nMine too."
        ),
        "Cleo (March 3rd, 2026 10:12)\nMy card.\nDre (March 3rd, 2026 16:52)\nMine too.",
        (
            "Cleo wrote on March 3, 2026 10:12 am:\nMy card.\nDre wrote on March 3, 2026 4:52 pm:\n"
            "On March 3, 2026 10:12 am, Cleo wrote:\n> My card.\nMine too."
        ),
        (
            "Cleo said, March 3, 2026 at 10:12 am:\nMy card.\n"
            "Dre said, March 3, 2026 at 4:52 pm:\nMine too.\n-- \nDre\nsent by phone"
        ),
        (
            "2 Responses to “Sorry”\n   1.\n   Cleo\n   says:\n   March 3, 2026 at 10:12 am\n\n   My card.\n"
            "   2.\n   Dre\n   says:\n   March 3, 2026 at 4:52 pm\n\n   Mine too.\n"
        ),
        (
            "2 thoughts on “Sorry”\nCleo\nMarch 3, 2026 at 10:12 am\nMy card.\n\nReply ↓\n"
            "Dre\nMarch 3, 2026 at 4:52 pm\nMine too.\n\nReply ↓\nLeave a Reply\nName *\n"
        ),
        (
            "Comments\n\nMy card.\n\nPosted by: Cleo | March 3, 2026 at 10:12 AM\n\nMine too.\n\n"
            "Posted by: Dre | March 3, 2026 at 04:52 PM\n\nThe comments to this entry are closed."
        ),
        (
            "2 Comments:\n\nCleo said...\nMy card.\n\nMarch 3, 2026 10:12 AM\n\nDre said...\nMine too.\n\n"
            "March 3, 2026 4:52 PM\n\nPost a Comment\n\n<< Home"
        ),
        "1. March 3, 2026 10:12 am Link\nMy card.\n— Cleo\n2. March 3, 2026 4:52 pm Link\nMine too.\n— Dre",
        "March 3, 2026 10:12 am | Cleo\nMy card.\nMarch 3, 2026 4:52 pm | Dre\nMine too.",
        "Cleo @ Mar 3rd 2026 10:12AM\nMy card.\nDre @ Mar 3rd 2026 4:52PM\nMine too.",
        (
            "Postby Cleo » Tue Mar 03, 2026 10:12 am\nMy card.\nCleo\nPosts: 12\nTop\n"
            "Postby Dre » Tue Mar 03, 2026 4:52 pm\nCleo wrote:\nMy card.\nMine too.\nDre\nPosts: 2\nTop"
        ),
        (
            "Cleo schrieb am 3. März 2026 um 10:12 Uhr:\nMy card.\n"
            "Dre schrieb am 3. März 2026 um 16:52 Uhr:\nMine too."
        ),
    ],
)  # fmt: skip
def test_many_ways_to_print_two_comments(text: str) -> None:
    """However a site prints who spoke and when, it is the same two people."""
    posts = read_plain(text, "", NOW).posts

    assert [(post.author, post.posted_at, post.text) for post in posts] == [
        ("Cleo", march(10, 12), "My card."),
        ("Dre", march(16, 52), "Mine too."),
    ]


@pytest.mark.parametrize("name", ["company-blog", "tech-news", "numbered", "one-line"])
def test_a_whole_page_selected_and_pasted(name: str) -> None:
    """Menus, article, comments and footer in one file: only what people said comes in."""
    folder = FIXTURES / "threads"
    lines = (folder / f"{name}.jsonl").read_bytes().splitlines()

    pasted = words((folder / f"{name}.txt").read_text())

    assert [list(post) for post in pasted] == [msgspec.json.decode(line) for line in lines]


def test_inline_comments_begin_below_the_heading() -> None:
    """“NAME said: TEXT” on one line; the article's own “a spokesman said: …” isn't one."""
    text = "Down\nA spokesman said: sorry.\n3 comments\nCleo said: it ate my card.\nand more\n"

    assert words(f"{text}Dre wrote: same here\nHal says: bye\nLoad all comments...") == [
        ("Cleo", "it ate my card.\nand more"),
        ("Dre", "same here"),
        ("Hal", "bye"),
    ]


def test_a_long_thread_is_whole() -> None:
    """A hundred and fifty numbered responses, each with a number of its own in its words."""
    text = "150 Responses to “Sorry”\n" + "".join(
        f"{n}. Person {n} says:\nMarch 3, 2026 at 10:{n % 60:02} am\nText {n}.\n"
        f"{'1. one' if n % 5 == 0 else 'or two'}\nLike ({n})\n"
        for n in range(1, 151)
    )

    posts = read_plain(text, "", NOW).posts

    assert [post.author for post in posts] == [f"Person {n}" for n in range(1, 151)]
    assert posts[-1].text == "Text 150.\n1. one"


def test_prose_is_no_thread() -> None:
    """An article with two dates and a “said” has no comments."""
    assert (
        words("Down again\nMarch 3, 2026\nAna said it will be up by April 1, 2026.\nWe hope.") == []
    )


def test_one_header_is_enough_where_the_page_says_one() -> None:
    """A single comment counts under “1 response”, and not without."""
    assert words("1 Response to “Sorry”\nCleo says:\nToo late.") == [("Cleo", "Too late.")]
    assert words("Sorry\nCleo says:\nToo late.") == []


def test_names_are_names() -> None:
    """Roles go, staff is marked, and another site's headline is nobody."""
    headline = "Lumabank is down and here is everything we know about it so far | Other Blog"
    thread = read_plain(
        "3 Responses to x\nCleo (Guest) Says:\nMarch 3, 2026 at 10:12 am\nMy card.\n"
        f"{headline} Says:\nMarch 3, 2026 at 10:15 am\n[...] and so on [...]\n"
        "Ana (Author) says:\nMarch 3, 2026 at 10:20 am\nSorry.\nPingback: Other Blog\n",
        "",
        NOW,
    )

    assert [(p.author, p.official, p.text) for p in thread.posts] == [
        ("Cleo", False, "My card."),
        ("Ana", True, "Sorry."),
    ]


def test_unknown_times_stay_unknown() -> None:
    """Relative, year-less and far-off dates are no times, but still mark a header."""
    text = "Cleo • 2 hours ago\nOne.\nDre • March 3\nTwo.\nHal • March 3, 2099\nThree."
    posts: list[Post] = read_plain(text, "", NOW).posts

    assert [(post.author, post.posted_at) for post in posts] == [
        ("Cleo", None), ("Dre", None), ("Hal", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "\0" * 1000, "x" * 1_000_000, "Cleo said:\n" * 5_000, "> " * 100_000, "1. " * 100_000,
     "March 3, 2026 at 10:12 am\n" * 2_000, "\ud800 said:\n\udfff\n", "a said: b\n" * 3_000],
)  # fmt: skip
def test_hostile_text_does_no_harm(text: str) -> None:
    """Whatever somebody pastes, an answer comes back."""
    thread = read_plain(text, "", NOW)

    assert len({post.external_id for post in thread.posts}) == len(thread.posts)
