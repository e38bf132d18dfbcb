"""
Coverage: the stretches of time proved complete for a watch, so that "quiet" and "blind" differ.

Pure arithmetic on half-open spans; the store keeps the result.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import Instant


class Span(msgspec.Struct, frozen=True, order=True):
    """The stretch from `since` (included) to `until` (excluded), both aware UTC."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return max(self.until - self.since, timedelta(0))


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the same stretches in order, with none touching another; empty ones are dropped."""
    merged: list[Span] = []
    for span in sorted(s for s in spans if s.until > s.since):
        if merged and span.since <= merged[-1].until:
            merged[-1] = Span(merged[-1].since, max(merged[-1].until, span.until))
        else:
            merged.append(span)
    return merged


def holes(window: Span, covered: Iterable[Span]) -> list[Span]:
    """Return the stretches of `window` that `covered` leaves open."""
    missing: list[Span] = []
    at = window.since
    for span in merge(covered):
        if span.since >= window.until:
            break
        if span.since > at:
            missing.append(Span(at, span.since))
        at = max(at, span.until)
    if at < window.until:
        missing.append(Span(at, window.until))
    return missing


class CoverageRow(SQLModel, table=True):
    """One complete stretch of one watch; two of the same watch never touch."""

    __tablename__ = "coverage"
    __table_args__ = (Index("coverage_watch", "watch_id", "since"),)

    id: int | None = Field(default=None, primary_key=True)
    watch_id: int = Field(foreign_key="watch.id")
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
