"""
One walk along a watch's chain: ask, read, go on, until it ends, is cut, or breaks.

`walk` yields an Outcome for every answer as it comes, and at last the error that ended it, if any. It
keeps nothing; whoever takes an outcome decides. Nothing it does can raise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import uuid4

import msgspec
import stamina

from ingest.robots_txt import IGNORED, ignored
from ingest.source import Answer, Request, Response, Source
from models.budget import Left, until_tomorrow
from models.errors import AmendsError, BudgetSpent, SetupError, SourceBusy, SourceChanged
from models.hole import Hole
from models.incident import Watch

# A retry is no news; what matters ends up in the watch's trouble.
stamina.instrumentation.set_on_retry_hooks([])

ANSWERS = 200
"""Answers taken in one walk; what follows is for the next round."""

SHORT = 5.0
"""Seconds worth sleeping for; anything longer is written down."""


class Asker(Protocol):
    """Whatever fetches: the web, the disk, a test's fake."""

    def ask(self, request: Request, now: datetime) -> Response:
        """Fetch one answer."""
        ...


class Outcome(NamedTuple):
    """
    What came back for a watch: an answer, or the error that ended its walk.

    `key` names the walk, and the hole it leaves if it is cut. `filling`: it goes on in a hole of an
    earlier one; `gone`: that hole can't be asked for any more. `cut` says why nothing follows though
    there is more. `requests` were sent for it; `charges`: the source wants money for a post. `sang` is whether the canary found something.
    """

    watch: Watch
    answer: Answer | None = None
    error: AmendsError | None = None
    at_resume: bool = False
    response: Response | None = None
    key: str = ""
    filling: bool = False
    gone: bool = False
    cut: str = ""
    requests: int = 0
    charges: bool = False
    sang: bool | None = None


class Purse:
    """What a watch may still spend today, counted down as it asks."""

    def __init__(self, left: Left) -> None:
        self._requests, self._reads = left.requests, left.reads
        self._untold = 0

    @property
    def left(self) -> Left:
        """What is left in it."""
        return Left(requests=self._requests, reads=self._reads)

    def open(self, now: datetime, *, free: bool = False) -> None:
        """Take out one request; BudgetSpent if there is none, or unless `free` no post may be paid for."""
        for what, left in (("requests", self._requests), ("paid reads", self._reads)):
            if left is not None and left <= 0 and not (free and what == "paid reads"):
                wait = until_tomorrow(now).total_seconds()
                message = f"today's budget of {what} is spent; it goes on at 00:00 UTC"
                raise BudgetSpent(message, "or give it more: amends watch change", retry_after=wait)
        self._requests = None if self._requests is None else self._requests - 1
        self._untold += 1

    def pay(self, reads: int) -> None:
        """Pay for the posts an answer brought."""
        self._reads = None if self._reads is None else self._reads - reads

    def told(self) -> int:
        """Return how many requests were sent since this was last asked."""
        told, self._untold = self._untold, 0
        return told


def walk(
    watch: Watch,
    source: Source,
    asker: Asker,
    clock: Callable[[], datetime],
    most: int | None = ANSWERS,
    *,
    hole: Hole | None = None,
    purse: Purse | None = None,
) -> Iterator[Outcome]:
    """Follow one watch's chain from where it was cut, else from its bookmark; or fill a `hole`."""
    purse = purse or Purse(watch.left)
    known = Outcome(
        watch,
        key=hole.key if hole else uuid4().hex,
        filling=hole is not None,
        charges=source.price.per_post > 0,
    )
    resuming = watch.chain is not None or hole is not None
    asked: set[bytes] = set()
    try:
        freely = ignored(watch)
        request = _begin(watch, source, hole, clock())
        if request is None:
            yield known._replace(gone=True)
            return
        while most is None or len(asked) < most:
            asked.add(_question(request))
            question = msgspec.structs.replace(request, page=request.page and not freely)
            response, answer = _ask(source, asker, question, clock, purse, watch.troubled)
            if request.page and freely:
                answer = msgspec.structs.replace(answer, notes=(IGNORED, *answer.notes))
            if known.charges:
                purse.pay(len(answer.posts))
            if answer.more is not None and _question(answer.more) in asked:
                circle = _circle(source, request)
                yield known._replace(error=circle, at_resume=resuming, requests=purse.told())
                return
            cut = _cut(answer, last=len(asked) == most, most=most)
            yield known._replace(answer=answer, response=response, cut=cut, requests=purse.told())
            resuming = False
            if answer.more is None or answer.wait > SHORT:
                return
            time.sleep(answer.wait)
            request = answer.more
    except AmendsError as error:
        yield known._replace(error=error, at_resume=resuming, requests=purse.told())
    except Exception as error:  # noqa: BLE001  one source's mistake must not end the round
        what = f"{type(error).__name__}: {error}"
        message = f"{source.name} stumbled over an answer ({what})"
        broken = SourceChanged(message, "report it with the watch's address", source=source.name)
        yield known._replace(error=broken, at_resume=resuming, requests=purse.told())


def hear_canary(
    watch: Watch,
    source: Source,
    asker: Asker,
    clock: Callable[[], datetime],
    since: datetime,
    purse: Purse,
) -> Outcome:
    """
    Return whether the term that must always find something does, in the time since `since`.

    Or the error, when the source didn't answer: then nothing is known but what it cost to ask.
    """
    settings = {name: value for name, value in watch.settings.items() if name != "query"}
    terms = (watch.canary or "",)
    asking = msgspec.structs.replace(
        watch, terms=terms, settings=settings, since=since, until=None, bookmark=None, chain=None
    )
    try:
        first = msgspec.json.encode(source.estimate(asking, clock())).decode()
    except SetupError:
        return Outcome(watch)
    counting = msgspec.structs.replace(asking, chain=first)
    found, requests = 0, 0
    for outcome in walk(counting, source, asker, clock, purse=purse):
        requests += outcome.requests
        if outcome.answer is None:
            return Outcome(watch, error=outcome.error, requests=requests)
        total = outcome.answer.total
        found += len(outcome.answer.posts) if total is None else total
    return Outcome(watch, requests=requests, sang=found > 0)


def _begin(watch: Watch, source: Source, hole: Hole | None, now: datetime) -> Request | None:
    """Return the first question; None for a hole whose times can't be asked for any more."""
    chain = watch.chain if hole is None else hole.chain
    if chain is not None:
        return msgspec.json.decode(chain, type=Request)
    if hole is None:
        return source.ask(watch, now)
    stretch = msgspec.structs.replace(
        watch, since=hole.span.since, until=hole.span.until, bookmark=None
    )
    try:
        return source.ask(stretch, now)
    except SetupError:
        return None


def _cut(answer: Answer, *, last: bool, most: int | None) -> str:
    if answer.more is None:
        return ""
    if answer.wait > SHORT:
        return "the source asked to be left alone for a while"
    return f"{most} answers were taken in one round" if last else ""


def _circle(source: Source, request: Request) -> SourceChanged:
    message = f"{source.name} sends us round in a circle at {request.url}"
    return SourceChanged(message, "report it", source=source.name, url=request.url)


def _question(request: Request) -> bytes:
    return msgspec.json.encode((request.url, request.params, request.state))


def _worth_a_moment(error: Exception) -> bool | float:
    if not isinstance(error, SourceBusy) or isinstance(error, BudgetSpent):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= SHORT else False


def _ask(
    source: Source,
    asker: Asker,
    request: Request,
    clock: Callable[[], datetime],
    purse: Purse,
    troubled: bool,
) -> tuple[Response, Answer]:
    """Ask; a source in good health a few times over, one in trouble once: it has enough to bear."""
    for attempt in stamina.retry_context(
        on=_worth_a_moment,
        attempts=1 if troubled else 3,
        timeout=20.0,
        wait_initial=0.5,
        wait_max=SHORT,
    ):
        with attempt:
            purse.open(clock())
            response = asker.ask(request, clock())
            return response, source.read(response)
    message = f"{source.name} didn't answer"
    raise SourceBusy(message, "it will be asked again", source=source.name)
