"""From what X answered to posts, the stretch they prove, and where to go on. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Response
from ingest.sources.x.chain import LAG, Chain
from ingest.sources.x.posts import read_posts
from ingest.sources.x.trouble import until_reset
from ingest.sources.x.values import a_count, a_dict, a_text, a_time, an_id, dicts, newer, said_at
from models.coverage import Span
from models.post import Post, plausible

_PAUSE = 1.0
"""Seconds between two questions to the full archive."""


def heard(response: Response, chain: Chain) -> Answer:
    """Read an answer of a search; SourceChanged when it isn't one."""
    body, meta = _opened(response)
    data = body.get("data")
    if data is None:
        _check_silence(response, body, meta)
        data = []
    if not isinstance(data, list):
        message = "X's posts aren't a list"
        raise response.trouble(message, "report it")
    _check_dialect(response, chain, data)
    posts, rejects = read_posts(body | {"data": data}, "X's answer", response.at, response.at)
    answer = Answer(
        posts=tuple(_official(post, chain) for post in posts),
        rejects=tuple(rejects),
        notes=_notes(chain, body),
    )
    if not meta:
        # Nothing says that this was all: nothing is proved, and it will be asked again.
        return answer
    follows = _follows(response, chain, meta)
    proved, edge = _proved(response, chain, data, last=follows is None or follows.at != chain.at)
    newest = _newest(chain.newest, data, response.at)
    if follows is None:
        return msgspec.structs.replace(answer, span=proved, bookmark=newest or None)
    follows = msgspec.structs.replace(follows, newest=newest, edge=edge)
    return msgspec.structs.replace(
        answer, span=proved, more=follows.request(), wait=_wait(response, follows)
    )


def counted(response: Response, chain: Chain) -> Answer:
    """Read an answer of a count; SourceChanged when it isn't one."""
    body, meta = _opened(response)
    total = a_count(meta.get("total_tweet_count"))
    if total is None:
        total = a_count(meta.get("total_post_count"))
    if total is None:
        message = "X's count has no total"
        raise response.trouble(message, "report it")
    follows = _follows(response, chain, meta)
    return Answer(
        total=total,
        more=None if follows is None else follows.request(),
        wait=0.0 if follows is None else _wait(response, follows),
        notes=_notes(chain, body),
    )


def _opened(response: Response) -> tuple[dict[str, Any], dict[str, Any]]:
    body = response.json()
    if not isinstance(body, dict) or body.keys().isdisjoint(("data", "meta", "errors")):
        message = "this isn't an answer of X's search"
        raise response.trouble(message, "check the api setting, or report it")
    return body, a_dict(body.get("meta"))


def _check_silence(response: Response, body: dict[str, Any], meta: dict[str, Any]) -> None:
    if meta.get("result_count") == 0 or (not meta and dicts(body.get("errors"))):
        return
    message = "X names no posts, but doesn't say that there are none"
    raise response.trouble(message, "report it")


def _check_dialect(response: Response, chain: Chain, data: list[Any]) -> None:
    """X leaves out, without a word, fields it doesn't know by the name they were asked by."""
    items = dicts(data)
    if data and not all(
        any(item.get(field) for item in items) for field in ("author_id", "created_at")
    ):
        message = "field dialect mismatch: no post names its author or its time"
        other = chain.respell().dialect
        raise response.trouble(message, f"set the watch's dialect={other}")


def _follows(response: Response, chain: Chain, meta: dict[str, Any]) -> Chain | None:
    token = a_text(meta.get("next_token"))
    if token and token == chain.token:
        message = "X sends us to the same answer again"
        raise response.trouble(message, "report it")
    return chain.following(token)


def _proved(
    response: Response, chain: Chain, data: list[Any], *, last: bool
) -> tuple[Span | None, datetime]:
    """
    Return the stretch an answer proves complete, and the time from which the next one goes down.

    X gives whole seconds, so the oldest second of an answer may go on in the next. With several
    queries nothing is proved before the last of them has ended.
    """
    edge = chain.edge or chain.until or response.at - LAG
    if len(chain.queries) > 1:
        ended = last and chain.at + 1 == len(chain.queries)
        return (_span(chain.start, edge) if ended else None), edge
    if last:
        return _span(chain.start, edge), edge
    times = [plausible(a_time(item.get("created_at")), response.at) for item in dicts(data)]
    oldest = min((time for time in times if time), default=None)
    if oldest is None:
        return None, edge
    down_to = max(oldest.replace(microsecond=0) + timedelta(seconds=1), chain.start)
    return _span(down_to, edge), min(down_to, edge)


def _span(since: datetime, until: datetime) -> Span | None:
    return Span(since, until) if since < until else None


def _newest(known: str, data: list[Any], now: datetime) -> str:
    """An id from the future would make the watch deaf, so it is never a bookmark."""
    for item in dicts(data):
        found = an_id(item.get("id"))
        at = said_at(found)
        if at is not None and at <= now + timedelta(minutes=1):
            known = newer(known, found)
    return known


def _official(post: Post, chain: Chain) -> Post:
    if (post.author or "").casefold() not in chain.own:
        return post
    return msgspec.structs.replace(post, official=True)


def _wait(response: Response, follows: Chain) -> float:
    pause = _PAUSE if follows.reach == "all" else 0.0
    return max(until_reset(response) or 0.0, pause)


def _notes(chain: Chain, body: dict[str, Any]) -> tuple[str, ...]:
    missing = len(dicts(body.get("errors")))
    notes = [chain.note] if chain.note else []
    if missing:
        things = "thing" if missing == 1 else "things"
        notes.append(
            f"X couldn't give {missing} {things} its posts refer to (deleted, protected or hidden)"
        )
    return tuple(notes)
