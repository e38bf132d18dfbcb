"""The peak on a budget: never more paid for than allowed, replies first, and the rest estimated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina

from ingest.collector import collect
from ingest.keep import keep
from ingest.source import Request, Response
from ingest.sources.x import source
from models.coverage import Span, holes
from models.sample import Estimate
from models.store import Store
from models.tag import Tag
from tests.battery import Record, tell, times
from tests.factories import a_watch
from tests.grounds import url_of
from tests.ingest.fake_x import FakeX
from tests.ingest.storm import BREAKS, PEAK, Said, storm

READS = 4_000
BEGAN = BREAKS - timedelta(minutes=5)
ENDS = BREAKS + PEAK + timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Try again without waiting."""
    with stamina.set_testing(testing=True, attempts=3):
        yield


class Both:
    """X for two queries: what is said to the company, and all that is said of it."""

    def __init__(self, said: list[Said], seed: int) -> None:
        self.all = FakeX(said, seed, empty=0.0, trouble=0.0)
        replies = [one for one in said if b"@lumabank" in one.post]
        self.replies = FakeX(replies, seed, empty=0.0, trouble=0.0)

    def ask(self, request: Request, now: datetime) -> Response:
        """Bring a question to the one it is for."""
        replying = dict(request.params)["query"].startswith("(to:")
        return (self.replies if replying else self.all).ask(request, now)


def lived(store: Store, said: list[Said], seed: int) -> int:
    """Live through the peak with a round a minute; return the watch's id."""
    watch = a_watch(store, source="x", terms=["lumabank", "@lumabank"], since=BEGAN)
    with store.begin() as tx:
        tx.watches.get(watch.id).reads_a_day = READS
    asker, now = Both(said, seed), BEGAN + MINUTE
    while now < ENDS:
        with store.read() as tx:
            due = tx.watches.due(watch.incident_id, now)
        for outcome in collect(due, {"x": source}, asker, lambda at=now: at):
            keep(store, outcome, now)
        now += MINUTE
    return watch.id


def is_request(text: str) -> bool:
    """Whether somebody asks for a credit."""
    return "I want a credit" in text


def estimated(store: Store, seed: int) -> tuple[int, int, Estimate]:
    """Live through one peak; return the reads paid for, the true number and the estimated one."""
    said = storm(seed, late=0.0)
    watch_id = lived(store, said, seed)
    with store.begin() as tx:
        asking = [line.id for line in tx.views.posts(1) if is_request(line.text)]
        tags = [Tag(post_id=number, label="credit_request", by="ana") for number in asking]
        tx.tags.put(tags, ENDS)
        samples = tx.samples.of([watch_id], Span(BEGAN, ENDS))
        readings = [tx.samples.reading(row) for row in samples]
        found = sum((each.estimate("credit_request") for each in readings), Estimate(0, 0))
        reads = tx.watches.spent(watch_id, ENDS)[1]
        covered = tx.coverage.of(watch_id)
    within = [one for row in samples for one in said if row.since <= one.at < row.until]
    assert sum(row.counted for row in samples) == len(within) > 5_000
    # A sample begins with a whole second, of which the first part may have been read in full.
    sampled = [Span(row.since + SECOND, row.until) for row in samples]
    assert all(holes(span, covered) == [span] for span in sampled), "it stays uncovered"
    return reads, sum(b"I want a credit" in one.post for one in within), found


def test_a_peak_too_dear_is_sampled_and_estimated(tmp_path: Path, record_property: Record) -> None:
    """10,100 posts with 4,000 paid for: the estimates of credit requests hold the truth."""
    seeds, held, off, margins = times(20), 0, [], []
    for seed in range(seeds):
        store = Store.open(url_of(tmp_path / str(seed)))
        try:
            reads, truth, found = estimated(store, seed)
        finally:
            store.close()
        assert reads <= READS
        held += abs(found.posts - truth) <= found.margin
        off.append(abs(found.posts - truth) / truth)
        margins.append(found.margin / truth)
    assert held >= 0.8 * seeds
    assert max(margins) < 0.2
    tell(
        record_property,
        f"10,100 posts on a budget of {READS:,}, {seeds} seeds: never overspent, credit requests"
        f" estimated within {max(off):.1%} of the truth, in {held} of {seeds} within the interval told"
        f" (give or take {max(margins):.0%})",
    )
