"""One walk down the corridor: collect what is due, keep it, tag what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime

import msgspec

from classify.classifier import Classifier
from classify.tagging import tag_new
from ingest.collector import collect
from ingest.keep import keep
from ingest.source import Source
from ingest.walk import Asker, Outcome
from models.errors import StoreError
from models.incident import Watch
from models.lease import Lease
from models.store import Store
from models.store.posts import Kept


class Heard(msgspec.Struct, kw_only=True):
    """What one watch brought in a round; `trouble` is the sentence that ended it, if any."""

    source: str
    aim: str
    answers: int = 0
    posts: int = 0
    new: int = 0
    more_waits: bool = False
    trouble: str = ""
    notes: list[str] = []


class Report(msgspec.Struct, kw_only=True):
    """What a round brought, by watch id, how many posts were tagged, and why no more of them."""

    heard: dict[int, Heard] = {}
    tagged: int = 0
    waiting: int = 0
    untagged: str = ""

    @property
    def new(self) -> int:
        """Posts nobody had brought before."""
        return sum(heard.new for heard in self.heard.values())

    @property
    def failed(self) -> bool:
        """Whether nothing could be tagged, or there were watches and none brought an answer."""
        answers = any(heard.answers for heard in self.heard.values())
        return bool(self.untagged) or (bool(self.heard) and not answers)

    def add(self, outcome: Outcome, new: int) -> None:
        """Count one outcome."""
        watch = outcome.watch
        heard = self.heard.setdefault(watch.id, Heard(source=watch.source, aim=watch.aim))
        if outcome.error is not None:
            heard.trouble = str(outcome.error)
        if outcome.answer is None:
            return
        heard.answers += 1
        heard.posts += len(outcome.answer.posts)
        heard.new += new
        heard.more_waits = outcome.answer.more is not None
        heard.notes += [note for note in outcome.answer.notes if note not in heard.notes]


def one_round(
    store: Store,
    incident_id: int,
    sources: Mapping[str, Source],
    asker: Asker,
    classifier: Classifier,
    clock: Callable[[], datetime],
    lease: Lease | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Report:
    """
    Collect from every watch of an incident that is due, and tag what is new.

    FencedOut as soon as another process has taken over the `lease`. Once `goes_on` says no, it ends with
    the answer in hand; what wasn't asked comes in the next round.
    """
    with store.read() as tx:
        watches = tx.watches.due(incident_id, clock())
        waiting = len(tx.watches.of(incident_id)) - len(watches)
    report = Report(waiting=waiting)
    for _ in bring(report, store, watches, sources, asker, clock, lease, goes_on):
        tag(report, store, classifier, clock)
    tag(report, store, classifier, clock)
    return report


def bring(
    report: Report,
    store: Store,
    watches: Sequence[Watch],
    sources: Mapping[str, Source],
    asker: Asker,
    clock: Callable[[], datetime],
    lease: Lease | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[Kept]:
    """Collect from these watches, keep what comes and count it; yields what was kept of each answer."""
    with closing(collect(watches, sources, asker, clock)) as outcomes:
        for outcome in outcomes:
            kept = keep(store, outcome, clock(), lease=lease)
            report.add(outcome, kept.new)
            yield kept
            if not goes_on():
                return


def tag(
    report: Report,
    store: Store,
    classifier: Classifier,
    clock: Callable[[], datetime],
    stretch: int | None = None,
) -> None:
    """Tag what waits, or a stretch of it; a classifier that can't must not keep us from listening."""
    if report.untagged:
        return
    try:
        report.tagged += tag_new(store, classifier, now=clock(), stretch=stretch)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001  whatever breaks in it, the posts are kept
        report.untagged = str(error) or type(error).__name__
