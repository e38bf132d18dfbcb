"""Samples within one transaction, and what they say of the posts nobody read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from models.columns import to_micros
from models.coverage import Span
from models.sample import Estimate, Sample, SampleRow, estimate
from models.store import dialect

MICROS = 1_000_000

_POSTS = """
SELECT post.id, post.posted_at FROM sighting JOIN post ON post.id = sighting.post_id
WHERE sighting.watch_id = ? AND post.posted_at >= ? AND post.posted_at < ?
"""

_LABELS = """
SELECT post.posted_at, tag.label FROM sighting JOIN post ON post.id = sighting.post_id
JOIN tag ON tag.post_id = post.id AND tag.holds AND tag.put
WHERE sighting.watch_id = ? AND post.posted_at >= ? AND post.posted_at < ?
"""


class Samples:
    """Samples within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, watch_id: int, sample: Sample) -> None:
        """Note how a stretch was sampled."""
        self._session.add(
            SampleRow(
                watch_id=watch_id, since=sample.span.since, until=sample.span.until,
                width=round(sample.width.total_seconds()), probability=sample.probability,
                counted=sample.counted,
                slices=[[int(s.since.timestamp()), int(s.until.timestamp())]
                        for s in sample.slices],
            )
        )  # fmt: skip
        self._session.flush()

    def of(self, watch_ids: Iterable[int], window: Span) -> list[SampleRow]:
        """Return the samples whose stretch begins in a window, oldest first."""
        return list(
            self._session.exec(
                select(SampleRow)
                .where(col(SampleRow.watch_id).in_(list(watch_ids)))
                .where(col(SampleRow.since) >= window.since)
                .where(col(SampleRow.since) < window.until)
                .order_by(col(SampleRow.since), col(SampleRow.id))
            )
        )

    def estimates(self, row: SampleRow) -> dict[str, Estimate]:
        """Return how many posts of a sampled stretch have each label, as estimated from its slices."""
        edges = [to_micros(datetime.fromtimestamp(since, UTC)) for since, _ in row.slices]
        width = row.width * MICROS
        at = (row.watch_id, to_micros(row.since), to_micros(row.until))

        def slice_of(posted_at: int) -> int | None:
            place = bisect_right(edges, posted_at) - 1
            return place if place >= 0 and posted_at < edges[place] + width else None

        connection = self._session.connection()
        posts = Counter(slice_of(when) for _, when in dialect.rows(connection, _POSTS, at))
        having: dict[str, Counter[int | None]] = {}
        for when, label in dialect.rows(connection, _LABELS, at):
            having.setdefault(label, Counter())[slice_of(when)] += 1
        return {
            label: estimate(
                row.counted,
                row.probability,
                [(posts[place], found[place]) for place in range(len(edges))],
            )
            for label, found in having.items()
        }
