"""A campaign's terms from what people write, on a command line or in a form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from amends.when import moment
from models.campaign import Batch
from models.errors import SetupError


def offers_of(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the worths by plan of “3 %”, “Streaming: $5”; what has no plan is for every plan."""
    found: dict[str, tuple[str, ...]] = {}
    for one in filter(None, (word.strip() for word in words)):
        plan, _, worth = one.rpartition(":")
        found[plan.strip()] = (*found.get(plan.strip(), ()), worth.strip())
    return found


def batches_of(words: Iterable[str], now: datetime, tz: str) -> tuple[Batch, ...]:
    """Return the batches of “2026-03-04T15:00”, “2026-03-04T15:00 = 12000”."""
    found = []
    for one in filter(None, (word.strip() for word in words)):
        at, equals, mails = (part.strip() for part in one.partition("="))
        if equals and not (mails.isascii() and mails.isdigit() and len(mails) < 10):
            message = f"“{one[:60]}” isn't a batch of mails"
            raise SetupError(message, "write 2026-03-04T15:00 or 2026-03-04T15:00=12000")
        found.append(Batch(moment(at, now, tz), int(mails) if equals else None))
    return tuple(found)


def last_day(text: str) -> date | None:
    """Return the day meant by 2026-03-04; None for nothing."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = f"“{text[:40]}” isn't a day"
        raise SetupError(message, "write 2026-03-04") from None
