"""
Microsoft Teams: an adaptive card for a workflow's webhook, version 1.2, at most 24 KB.

A 202 only means that the flow has begun; what happens inside it nobody tells us.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from amends.outputs.escapes import bare, teams, web
from amends.outputs.event import Event
from amends.outputs.message import Message, Part, message_of

WHOLE = 24_000
"""Bytes; Teams refuses more than about 28,000."""

Element = dict[str, Any]


def teams_body(event: Event) -> bytes:
    """Return the JSON a workflow takes."""
    message = message_of(event)
    elements = [element for part in message.parts for element in _part(part)]
    body = _body(message, elements)
    while len(body) > WHOLE and elements:
        # What stands last matters least.
        elements = elements[: len(elements) * 3 // 4]
        body = _body(message, [*elements, _text("More stands in the digest itself.", subtle=True)])
    return body


def _body(message: Message, elements: list[Element]) -> bytes:
    facts = [
        {
            "title": teams(one.name, 80),
            "value": teams(
                one.value + (f" ({one.changed})" if one.changed not in {"", "0"} else ""), 80
            ),
        }
        for one in message.figures
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "fallbackText": bare(message.title, 200),
        "body": [
            _text(teams(message.title, 200), size="large", weight="bolder"),
            *([_text(teams(message.about, 400), subtle=True)] if message.about else []),
            *([_text(teams(message.text, 2_000))] if message.text else []),
            *([{"type": "FactSet", "facts": facts}] if facts else []),
            *elements,
            _text(teams(message.foot, 200), size="small", subtle=True),
        ],
        "actions": [
            {"type": "Action.OpenUrl", "title": bare(link.name, 60), "url": web(link.url)}
            for link in message.links[:4]
        ],
        "msteams": {"width": "Full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return msgspec.json.encode({"type": "message", "attachments": [attachment]})


def _part(part: Part) -> Iterator[Element]:
    if part.heading:
        yield _text(teams(part.heading, 150), weight="bolder") | {"spacing": "medium"}
    if part.sentence:
        yield _text(teams(part.sentence, 1_000))
    for item in part.items:
        yield _text(f"• {teams(item.text, 300)}{_link('open', item.url)}")
    for cited in part.quotes:
        post = cited.quote
        labels = f"{teams(', '.join(post.labels), 200)} · " if post.labels else ""
        words = _text(teams(f"“{post.text}”", 600))
        told = _text(
            f"{labels}{teams(cited.about, 400)}{_link(f'open at {post.host}', post.url)}",
            size="small",
            subtle=True,
        )
        yield {"type": "Container", "style": "emphasis", "items": [words, told]}


def _link(name: str, url: str | None) -> str:
    to = web(url)
    if to is None or len(to) > 2_000:
        return ""
    safe = to.replace("(", "%28").replace(")", "%29").replace("[", "%5B").replace("]", "%5D")
    return f" [{teams(name, 80)}]({safe})"


def _text(text: str, *, size: str = "", weight: str = "", subtle: bool = False) -> Element:
    element: Element = {"type": "TextBlock", "text": text or "–", "wrap": True}
    element |= {"size": size} if size else {}
    element |= {"weight": weight} if weight else {}
    return element | ({"isSubtle": True} if subtle else {})
