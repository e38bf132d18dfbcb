"""Times as people write them on a command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from ingest.text import when as stamp
from models.errors import SetupError
from models.incident import zone

_AGO = re.compile(r"-?(\d{1,5})\s*(m|min|h|d|w)(?:\s+ago)?", re.IGNORECASE)
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime, tz: str) -> datetime:
    """Return the UTC time meant by 2026-03-03T08:40, a date, “now”, or 90m, 2h, 3d (ago)."""
    if text.strip().lower() == "now":
        return now
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - timedelta(**{_UNITS[ago[2].lower()]: int(ago[1])})
    found = stamp(text, tz)
    if found is None:
        message = f"“{text}” isn't a time Amends understands"
        raise SetupError(message, "write 2026-03-03T08:40, 2026-03-03, or 2h for two hours ago")
    return found


def day(text: str, now: datetime, tz: str) -> date:
    """Return the date meant by 2026-03-03, “today” or “yesterday” in a zone."""
    today = now.astimezone(zone(tz)).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = f"“{text}” isn't a day"
        raise SetupError(message, "write 2026-03-03, today or yesterday") from None


def local(when: datetime | None, tz: str) -> str:
    """Return a time as people in that zone read it, or a dash."""
    return "–" if when is None else when.astimezone(zone(tz)).strftime("%Y-%m-%d %H:%M")


def iso(when: datetime | None) -> str | None:
    """Return a time as machines read it: UTC with a Z."""
    if when is None:
        return None
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
