"""
Reading ahead: a process of its own reads a large file, and what comes of it is scored there too.

Ours keeps one answer while the other makes the next one ready, so both of two cores have work. Nothing
else differs: ours alone writes, in the order in which the file was read. If the other one is killed, ours
reads on by itself.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
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


def here(
    watch: Watch, source: Source, asker: Asker, clock: Callable[[], datetime]
) -> Generator[Brought]:
    """Yield what comes of a watch, asked by this process."""
    for outcome in walk(watch, source, asker, clock, most=None):
        posts = outcome.answer.posts if outcome.answer is not None else ()
        yield Brought(outcome, ready(posts))


def is_large_file(watch: Watch, least: int) -> bool:
    """Return whether a watch is for a file of that many bytes, which anybody may open."""
    try:
        return watch.address != "-" and Path(watch.address or "").stat().st_size >= least
    except OSError:
        return False


def ahead(
    watch: Watch, source: Source, classifier: Classifier, clock: Callable[[], datetime]
) -> Generator[Brought]:
    """Yield what comes of a file, asked by another process; by ours, should that one be killed."""
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe(duplex=False)
    other = spawn.Process(
        target=_read, args=(theirs, watch, source, classifier, clock()), daemon=True
    )
    other.start()
    theirs.close()
    try:
        while (brought := _next(mine)) is not None:
            yield brought
            answer = brought.outcome.answer
            if answer is None or answer.more is None:
                return
            chain = msgspec.json.encode(answer.more).decode()
            watch = msgspec.structs.replace(watch, chain=chain)
        with Disk() as disk:
            yield from here(watch, source, disk, clock)
    finally:
        mine.close()
        other.join()


def _next(pipe: Connection) -> Brought | None:
    """Return what the other process hands on next; None if it was killed, be it in the middle of it."""
    try:
        received: Brought = pipe.recv()
    except (EOFError, OSError):
        return None
    return received


def _read(
    pipe: Connection, watch: Watch, source: Source, classifier: Classifier, began: datetime
) -> None:
    """Read a file to its end, in a process of its own, and hand on what came of it."""
    # Who is interrupted is the one who writes; then nobody takes from us, and that ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is there by now stays; to look through it for garbage again and again costs a tenth.
    gc.freeze()
    since = time.monotonic()

    def clock() -> datetime:
        return began + timedelta(seconds=time.monotonic() - since)

    with suppress(BrokenPipeError), closing(pipe), Disk() as disk:
        for outcome, posts in here(watch, source, disk, clock):
            pipe.send(Brought(_without_posts(outcome), _foreseen(classifier, posts)))


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
