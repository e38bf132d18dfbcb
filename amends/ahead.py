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
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from classify.classifier import Classifier
from classify.tagging import Tagger
from ingest.disk import Disk
from ingest.source import Source
from ingest.walk import Asker, Outcome, walk
from models.incident import Watch
from models.likeness import Sketch, sketches
from models.ready import Ready, ready
from models.tag import Tag

LARGE = 8 << 20
"""Bytes of a file from which a second process is worth its start."""


class Look(NamedTuple):
    """What the classifier makes of one text: labels with their scores, and whether it can't read it."""

    labels: Sequence[tuple[str, float]]
    unread: bool


class Brought(NamedTuple):
    """An outcome, its posts made ready, who tags them, and the sketches of their texts, if made."""

    outcome: Outcome
    posts: Sequence[Ready]
    tagger: Tagger
    sketched: Mapping[str, Sketch]


class Foresight:
    """A classifier that has looked at some texts before, and looks at the others when it is asked."""

    def __init__(self, classifier: Classifier, looks: Mapping[str, Look]) -> None:
        self._classifier, self._looks = classifier, looks

    @property
    def by(self) -> str:
        """Who its tags are by."""
        return self._classifier.by

    def tag(self, posts: Sequence[tuple[int, str]]) -> tuple[list[Tag], list[int]]:
        """Return the tags for (id, text) pairs, and the ids of the posts it can't read."""
        new = [post for post in posts if post[1] not in self._looks]
        tags, unread = self._classifier.tag(new) if new else ([], [])
        by = self.by
        for post_id, text in posts:
            look = self._looks.get(text)
            if look is None:
                continue
            tags += [Tag(post_id=post_id, label=label, by=by, score=score)
                     for label, score in look.labels]  # fmt: skip
            if look.unread:
                unread.append(post_id)
        return tags, unread


def here(
    watch: Watch,
    source: Source,
    asker: Asker,
    classifier: Classifier,
    clock: Callable[[], datetime],
) -> Generator[Brought]:
    """Yield what comes of a watch, asked by this process."""
    for outcome in walk(watch, source, asker, clock, most=None):
        posts = outcome.answer.posts if outcome.answer is not None else ()
        yield Brought(outcome, ready(posts), classifier, {})


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
            outcome, posts, looks, sketched = brought
            yield Brought(outcome, posts, Foresight(classifier, looks), sketched)
            if outcome.answer is None or outcome.answer.more is None:
                return
            chain = msgspec.json.encode(outcome.answer.more).decode()
            watch = msgspec.structs.replace(watch, chain=chain)
        with Disk() as disk:
            yield from here(watch, source, disk, classifier, clock)
    finally:
        mine.close()
        other.join()


def _next(pipe: Connection) -> Any:
    """Return what the other process hands on next; None if it was killed, be it in the middle of it."""
    try:
        return pipe.recv()
    except (EOFError, OSError):
        return None


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
        for outcome, posts, *_ in here(watch, source, disk, classifier, clock):
            texts = list(dict.fromkeys(post.text for post in posts))
            sketched = dict(zip(texts, sketches(texts), strict=True))
            pipe.send((_without_posts(outcome), posts, _looks(classifier, texts), sketched))


def _without_posts(outcome: Outcome) -> Outcome:
    answer, response = outcome.answer, outcome.response
    return outcome._replace(
        answer=None if answer is None else msgspec.structs.replace(answer, posts=()),
        response=None if response is None else msgspec.structs.replace(response, body=b""),
    )


def _looks(classifier: Classifier, texts: Sequence[str]) -> dict[str, Look]:
    tags, unread = classifier.tag(list(enumerate(texts)))
    labels: dict[int, list[tuple[str, float]]] = {}
    for tag in tags:
        labels.setdefault(tag.post_id, []).append((tag.label, tag.score))
    dark = set(unread)
    return {text: Look(labels.get(place, ()), place in dark) for place, text in enumerate(texts)}
