"""What a robots.txt says, by RFC 9309: groups, the longest rule, * and $, one spelling for each."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from ingest.robots_txt import forbids

STAR = "User-agent: *\n"


def rule(text: str, path: str) -> str:
    """Return the rule that keeps us out."""
    return forbids(text.encode(), "amends", path)


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        (STAR + "Disallow: /", "/a", "Disallow: /"),
        (STAR + "Disallow: /a", "/abc", "Disallow: /a"),
        (STAR + "Disallow: /a", "/b", ""),
        (STAR + "Disallow:", "/a", ""),
        (STAR + "Disallow: /a # not this", "/a", "Disallow: /a"),
        ("user-AGENT :*\r\ndisallow:/a\r\n", "/a", "Disallow: /a"),
        ("\ufeff" + STAR + "Disallow: /a", "/a", "Disallow: /a"),
        ("Disallow: /a", "/a", ""),
        # The longest rule counts, wherever it stands; of two as long, the one that lets in.
        (STAR + "Allow: /\nDisallow: /private", "/private/x", "Disallow: /private"),
        (STAR + "Disallow: /\nAllow: /blog/", "/blog/x", ""),
        (STAR + "Disallow: /blog\nAllow: /blog", "/blog", ""),
        (STAR + "Allow: /blog/a\nDisallow: /blog/*b", "/blog/ab", "Disallow: /blog/*b"),
        # Stars and ends.
        (STAR + "Disallow: /*/feed/", "/2026/outage/feed/", "Disallow: /*/feed/"),
        (STAR + "Disallow: /*/feed/", "/feed/", ""),
        (STAR + "Disallow: *.php", "/x/a.php?y", "Disallow: *.php"),
        (STAR + "Disallow: /*.php$", "/x/a.php?y", ""),
        (STAR + "Disallow: /*.php$", "/x.php/a.php", "Disallow: /*.php$"),
        (STAR + "Disallow: /a*b*b$", "/ab", ""),
        (STAR + "Disallow: /a*b*b$", "/abb", "Disallow: /a*b*b$"),
        (STAR + "Disallow: /$", "/", "Disallow: /$"),
        (STAR + "Disallow: /$", "/a", ""),
        (STAR + "Disallow: /*?replytocom", "/a?replytocom=3", "Disallow: /*?replytocom"),
        (STAR + "Disallow: /a**$", "/a", "Disallow: /a**$"),
        # One spelling for each.
        (STAR + "Disallow: /~cleo", "/%7Ecleo", "Disallow: /~cleo"),
        (STAR + "Disallow: /%7ecleo", "/~cleo", "Disallow: /%7ecleo"),
        (STAR + "Disallow: /größe", "/gr%C3%B6%c3%9fe", "Disallow: /größe"),
        (STAR + "Disallow: /a%2Fb", "/a/b", ""),
        (STAR + "Disallow: /a%2fb", "/a%2Fb", "Disallow: /a%2fb"),
        # Whose rules they are.
        ("User-agent: amends\nDisallow: /a\n" + STAR + "Disallow: /b", "/a", "Disallow: /a"),
        ("User-agent: amends\nDisallow: /a\n" + STAR + "Disallow: /b", "/b", ""),
        ("User-agent: Amends/2.0\nDisallow: /a", "/a", "Disallow: /a"),
        ("User-agent: amendsbot\nDisallow: /a", "/a", ""),
        ("User-agent: mends\nDisallow: /a", "/a", ""),
        ("User-agent: amends\nDisallow:\n" + STAR + "Disallow: /", "/a", ""),
        ("User-agent: x\nUser-agent: amends\nDisallow: /a", "/a", "Disallow: /a"),
        ("User-agent: x\nDisallow: /a\n\n" + STAR + "Disallow: /b", "/a", ""),
        (STAR + "Disallow: /a\nUser-agent: x\nDisallow: /b\n" + STAR + "Disallow: /c", "/c",
         "Disallow: /c"),
        (STAR + "Crawl-delay: 5\nSitemap: /s.xml\nDisallow: /a", "/a", "Disallow: /a"),
        (STAR + "\n\nDisallow: /a", "/a", "Disallow: /a"),
        # What isn't one.
        ("<html><body>Disallow: /a</body></html>", "/a", ""),
        (STAR + "Disallow: a", "/a", ""),
        (STAR + "\x00\x01: /a\nDisallow", "/a", ""),
    ],
)  # fmt: skip
def test_what_a_file_says(text: str, path: str, said: str) -> None:
    """Each line above is one sentence of the standard."""
    assert rule(text, path) == said


def test_bytes_that_are_no_text_are_no_trouble() -> None:
    """What can be read of it counts."""
    assert forbids(b"\xff\xfe\x80\nUser-agent: *\nDisallow: /a", "amends", "/a") == "Disallow: /a"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: {n:x}\n" for n in range(15_000)) + "Disallow: /a\n" * 15_000,
        (STAR * 15_000) + "Disallow: /a\n" * 15_000,
        STAR + "Disallow: /" + "*a" * 200_000 + "b",
        STAR + ("Disallow: /" + "*a" * 60 + "b$\n") * 3_000,
        "#" * 500_000,
        "\n" * 500_000,
    ],
    ids=["agents", "stars", "one long rule", "many rules", "comment", "lines"],
)
def test_a_file_made_to_hold_us_up_does_not(text: str) -> None:
    """A few seconds and 64 MiB at most, whatever the path."""
    tracemalloc.start()
    began = time.monotonic()

    rule(text, "/" + "a" * 2_000)

    took, most = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 * 1024**2
    assert took < 10
