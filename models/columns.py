"""
Column types that mean the same on SQLite and PostgreSQL.

An `Instant` is kept as whole microseconds since 1970 UTC: narrow, exact, sortable, grouped into
hours by division, and equal to the byte on both databases, so the bulk path may bind it itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

HOUR = 3_600_000_000
"""Microseconds in an hour."""


def to_micros(when: datetime) -> int:
    """Microseconds since 1970 UTC of an aware time."""
    return (when - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of `micros` microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware point in time; naive ones are refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Turn an aware time into microseconds."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Turn microseconds into an aware time."""
        return None if value is None else from_micros(value)


BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
"""A growing integer key: SQLite wants INTEGER for that, PostgreSQL a 64-bit one."""
