"""
Reading ahead: a process of its own reads a large file, and what comes of it is scored there too.

Ours keeps one answer while the other makes the next one ready, so both of two cores have work. Nothing
else differs: ours alone writes, in the order in which the file was read. Until the other one has begun,
which takes seconds, ours reads by itself, and likewise if the other one is killed.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import msgspec

from classify.classifier import Classifier
from ingest.disk import Disk
from ingest.source import Source
from ingest.walk import Asker, Outcome, walk
from models.incident import Watch
from models.likeness import sketches
from models.ready import Foresight, Ready, ready

LARGE = 8 << 20
"""Bytes of a file from which a second process is worth its start."""


class Brought(NamedTuple):
    """An outcome, and its posts made ready."""

    outcome: Outcome
    posts: Sequence[Ready]


class Asked(NamedTuple):
    """What the other process is asked for, with whom, who scores it, and when that is."""

    watch: Watch
    source: Source
    classifier: Classifier
    at: datetime


def seldom_look_for_garbage() -> None:
    """
    Let what is there by now stay, and look through what is new but seldom.

    Of a batch all is needed until it is kept, and then goes by itself; to look for rings in it takes a tenth.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


def here(
    watch: Watch,
    source: Source,
    asker: Asker,
    clock: Callable[[], datetime],
    classifier: Classifier | None = None,
) -> Generator[Brought]:
    """Yield what comes of a watch, asked by this process; with a classifier its posts are scored too."""
    for outcome in walk(watch, source, asker, clock, most=None):
        posts = ready(outcome.answer.posts if outcome.answer is not None else ())
        yield Brought(outcome, posts if classifier is None else _foreseen(classifier, posts))


def is_large_file(watch: Watch, least: int) -> bool:
    """Return whether a watch is for a file of that many bytes, which anybody may open."""
    try:
        return watch.address != "-" and Path(watch.address or "").stat().st_size >= least
    except OSError:
        return False


def ahead(
    watch: Watch, source: Source, classifier: Classifier, clock: Callable[[], datetime]
) -> Generator[Brought]:
    """Yield what comes of a file, asked by another process as long as there is one, else by ours."""
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    # What it reads with follows through the pipe: `start` waits for ever for one that dies before it has taken that.
    other = spawn.Process(target=_read, args=(theirs,), daemon=True)
    _start(other)
    theirs.close()
    try:
        with Disk() as disk:
            on: Watch | None = watch
            asked, ours = False, here(watch, source, disk, clock, classifier)
            while on is not None:
                if not asked and mine.poll():
                    asked = _asked(mine, Asked(on, source, classifier, clock()))
                brought = _next(mine) if asked else next(ours)
                if brought is None:
                    asked, ours = False, here(on, source, disk, clock, classifier)
                    continue
                yield brought
                on = _from(on, brought)
    finally:
        mine.close()
        other.join()


def _start(process: BaseProcess) -> None:
    """Start a process that no interrupt reaches: who is interrupted is the one who writes, and that ends the other."""
    # This may start a process too, and behind it interrupts are let through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _from(watch: Watch, brought: Brought) -> Watch | None:
    """Return a watch as it goes on behind what it brought; None at its end."""
    answer = brought.outcome.answer
    if answer is None or answer.more is None:
        return None
    chain = msgspec.json.encode(answer.more).decode()
    return msgspec.structs.replace(watch, chain=chain)


def _asked(pipe: Connection, asked: Asked) -> bool:
    """Ask the other process, which has begun, to go on with a watch; return whether it is there to hear it."""
    try:
        pipe.recv_bytes()
        pipe.send(asked)
    except (EOFError, OSError):
        return False
    return True


def _next(pipe: Connection) -> Brought | None:
    """Return what the other process hands on next; None if it was killed, be it in the middle of it."""
    try:
        received: Brought = pipe.recv()
    except (EOFError, OSError):
        return None
    return received


def _read(pipe: Connection) -> None:
    """Read a file to its end, in a process of its own, and hand on what came of it."""
    with suppress(ConnectionError, EOFError), closing(pipe), Disk() as disk:
        pipe.send_bytes(b"begun")
        asked: Asked = pipe.recv()
        seldom_look_for_garbage()
        since = time.monotonic()

        def clock() -> datetime:
            return asked.at + timedelta(seconds=time.monotonic() - since)

        for outcome, posts in here(asked.watch, asked.source, disk, clock, asked.classifier):
            pipe.send(Brought(_without_posts(outcome), posts))


def _without_posts(outcome: Outcome) -> Outcome:
    answer, response = outcome.answer, outcome.response
    return outcome._replace(
        answer=None if answer is None else msgspec.structs.replace(answer, posts=()),
        response=None if response is None else msgspec.structs.replace(response, body=b""),
    )


def _foreseen(classifier: Classifier, posts: Sequence[Ready]) -> list[Ready]:
    """Return posts with what the classifier makes of them, and the sketches of their texts."""
    texts = list(dict.fromkeys(post.text for post in posts))
    tags, unread = classifier.tag(list(enumerate(texts)))
    labels: dict[int, list[tuple[str, float]]] = {}
    for tag in tags:
        labels.setdefault(tag.post_id, []).append((tag.label, tag.score))
    dark, by = set(unread), classifier.by
    made = {
        text: Foresight(by, labels.get(place, ()), place in dark, sketch)
        for place, (text, sketch) in enumerate(zip(texts, sketches(texts), strict=True))
    }
    return [post._replace(foreseen=made[post.text]) for post in posts]
