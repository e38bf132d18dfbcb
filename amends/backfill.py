"""
One stretch of the past, stored and tagged.

Resumable anywhere, because each answer is kept with the request that goes on from it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from amends.ahead import LARGE, Brought, ahead, here, is_large_file
from classify.classifier import Classifier
from classify.tagging import tag_new
from ingest.keep import keep
from ingest.source import Answer, Reject, Source
from ingest.walk import SHORT, Asker, Outcome, walk
from models.errors import SetupError, SourceBusy
from models.incident import Watch, WatchRow
from models.lease import Lease, me
from models.store import Store, Transaction
from models.store.posts import Kept
from models.tag import Tag

LONGEST_WAIT = 15 * 60.0
"""Seconds a backfill waits for a busy source before it leaves the rest to the next try."""


class Sofar(msgspec.Struct, kw_only=True):
    """How far a backfill is. `position` and `size` are in the source's own measure."""

    answers: int = 0
    posts: int = 0
    new: int = 0
    tagged: int = 0
    rejected: int = 0
    labelled: int = 0
    position: int = 0
    size: int = 0
    notes: list[str] = []
    waiting: str = ""
    resumed: bool = False
    wait: float = 0.0
    more: bool = True


class Stretch(msgspec.Struct, kw_only=True):
    """What a backfill needs: where to keep, whom to ask, who tags, and what time it is."""

    store: Store
    source: Source
    asker: Asker
    classifier: Classifier
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    rejects: Path
    labels: frozenset[str] = frozenset()
    labels_by: str | None = None
    large: int | None = LARGE

    def bring(self, watch: Watch) -> Generator[Brought]:
        """Yield what comes of a watch, scored, a file of `large` bytes read ahead; unscored if `large` is None."""
        if self.large is None:
            return here(watch, self.source, self.asker, self.clock)
        if self.source.name == "file" and is_large_file(watch, self.large):
            return ahead(watch, self.source, self.classifier, self.clock)
        return here(watch, self.source, self.asker, self.clock, self.classifier)


def begin(
    store: Store, wanted: WatchRow, did: str, *, by: str, now: datetime, **detail: int
) -> tuple[Watch, bool]:
    """Return the watch of this stretch, and whether an earlier try was cut short in it."""
    with store.begin() as tx:
        row, _ = tx.watches.add(wanted)
        tx.audit.note(did, f"watch:{row.id}", by=by, now=now, incident_id=row.incident_id,
                      detail=dict(detail))  # fmt: skip
        return row.as_watch(), row.chain is not None


def ours(store: Store, watch: Watch, now: datetime) -> Lease | None:
    """
    Return the lease of bringing a stretch, from now on ours: whoever else is at it is fenced out.

    What is piped in has none: nobody else has the same.
    """
    if watch.address == "-":
        return None
    with store.begin() as tx:
        return tx.leases.take_over(f"bringing watch {watch.id}", me(), now)


def backfill(stretch: Stretch, watch: Watch) -> Iterator[Sofar]:
    """
    Ask, keep and tag to the end of the stretch; yields after every answer or wait.

    FencedOut once somebody else has begun with the same stretch.
    """
    lease = ours(stretch.store, watch, stretch.clock())
    sofar = Sofar(resumed=watch.chain is not None)
    sofar.tagged += tag_new(stretch.store, stretch.classifier, now=stretch.clock())
    while True:
        with closing(bring(stretch, watch, sofar, lease)) as brings:
            for _ in brings:
                sofar.tagged += tag_new(stretch.store, stretch.classifier, now=stretch.clock())
                yield sofar
        if sofar.wait <= SHORT:
            return
        until = stretch.clock() + timedelta(seconds=sofar.wait)
        sofar.waiting = f"{stretch.source.name} asks to be left alone until {until:%H:%M:%S} UTC"
        yield sofar
        stretch.sleep(sofar.wait)
        sofar.waiting = ""
        with stretch.store.read() as tx:
            watch = tx.watches.get(watch.id).as_watch()


def bring(
    stretch: Stretch,
    watch: Watch,
    sofar: Sofar,
    lease: Lease | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Generator[Kept]:
    """
    Ask and keep; yields what was kept of each answer, and tagged if that was scored before.

    Up to the end of the stretch, or until `goes_on` says no, or the source asks to be left alone for
    `sofar.wait` seconds; `sofar.more` says whether there is more to come.
    """
    sofar.wait, sofar.more = 0.0, True
    with closing(stretch.bring(watch)) as brings:
        for brought in brings:
            outcome, posts = brought.outcome, brought.posts
            _write_rejects(stretch.rejects, watch, outcome.answer)
            # Labels of a file go in with its posts: what is read on from must be kept whole.
            labels = partial(_put_labels, stretch, sofar, outcome.answer)
            kept = keep(stretch.store, outcome, stretch.clock(), labels, lease, posts)
            if outcome.answer is None or outcome.error is not None:
                sofar.wait = _wait_of(outcome)
                return
            sofar.more = outcome.answer.more is not None
            sofar.wait = outcome.answer.wait if sofar.more else 0.0
            sofar.posts += len(posts)
            _count(sofar, outcome, outcome.answer, kept)
            yield kept
            if not goes_on():
                return


def _wait_of(outcome: Outcome) -> float:
    error = outcome.error
    if not isinstance(error, SourceBusy) or not error.retry_after:
        raise error or AssertionError
    if error.retry_after > LONGEST_WAIT:
        raise error
    return max(error.retry_after, SHORT + 1)


def _count(sofar: Sofar, outcome: Outcome, answer: Answer, kept: Kept) -> None:
    sofar.answers += 1
    sofar.new += kept.new
    sofar.tagged += len(kept.foreseen)
    sofar.rejected += len(answer.rejects)
    sofar.notes += [note for note in answer.notes if note not in sofar.notes]
    if outcome.response is not None:
        sofar.position = int(outcome.response.header("x-position") or 0)
        sofar.size = int(outcome.response.header("x-size") or answer.total or 0)


def _put_labels(
    stretch: Stretch, sofar: Sofar, answer: Answer | None, tx: Transaction, kept: Kept
) -> None:
    if answer is None or stretch.labels_by is None or not answer.labels:
        return
    tags: list[Tag] = []
    unknown: set[str] = set()
    for (_, external_id), post_id in kept.ids.items():
        if external_id not in answer.labels:
            continue
        said = set(answer.labels[external_id])
        unknown |= said - stretch.labels
        # A person who labels a post says of every label whether it fits.
        tags += [
            Tag(post_id=post_id, label=label, by=stretch.labels_by, put=label in said)
            for label in sorted(stretch.labels)
        ]
    if unknown:
        known = ", ".join(sorted(stretch.labels))
        note = f"labels left out, because there are only {known}: {', '.join(sorted(unknown))}"
        sofar.notes += [] if note in sofar.notes else [note]
    sofar.labelled += tx.tags.put(tags, stretch.clock())


def _write_rejects(path: Path, watch: Watch, answer: Answer | None) -> None:
    """Keep what couldn't become a post, before the answer counts as read."""
    if answer is None or not answer.rejects:
        return
    try:
        with path.open("ab") as file:
            file.writelines(_reject_line(watch, reject) for reject in answer.rejects)
    except OSError as error:
        message = f"what can't become a post can't be put aside in {path} ({error.strerror})"
        raise SetupError(message, "mend that, and run the same command again") from error


def _reject_line(watch: Watch, reject: Reject) -> bytes:
    said = {"source": watch.source, "incident": watch.incident_id} | msgspec.to_builtins(reject)
    return msgspec.json.encode(said) + b"\n"


class Estimate(msgspec.Struct, kw_only=True):
    """What a stretch would bring and cost, in posts, requests and US dollars."""

    posts: int = 0
    requests: int = 0
    dollars: float = 0.0
    rejected: int = 0
    notes: list[str] = []


def dry_run(source: Source, asker: Asker, watch: Watch, clock: Callable[[], datetime]) -> Estimate:
    """Ask the source to count a stretch, and store nothing."""
    found = Estimate()
    first = msgspec.json.encode(source.estimate(watch, clock())).decode()
    counting = msgspec.structs.replace(watch, chain=first)
    for outcome in walk(counting, source, asker, clock, most=None):
        if outcome.answer is None:
            raise outcome.error or AssertionError
        answer = outcome.answer
        found.posts += len(answer.posts) if answer.total is None else answer.total
        found.rejected += len(answer.rejects)
        found.notes += [note for note in answer.notes if note not in found.notes]
    price = source.price
    found.requests = -(-found.posts // price.posts_per_answer) or 1
    found.dollars = found.posts * price.per_post + found.requests * price.per_request
    return found
