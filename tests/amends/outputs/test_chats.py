"""Slack and Teams: within their limits, and whatever strangers wrote pings and links nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from amends.digest import build
from amends.outputs import Event, Line, Link, Sheet
from amends.outputs.escapes import slack, slack_link, teams, web
from amends.outputs.slack import slack_body
from amends.outputs.teams import WHOLE, teams_body
from models.store.days import Best
from tests.amends.goldens import SNAPSHOTS, a_found, a_snapshot
from tests.amends.outputs.conftest import a_line, a_sheet

EVIL = (
    "<!channel> <!here> <!everyone> <@U123> <#C1|x> <!subteam^S1> <https://evil.example|click> "
    "@channel @here &lt;!channel&gt; <!date^1^x|y> *b* _i_ ~s~ `c` :bomb: http://evil.example "
    "\u202e\x1b[31m\x07\r\n<at>Ana</at> [a](https://evil.example) ![i](https://evil.example/i.png)"
)


def texts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every text object in a Slack message."""
    if isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "plain_text"}:
            yield value
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def huge() -> Event:
    """Return a digest with as much to say as there can be, all of it hostile."""
    long = (EVIL + " & ") * 40
    best = Best(
        tuple(a_found(post_id=n, text=long, source=long, url=f"https://forum.example/{n}?{'a&' * 400}") for n in range(12)),
        812,
    )  # fmt: skip
    facts = a_snapshot(waiting=best, waiting_undated=best, praise=best)
    facts = msgspec.structs.replace(
        facts, incident=msgspec.structs.replace(facts.incident, title=long, company=long)
    )
    return a_sheet(
        value=Sheet(
            digest=build(facts), changes=(long,) * 40, links=(Link(long, "https://a.example/"),)
        )
    )


EVENTS = {
    "busy": a_sheet(), "hostile": a_sheet("hostile"), "huge": huge(), "line": a_line(),
    "evil line": a_line(value=Line(title=EVIL, text=EVIL * 200, items=(EVIL,) * 100,
                                   links=(Link(EVIL, "https://a.example/|x><!channel>"),
                                          Link("bad", "javascript:alert(1)")))),
    "empty line": a_line(value=Line(title="", text="")),
    **{name: a_sheet(name) for name in SNAPSHOTS},
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_slack_gets_what_it_takes(name: str) -> None:
    """Its documented limits, and the one of the whole that it doesn't tell."""
    body = slack_body(EVENTS[name])
    message = msgspec.json.decode(body)
    blocks = message["blocks"]
    assert 1 <= len(blocks) <= 50 and message["unfurl_links"] is False
    assert len(msgspec.json.encode(blocks).decode()) <= 10_000
    assert 0 < len(message["text"]) <= 3_000
    assert blocks[0]["type"] == "header" and blocks[0]["block_id"] == EVENTS[name].id
    for block in blocks:
        if block["type"] == "header":
            assert block["text"]["type"] == "plain_text" and 0 < len(block["text"]["text"]) <= 150
        elif block["type"] == "section":
            assert ("text" in block) != ("fields" in block)
            assert len(block.get("fields", [])) <= 10
            assert all(len(one["text"]) <= 2_000 for one in block.get("fields", []))
            assert len(block.get("text", {"text": "x"})["text"]) <= 3_000
        else:
            assert block["type"] == "context" and 1 <= len(block["elements"]) <= 10
    assert all(one["text"] for one in texts(blocks))
    assert EVENTS[name].id in blocks[-1]["elements"][0]["text"]


@pytest.mark.parametrize("name", EVENTS)
def test_nothing_in_slack_pings_or_links_but_what_we_link(name: str) -> None:
    """Every < begins a link of ours to a web address, and Slack is told to look for no others."""
    message = msgspec.json.decode(slack_body(EVENTS[name]))
    for one in [*texts(message["blocks"]), {"type": "text", "text": message["text"]}]:
        for part in one["text"].split("<")[1:]:
            assert one["type"] == "mrkdwn"
            address, _, rest = part.partition("|")
            assert address.startswith(("https://", "http://")) and ">" in rest
        if one["type"] == "mrkdwn":
            assert one["verbatim"] is True
        if one["type"] == "plain_text":
            assert one["emoji"] is False and ">" not in one["text"]
        assert not set(one["text"]) & set("\u202e\x1b\x07\r")


@pytest.mark.parametrize("name", EVENTS)
def test_teams_gets_a_card_it_takes(name: str) -> None:
    """Version 1.2, below 24 KB, texts escaped, links only to web addresses."""
    body = teams_body(EVENTS[name])
    assert len(body) <= WHOLE
    (attachment,) = msgspec.json.decode(body)["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.2")
    assert all(one["url"].startswith("https://") for one in card["actions"])
    for element in card["body"]:
        parts = element["items"] if element["type"] == "Container" else [element]
        for part in parts:
            assert part["type"] in {"TextBlock", "FactSet"}
            text = part.get("text", "")
            assert not set(text) & set("\u202e\x1b\x07\r\n")
            # Whatever stands in brackets as a link is one of ours.
            links = text.replace("\\[", "").replace("\\]", "").split("](")[1:]
            assert all(link.startswith("https://") for link in links) and len(links) <= 1
            assert "<" not in text.replace("\\<", "")


def test_a_reader_of_slack_sees_the_day_at_a_glance() -> None:
    """Title, sentence, numbers, curve, what to answer first with its link, and where to read on."""
    link = Link("Open this day on the board", "https://amends.reelpost.example/i/d/digest?day=1")
    value = Sheet(digest=build(SNAPSHOTS["busy"]), links=(link,))
    message = msgspec.json.decode(slack_body(a_sheet(value=value)))
    said = "\n".join(one["text"] for one in texts(message["blocks"]))
    for wanted in (
        "Discs late in the Midwest: Wednesday 4 March 2026", "*Complaint*\nat least 2,125 (+714)",
        "▂▂▁▁▂▂▂▂▂▂▂▂▃█▇▄▃▃▂▂▂▂▂▂", "*To answer first*", "Reelpost sent the apology twice",
        "<https://forum.example/cleo/1|open at forum.example>", "*How well we listened*",
        "<https://amends.reelpost.example/i/d/digest?day=1|Open this day on the board>",
    ):  # fmt: skip
        assert wanted in said
    assert "cleo on x" not in said, "a chat isn't told who said it"


@given(some.text(max_size=300), some.integers(1, 200))
def test_any_text_is_escaped_within_its_limit(text: str, longest: int) -> None:
    """Never cut inside an escape, and never longer than allowed."""
    one = slack(text, longest)
    assert len(one) <= longest
    bare = one.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(bare) & set("&<>")
    two = teams(text, longest)
    assert len(two) <= max(longest, 2)
    plain = two.replace("\\\\", "")
    assert all(plain[at - 1] == "\\" for at, c in enumerate(plain) if c in "*_[]`<")


@given(some.text(max_size=80))
def test_a_link_leads_where_it_says_or_nowhere(rest: str) -> None:
    """Nothing behind a web address can end it early."""
    url = f"https://forum.example/{rest}"
    link = slack_link("open", url)
    if web(url) is None:
        assert link == "open"
    else:
        assert link.startswith("<https://forum.example/") and link.endswith("|open>")
        assert link.count("<") == link.count(">") == link.count("|") == 1
    for bad in ("javascript:alert(1)", "data:text/html,x", "https://", "ftp://a.example/", None):
        assert web(bad) is None


def test_the_name_of_an_event_is_fit_for_files_and_headers() -> None:
    """It names both."""
    for bad in ("", "a b", "a/b", "../x", "x\r\ny", "A", "x" * 200, ".x"):
        with pytest.raises(ValueError, match="id"):
            a_line(id=bad)
    assert a_line(at=a_line().at + timedelta(days=1)).id == "alarm.discs-late.7"
