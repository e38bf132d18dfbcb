"""Samples within one transaction, and what was read of the stretches they were drawn from."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from models.columns import to_micros
from models.coverage import Span
from models.sample import Estimate, Reading, Sample, SampleRow
from models.store import dialect

_WITHIN = """
post.posted_at >= ? AND post.posted_at < ? AND EXISTS (
    SELECT 1 FROM sighting WHERE sighting.watch_id = ? AND sighting.post_id = post.id)
"""

_POSTS = f"SELECT post.posted_at FROM post WHERE {_WITHIN}"  # noqa: S608  our own words

_LABELS = f"""
SELECT post.posted_at, tag.label FROM post JOIN tag ON tag.post_id = post.id AND tag.holds AND tag.put
WHERE NOT post.official AND {_WITHIN}
"""  # noqa: S608


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
        """Return how many posts of a sampled stretch have each label that was seen in it."""
        reading = self.reading(row)
        return {label: reading.estimate(label) for label in reading.having}

    def reading(self, row: SampleRow) -> Reading:
        """
        Return what its watch read of a sampled stretch, slice by slice.

        The company's own posts count among those read, as the source counts them too, but have no
        label.
        """
        slices = sorted((_micros(since), _micros(until)) for since, until in row.slices)
        begins = [since for since, _ in slices]

        def place_of(posted_at: int) -> int | None:
            place = bisect_right(begins, posted_at) - 1
            return place if place >= 0 and posted_at < slices[place][1] else None

        at = (to_micros(row.since), to_micros(row.until), row.watch_id)
        connection = self._session.connection()
        posts = Counter(place_of(when) for (when,) in dialect.rows(connection, _POSTS, at))
        having: dict[str, Counter[int | None]] = {}
        for when, label in dialect.rows(connection, _LABELS, at):
            having.setdefault(label, Counter())[place_of(when)] += 1
        places = range(len(slices))
        return Reading(
            span=Span(row.since, row.until),
            counted=row.counted,
            probability=row.probability,
            posts=tuple(posts[place] for place in places),
            having={
                label: tuple(found[place] for place in places)
                for label, found in sorted(having.items())
            },
            read=posts.total(),
            seen={label: found.total() for label, found in sorted(having.items())},
        )


def _micros(seconds: int) -> int:
    return to_micros(datetime.fromtimestamp(seconds, UTC))
