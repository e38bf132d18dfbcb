"""What X says in tests, and what it is asked: small builders for its scenes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Request, Response
from ingest.sources.x import source
from ingest.sources.x.values import id_at
from models.incident import Watch
from tests.recorded import NOW

LAG = timedelta(seconds=30)
TEN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
QUIET: dict[str, Any] = {"meta": {"result_count": 0}}
RESET = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOW.timestamp()) + 120)}


def a_watch(**kwargs: Any) -> Watch:
    """Return a watch for the invented bank."""
    return Watch(**({"source": "x", "terms": ("lumabank",)} | kwargs))


def many_terms() -> tuple[str, ...]:
    """Return terms that take exactly two queries."""
    return tuple(f"lumabank trouble number {n}" for n in range(25))


def said(when: datetime, text: str = "still no transfers from lumabank") -> dict[str, Any]:
    """Return one post as X would give it."""
    post_id = str(int(id_at(when)) + 5)
    return {
        "id": post_id,
        "text": text,
        "author_id": "77",
        "created_at": f"{when:%Y-%m-%dT%H:%M:%S.000Z}",
        "edit_history_tweet_ids": [post_id],
    }


def found(*posts: dict[str, Any], then: str = "", **more: Any) -> dict[str, Any]:
    """Return an answer that holds these posts."""
    meta = {"result_count": len(posts)} | ({"next_token": then} if then else {})
    return {"data": list(posts), "meta": meta} | more


def answered(
    request: Request,
    body: Any,
    status: int = 200,
    at: datetime = NOW,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return what came back for a request that went through a restart."""
    kept = msgspec.json.decode(msgspec.json.encode(request), type=Request)
    text = json.dumps(body).encode()
    return Response(
        request=kept, status=status, body=text, at=at, url=request.url, headers=headers or {}
    )


def read(request: Request, body: Any, **kwargs: Any) -> Answer:
    """Read an answer of X."""
    return source.read(answered(request, body, **kwargs))


def more(answer: Answer) -> Request:
    """Return the request that goes on."""
    assert answer.more is not None
    return answer.more


def asked(request: Request) -> dict[str, str]:
    """Return a request's parameters by name."""
    assert len(dict(request.params)) == len(request.params)
    return dict(request.params)


def bounds(request: Request) -> set[str]:
    """Return by which parameters a request bounds its stretch."""
    return asked(request).keys() & {"since_id", "until_id", "start_time", "end_time"}
