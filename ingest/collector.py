"""
The only loop that asks: due watches in a pool of threads, what comes back kept by one writer.

`collect` yields an Outcome for every answer as it arrives, or the error that ended a watch's
chain; a bad watch never stops the others. `keep` stores an Outcome in one transaction: posts,
coverage and where to go on. The bookmark moves only when the chain has ended, so whatever is cut
short is asked again. Waiting long is written down in the watch, not slept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, Full, Queue
from typing import NamedTuple, Protocol

import msgspec
import stamina

from ingest.registry import find
from ingest.robots_txt import IGNORED, ignored
from ingest.source import Answer, Request, Response, Source
from models.errors import AmendsError, SetupError, SourceBusy, SourceChanged
from models.errors import SourceRefused as Refused
from models.incident import Watch
from models.lease import Lease
from models.store import Store, Transaction
from models.store.posts import Kept

# A retry is no news; what matters ends up in the watch's trouble.
stamina.instrumentation.set_on_retry_hooks([])

THREADS = 16
ANSWERS = 200
"""Answers taken from one watch in one round; the chain goes on in the next."""

SHORT = 5.0
"""Seconds worth sleeping for; anything longer is written down."""

SOONEST, LATEST = timedelta(seconds=30), timedelta(minutes=15)
"""How long to leave a source alone that is busy and doesn't say how long."""


class Asker(Protocol):
    """Whatever fetches: the web, the disk, a test's fake."""

    def ask(self, request: Request, now: datetime) -> Response:
        """Fetch one answer."""
        ...


class Outcome(NamedTuple):
    """What came back for a watch: an answer, or the error that ended its chain."""

    watch: Watch
    answer: Answer | None = None
    error: AmendsError | None = None
    at_resume: bool = False
    response: Response | None = None


def walk(
    watch: Watch,
    source: Source,
    asker: Asker,
    clock: Callable[[], datetime],
    most: int | None = ANSWERS,
) -> Iterator[Outcome]:
    """Follow one watch's chain: from where it was cut, else from its bookmark."""
    resuming = watch.chain is not None
    asked: set[bytes] = set()
    try:
        freely = ignored(watch)
        request = _begin(watch, source, clock())
        while most is None or len(asked) < most:
            asked.add(_question(request))
            question = msgspec.structs.replace(request, page=request.page and not freely)
            response, answer = _ask(source, asker, question, clock)
            if request.page and freely:
                answer = msgspec.structs.replace(answer, notes=(IGNORED, *answer.notes))
            if answer.more is not None and _question(answer.more) in asked:
                yield Outcome(watch, error=_circle(source, request), at_resume=resuming)
                return
            yield Outcome(watch, answer, response=response)
            resuming = False
            if answer.more is None or answer.wait > SHORT:
                return
            time.sleep(answer.wait)
            request = answer.more
    except AmendsError as error:
        yield Outcome(watch, error=error, at_resume=resuming)
    except Exception as error:  # noqa: BLE001  one source's mistake must not end the round
        what = f"{type(error).__name__}: {error}"
        message = f"{source.name} stumbled over an answer ({what})"
        broken = SourceChanged(message, "report it with the watch's address", source=source.name)
        yield Outcome(watch, error=broken, at_resume=resuming)


def _circle(source: Source, request: Request) -> SourceChanged:
    message = f"{source.name} sends us round in a circle at {request.url}"
    return SourceChanged(message, "report it", source=source.name, url=request.url)


def _begin(watch: Watch, source: Source, now: datetime) -> Request:
    if watch.chain is None:
        return source.ask(watch, now)
    return msgspec.json.decode(watch.chain, type=Request)


def _question(request: Request) -> bytes:
    return msgspec.json.encode((request.url, request.params, request.state))


def _worth_a_moment(error: Exception) -> bool | float:
    if not isinstance(error, SourceBusy):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= SHORT else False


def _ask(
    source: Source, asker: Asker, request: Request, clock: Callable[[], datetime]
) -> tuple[Response, Answer]:
    for attempt in stamina.retry_context(
        on=_worth_a_moment, attempts=3, timeout=20.0, wait_initial=0.5, wait_max=SHORT
    ):
        with attempt:
            response = asker.ask(request, clock())
            return response, source.read(response)
    message = f"{source.name} didn't answer"
    raise SourceBusy(message, "it will be asked again", source=source.name)


def collect(
    watches: Sequence[Watch],
    sources: Mapping[str, Source],
    asker: Asker,
    clock: Callable[[], datetime],
) -> Iterator[Outcome]:
    """Ask all these watches at once, and yield what comes back as it comes."""
    arrived: Queue[Outcome | None] = Queue(maxsize=THREADS * 2)
    stop = threading.Event()

    def hand_over(outcome: Outcome | None) -> None:
        # A full queue is the writer's way to slow us down; nobody waits on a writer that has gone.
        while not stop.is_set():
            try:
                return arrived.put(outcome, timeout=0.2)
            except Full:
                continue
        return None

    def follow(watch: Watch) -> None:
        try:
            for outcome in walk(watch, find(sources, watch.source), asker, clock):
                hand_over(outcome)
                if stop.is_set():
                    return
        except AmendsError as error:
            hand_over(Outcome(watch, error=error))
        finally:
            hand_over(None)

    with ThreadPoolExecutor(max(1, min(THREADS, len(watches))), "ask") as pool:
        try:
            for watch in watches:
                pool.submit(follow, watch)
            walking = len(watches)
            while walking:
                try:
                    outcome = arrived.get(timeout=0.5)
                except Empty:
                    continue
                if outcome is None:
                    walking -= 1
                else:
                    yield outcome
        finally:
            stop.set()


def keep(
    store: Store,
    outcome: Outcome,
    now: datetime,
    also: Callable[[Transaction, Kept], None] | None = None,
    lease: Lease | None = None,
) -> Kept:
    """
    Store one outcome, whole or not at all; `also` adds what must be kept together with it.

    With a `lease` it is kept only if nobody has taken that over; else FencedOut.
    """
    watch = outcome.watch
    with store.begin(refetchable=True) as tx:
        if lease is not None:
            tx.leases.renew(lease, now)
        if outcome.answer is None:
            if outcome.at_resume and not isinstance(outcome.error, SourceBusy):
                tx.watches.start_over(watch.id)
            kind, wait = _trouble(outcome.error)
            since = tx.watches.get(watch.id).trouble_since or now
            until = None if kind != "busy" else now + (wait or _patience(now - since))
            tx.watches.in_trouble(watch.id, kind, _said(outcome.error), now, until)
            return Kept({}, 0)
        answer = outcome.answer
        kept = tx.posts.add(watch, answer.posts, now)
        if answer.span is not None:
            tx.coverage.add(watch.id, answer.span)
        chain = None if answer.more is None else msgspec.json.encode(answer.more).decode()
        tx.watches.went_on(watch.id, chain, answer.bookmark, now)
        if answer.more is not None and answer.wait > SHORT:
            tx.watches.wait(watch.id, now + timedelta(seconds=answer.wait))
        if also is not None:
            also(tx, kept)
    return kept


def _patience(in_trouble: timedelta) -> timedelta:
    """Return how long to wait: as long as it has been busy already, within reason."""
    return min(max(in_trouble, SOONEST), LATEST)


def _trouble(error: AmendsError | None) -> tuple[str, timedelta | None]:
    if isinstance(error, SourceBusy):
        after = error.retry_after
        return "busy", None if after is None else timedelta(seconds=min(after, 24 * 3600.0))
    if isinstance(error, Refused):
        return "refused", None
    if isinstance(error, SetupError):
        return "setup", None
    return "changed", None


def _said(error: AmendsError | None) -> str:
    if error is None:
        return ""
    return f"{error.message}: {error.remedy}" if error.remedy else error.message
