"""What a WordPress site says, for the tests of its source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Request, Response
from ingest.sources.wordpress import source
from models.incident import Watch
from tests.recorded import FIXTURES, NOW, recorded

CASES = FIXTURES / "sources" / "wordpress"
ADDRESS = "https://blog.example/2026/03/no-bills-for-you/"
WATCH = Watch(source="wordpress", address=ADDRESS)
NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
JSON = {"content-type": "application/json", "x-wp-total": "3", "x-wp-totalpages": "1"}


def reply(
    body: Any, request: Request, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return the reply to a request, JSON unless bytes."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(
        request=request, status=status, body=content, at=NOW, url=request.url, headers=headers or {}
    )


def comment(number: int, when: datetime, **values: Any) -> dict[str, Any]:
    """Return a comment as REST gives it."""
    return {
        "id": number,
        "post": 44,
        "parent": 0,
        "author_name": "Cleo",
        "date_gmt": f"{when:%Y-%m-%dT%H:%M:%S}",
        "content": {"rendered": "<p>Down again</p>"},
        "link": f"{ADDRESS}#comment-{number}",
        "status": "approved",
        "type": "comment",
    } | values


def after_discovery(watch: Watch = WATCH) -> Request:
    """Return the question that follows the article."""
    said = source.read(recorded(CASES / "chain" / "1.http", source.ask(watch, NOW)))
    assert said.more is not None
    return said.more


def rest(
    items: Any, watch: Watch = WATCH, status: int = 200, headers: dict[str, str] | None = None
) -> Answer:
    """Read an answer of REST."""
    return source.read(reply(items, after_discovery(watch), status, JSON | (headers or {})))


def discovered(address: str, html: str, link: str = "", final: str = "") -> Request:
    """Return the question after a start page or an article with this HTML."""
    request = source.ask(Watch(source="wordpress", address=address), NOW)
    response = Response(
        request=request,
        status=200,
        body=html.encode(),
        at=NOW,
        url=final or address.partition("?")[0],
        headers={"link": link},
    )
    more = source.read(response).more
    assert more is not None
    return more
