"""
Slack: blocks within its limits, for an incoming webhook.

A post's own words stand in `plain_text`, where there is no markup at all; everything else is `verbatim`,
so that Slack makes no links, names or channels of it. The limits are Slack's own; the whole stays
below 10,000 characters, since Slack refuses more without saying so in its documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from amends.outputs.escapes import slack, slack_link
from amends.outputs.event import Event
from amends.outputs.message import Figure, Message, Part, message_of

HEADER, SECTION, FIELD, BLOCKS, WHOLE = 150, 3_000, 2_000, 50, 10_000
FIELDS = 10
QUOTE = 600

Block = dict[str, Any]


def slack_body(event: Event) -> bytes:
    """Return the JSON an incoming webhook takes."""
    message = message_of(event)
    body = {
        "text": slack(f"{message.title}. {message.text}", SECTION),
        "blocks": blocks(message, event.id),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return msgspec.json.encode(body)


def blocks(message: Message, event_id: str) -> list[Block]:
    """Return a message as blocks; what is too much is left out from the end, and that is said."""
    head = [
        {"type": "header", "block_id": event_id[:255], "text": _plain(message.title, HEADER)},
        *([_context([_mark(slack(message.about, 500))])] if message.about else []),
        *([{"type": "section", "text": _mark(slack(message.text, SECTION))}] if message.text else []),
        *_figures(message.figures),
    ]  # fmt: skip
    links = " · ".join(slack_link(link.name, link.url) for link in message.links)
    tail = [
        *([{"type": "section", "text": _mark(links)}] if links and len(links) <= SECTION else []),
        _context([_mark(slack(message.foot, 300))]),
    ]
    cut = _context([_mark("More stands in the digest itself.")])
    room = WHOLE - _size([*head, *tail, cut])
    shown: list[Block] = []
    for block in (block for part in message.parts for block in _part(part)):
        if _size([block]) > room or len(head) + len(shown) + len(tail) + 1 >= BLOCKS:
            shown.append(cut)
            break
        room -= _size([block])
        shown.append(block)
    return [*head, *shown, *tail]


def _part(part: Part) -> Iterator[Block]:
    said = [f"*{slack(part.heading, HEADER)}*"] if part.heading else []
    if part.sentence:
        said.append(slack(part.sentence, 1_000))
    for item in part.items:
        link = f" {slack_link('open', item.url)}" if item.url else ""
        said.append(f"• {slack(item.text, 300)}{link}")
    whole, lines = "", list(said)
    while lines and len(whole) + len(lines[0]) < SECTION:
        whole += ("\n" if whole else "") + lines.pop(0)
    if whole:
        yield {"type": "section", "text": _mark(whole)}
    for cited in part.quotes:
        post = cited.quote
        yield {"type": "section", "text": _plain(f"“{post.text}”", QUOTE)}
        labels = f"{slack(', '.join(post.labels), 200)} · " if post.labels else ""
        link = f" · {slack_link(f'open at {post.host}', post.url)}" if post.url else ""
        yield _context([_mark(f"{labels}{slack(cited.about, 400)}{link}")])


def _figures(figures: tuple[Figure, ...]) -> list[Block]:
    fields = []
    for one in figures[:FIELDS]:
        changed = f" ({one.changed})" if one.changed not in {"", "0"} else ""
        fields.append(_mark(f"*{slack(one.name, 80)}*\n{slack(one.value + changed, 80)}"))
    return [{"type": "section", "fields": fields}] if fields else []


def _context(elements: list[Block]) -> Block:
    return {"type": "context", "elements": elements}


def _mark(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str, longest: int) -> Block:
    # Not even :smile: becomes anything.
    return {"type": "plain_text", "text": slack(text, longest) or "–", "emoji": False}


def _size(blocks: list[Block]) -> int:
    return len(msgspec.json.encode(blocks).decode())
