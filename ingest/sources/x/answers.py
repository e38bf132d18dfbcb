"""From what X answered to posts, the stretch they prove, and where to go on. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Response
from ingest.sources.x.chain import LAG, Chain
from ingest.sources.x.posts import read_posts
from ingest.sources.x.thrift import thrifty
from ingest.sources.x.values import a_count, a_dict, a_text, a_time, an_id, dicts, said_at
from ingest.waiting import clock
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
    now = clock(response.headers, response.at)
    chain = _reached(chain, data, now)
    follows = _follows(response, chain, meta)
    if chain.plan is not None:
        return _sampled(response, chain, follows, answer)
    proved, edge = _proved(response, chain, data, last=follows is None or follows.at != chain.at)
    answer = msgspec.structs.replace(
        answer, span=proved, bookmark=chain.bookmark(), lost=_missed(chain)
    )
    if follows is None:
        return answer
    follows = msgspec.structs.replace(follows, edge=edge, missed=None)
    return msgspec.structs.replace(
        answer,
        more=follows.request(),
        wait=_wait(response, follows),
        hole=_hole(follows, edge),
        bookmark=answer.bookmark if follows.seen else None,
    )


def _sampled(response: Response, chain: Chain, follows: Chain | None, answer: Answer) -> Answer:
    """Go on with the next part of a plan; it proves no stretch, but says how it was drawn."""
    plan = chain.plan
    assert plan is not None  # noqa: S101  the caller looked
    if plan.replying:
        plan = msgspec.structs.replace(plan, answers=plan.answers - 1)
        if follows is not None and follows.plan == chain.plan:
            enough = plan.answers <= 0
            chain = msgspec.structs.replace(chain, plan=plan)
            follows = chain.following("" if enough else follows.token)
    if follows is None:
        return msgspec.structs.replace(
            answer, bookmark=chain.bookmark(), sample=plan.sample(), lost=_missed(chain)
        )
    return msgspec.structs.replace(answer, more=follows.request(), wait=_wait(response, follows))


def gauged(response: Response, chain: Chain) -> Answer:
    """Read a count made before reading, and go on to read all of the stretch, or a part."""
    assert chain.gauge is not None  # noqa: S101  the caller looked
    total, meta = _counted(response)
    gauge = msgspec.structs.replace(chain.gauge, counted=chain.gauge.counted + total)
    follows = _follows(response, chain, meta)
    if follows is not None:
        follows = msgspec.structs.replace(follows, gauge=gauge)
        return Answer(more=follows.request(), wait=_wait(response, follows))
    now = clock(response.headers, response.at)
    until = chain.until or (now - LAG).replace(microsecond=0)
    since = chain.gauge.since
    seed = f"{chain.queries} {since.isoformat()}"
    plan = thrifty(gauge.counted, gauge.left, Span(since, until), chain.own, now, seed)
    chain = msgspec.structs.replace(chain, at=0, token="", gauge=None, plan=plan)
    if plan is None:
        return Answer(more=chain.request(), wait=_wait(response, chain))
    note = (
        f"X counts {plan.counted:,} posts; the day's budget allows a sample of"
        f" {plan.probability:.0%}, so numbers of this stretch are estimates"
    )
    chain = msgspec.structs.replace(chain, deep=True, top=until, seen=until)
    if plan.slice is None:
        return Answer(notes=(note,), bookmark=chain.bookmark(), sample=plan.sample())
    return Answer(more=chain.request(), wait=_wait(response, chain), notes=(note,))


def counted(response: Response, chain: Chain) -> Answer:
    """Read an answer of a count; SourceChanged when it isn't one."""
    total, meta = _counted(response)
    follows = _follows(response, chain, meta)
    return Answer(
        total=total,
        more=None if follows is None else follows.request(),
        wait=0.0 if follows is None else _wait(response, follows),
        notes=(chain.note,) if chain.note else (),
    )


def _counted(response: Response) -> tuple[int, dict[str, Any]]:
    _, meta = _opened(response)
    total = a_count(meta.get("total_tweet_count"))
    if total is None:
        total = a_count(meta.get("total_post_count"))
    if total is None:
        message = "X's count has no total"
        raise response.trouble(message, "report it")
    return total, meta


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
    now = min(response.at, clock(response.headers, response.at))
    # X counts its half minute in whole seconds.
    edge = chain.edge or chain.until or (now - LAG).replace(microsecond=0)
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


def _reached(chain: Chain, data: list[Any], now: datetime) -> Chain:
    """Return the chain with the newest post's time; one from the future would make the watch deaf."""
    top = chain.top or min(chain.until or now, now)
    times = [said_at(an_id(item.get("id"))) for item in dicts(data)]
    newest = max((time for time in times if time and time <= top), default=None)
    seen = max(filter(None, (chain.seen, newest)), default=None)
    return msgspec.structs.replace(chain, top=top, seen=seen)


def _hole(chain: Chain, edge: datetime) -> Span | None:
    """Return what a chain has still to read, once it can be left behind; else it is finished first."""
    if chain.seen is None:
        return None
    until = edge if len(chain.queries) == 1 else chain.top or edge
    return _span(chain.start, until) or Span(chain.start, chain.start + timedelta(seconds=1))


def _missed(chain: Chain) -> Span | None:
    return None if chain.missed is None else _span(chain.missed, chain.start)


def _official(post: Post, chain: Chain) -> Post:
    if (post.author or "").casefold() not in chain.own:
        return post
    return msgspec.structs.replace(post, official=True)


def _wait(response: Response, follows: Chain) -> float:
    pause = _PAUSE if follows.reach == "all" else 0.0
    return max(response.pause, pause)


def _notes(chain: Chain, body: dict[str, Any]) -> tuple[str, ...]:
    missing = len(dicts(body.get("errors")))
    notes = [chain.note] if chain.note else []
    if missing:
        things = "thing" if missing == 1 else "things"
        notes.append(
            f"X couldn't give {missing} {things} its posts refer to (deleted, protected or hidden)"
        )
    return tuple(notes)
