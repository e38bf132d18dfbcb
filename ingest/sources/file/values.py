"""What a stranger's file may hold, taken one value at a time: the right kind, or nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ingest.text import html_text, when
from models.post import clean, plausible

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = ("text", "rendered", "body", "content", "value", "raw")
_NAMES = ("username", "screen_name", "acct", "handle", "login", "name", "display_name", "nick")
_IDS = ("id_str", "id", "user_id")
_FOLLOWERS = ("followers", "followers_count", "follower_count")
_SOURCE = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]*)?", re.ASCII)
_DAY = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2((?:19|20)[0-9]{2})\b,?\s*(.*)", re.ASCII)
_MOST = 2**63 - 1
_ONES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Seconds of any year we may see are below 1e11; above that a stamp counts smaller units."""


def a_text(value: object) -> str:
    """Text, also from a number or from an object that wraps it; nothing for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        # Python refuses to print numbers of many thousand digits.
        return str(value) if abs(value) < 10**300 else ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, dict):
        inner = next((key for key in _TEXTS if isinstance(value.get(key), str)), None)
        if inner is not None:
            text: str = value[inner]
            return html_text(text) if inner == "rendered" else text
    return ""


def a_name(value: object) -> str:
    """Name of an author, also from an object about the author."""
    return _first(value, _NAMES) if isinstance(value, dict) else a_text(value)


def about(author: dict[str, Any]) -> dict[str, Any]:
    """Fields of a post that an object about its author tells."""
    followers = next((author[key] for key in _FOLLOWERS if author.get(key) is not None), None)
    return {"author_id": _first(author, _IDS) or None, "author_followers": a_count(followers)}


def _first(value: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := a_text(value.get(key)))), "")


def a_count(value: object) -> int | None:
    """A number of something, also when written as text such as 1,024; None for anything else."""
    if isinstance(value, str):
        digits = value.strip().replace(",", "").removesuffix(".0")
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return None


def a_flag(value: object) -> bool:
    """Yes or no; anything unclear is no."""
    return value is True or value in ("true", "True", "yes", "1")


def a_source(value: object, otherwise: str) -> str:
    """Name of the place a post comes from, if it can be one."""
    name = value.strip().casefold() if isinstance(value, str) else ""
    return name if _SOURCE.fullmatch(name) else otherwise


def labels(value: object) -> tuple[str, ...]:
    """Labels from a list, or from text that separates them with a comma, semicolon or bar."""
    if isinstance(value, str):
        value = re.split(r"[,;|]", value)
    items = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(name for item in items if (name := clean(a_text(item), 100))))


def a_time(value: object, zone: ZoneInfo, now: datetime, *, day_first: bool) -> datetime | None:
    """A time in UTC that can be true at `now`, from text or seconds since 1970; else None."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return _written(value, zone, now, day_first=day_first)
        # Digits alone are read as a date only where they are one, such as 20260304.
        if not (value.isdigit() and len(value) != 8):
            return plausible(found if found.tzinfo else found.replace(tzinfo=zone), now)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _counted(value, now)


def _counted(value: float, now: datetime) -> datetime | None:
    try:
        seconds = value / next((ones for least, ones in _ONES if abs(value) >= least), 1)
        return plausible(_EPOCH + timedelta(seconds=seconds), now)
    except (OverflowError, ValueError):
        return None


def _written(stamp: str, zone: ZoneInfo, now: datetime, *, day_first: bool) -> datetime | None:
    stamp = stamp.strip()[:120]
    if _NUMBER.fullmatch(stamp):
        return _counted(float(stamp), now)
    parts = _DAY.fullmatch(stamp)
    if parts is not None:
        one, dot, other, year, rest = parts.groups()
        # With dots the day comes first everywhere; with strokes the file has to show it.
        day, month = (one, other) if day_first or dot == "." or int(one) > 12 else (other, one)
        stamp = f"{year}-{int(month):02}-{int(day):02} {rest}".strip()
    return plausible(when(stamp, zone.key), now)


def day_first(stamps: list[str]) -> bool | None:
    """Whether 03/04/2026 is 3 April in these stamps; None if they leave it open."""
    found = [parts for stamp in stamps if (parts := _DAY.fullmatch(stamp.strip()[:120]))]
    found = [parts for parts in found if parts[2] != "."]
    if any(int(parts[1]) > 12 for parts in found):
        return True
    if not found or any(int(parts[3]) > 12 for parts in found):
        return False
    return None
