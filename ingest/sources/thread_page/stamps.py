"""
Dates as blogs and forums write them, found inside a line and read without guessing.

"March 3rd, 2026 at 10:12 pm PST", "3. März 2026 um 22:12", "10:12 PM on 03/03/2026", "3 hours ago".
A date without a year, a bare clock and a relative time are recognised, but their time is unknown.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from ingest.text import when

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar januari janvier janv enero ene gennaio janeiro stycznia",
            "february feb februar februari février fevrier févr febrero febbraio fevereiro lutego",
            "march mar märz maerz mär mars marzo março maart marca",
            "april apr avril avr abril abr aprile kwietnia",
            "may mai mayo maggio maio mei maja",
            "june jun juni juin junio giugno junho czerwca",
            "july jul juli juillet juil julio luglio julho lipca",
            "august aug août aout agosto ago augustus sierpnia",
            "september sept sep septembre septiembre settembre setembro września",
            "october oct oktober okt octobre octubre ottobre outubro października",
            "november nov novembre noviembre novembro listopada",
            "december dec dezember dez décembre decembre diciembre dic dicembre dezembro grudnia",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    "UTC": "+00:00", "GMT": "+00:00", "Z": "+00:00", "WET": "+00:00", "BST": "+01:00",
    "CET": "+01:00", "CEST": "+02:00", "EET": "+02:00", "EEST": "+03:00",
    "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00",
    "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
_REGIONS = {
    "ET": "America/New_York", "CT": "America/Chicago",
    "MT": "America/Denver", "PT": "America/Los_Angeles",
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d(?!\d|,?\s*(?:19|20)\d\d|\s*[:.h]\s*\d|\s*[ap]\.?m))"
_DATE = re.compile(
    rf"""(?<![\w/.])(?:
    (?P<iy>(?:19|20)\d\d)[-/.](?P<im>\d\d?)[-/.](?P<id>\d\d?)(?!\d)
  | (?P<am>{_MONTH})\b\.?\s*(?P<ad>\d\d?)(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(?:of\s+)?(?P<ay>{_YEAR}))?
  | (?P<bd>\d\d?)(?:st|nd|rd|th|\.|º|er)?[\s-]+(?:of\s+|de\s+)?(?P<bm>{_MONTH})\b\.?(?!\s*\d\d?(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d)
      (?:,?[\s-]+(?:de\s+|del\s+)?(?P<by>{_YEAR}))?
  | (?P<na>\d\d?)(?P<sep>[/.-])(?P<nb>\d\d?)(?P=sep)(?P<ny>(?:19|20)?\d\d)(?!\d)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = (
    r"(?P<h>\d\d?)(?:[:.h](?P<mi>\d\d)(?:[:.](?P<s>\d\d)(?:\.\d+)?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?(?:\s+Uhr)?"
    r"(?:\s*\(?(?P<zone>[+-]\d\d:?\d\d|(?-i:UTC|GMT|Z|[A-Z]{1,3}T|BST)\b)\)?)?(?!\d)"
)
_AFTER = re.compile(
    rf"(?:[\s,|@/·•–—(-]|\b(?:at|um|à|om|o|às|alle|a\ las|kl)\b|T(?=\d))*{_CLOCK}", re.IGNORECASE
)
_BEFORE = re.compile(rf"(?<![\w:]){_CLOCK}(?:[\s,|@/·•–—-]|\b(?:on|am|le|el)\b)*$", re.IGNORECASE)
_ALONE = re.compile(rf"(?<![\w:]){_CLOCK}", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s*$", re.IGNORECASE
)
_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|mos?|months?|y|yrs?|years?)"
_RELATIVE = re.compile(
    rf"""(?<!\w)(?:
    (?:about\ |over\ |almost\ |less\ than\ )?(?:(?:\d+|an?|one)\ ?{_UNIT}(?:,\ |\ and\ |\ )?){{1,3}}ago
  | vor\ (?:\d+|einer|einem)\ (?:Sekunden?|Minuten?|Stunden?|Tag(?:en?)?|Wochen?|Monat(?:en?)?|Jahr(?:en?)?)
  | just\ now | moments?\ ago
  | (?:yesterday|today)(?:,?\ (?:at\ )?\d\d?:\d\d(?:\ ?[ap]\.?m\.?)?)?
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


class Stamp(NamedTuple):
    """A date found at `start` to `end` of a line; `iso` is empty where its time is unknown."""

    start: int
    end: int
    iso: str = ""
    region: str = ""


def find(line: str) -> Stamp | None:
    """Return the first date in a line, or None."""
    found = next((m for m in _DATE.finditer(line) if _day(m) is not None), None)
    if found is None:
        loose = _RELATIVE.search(line) or next((m for m in _ALONE.finditer(line) if _told(m)), None)
        return Stamp(*loose.span()) if loose else None
    start, end = found.span()
    clock = _AFTER.match(line, end)
    if clock is not None and _told(clock):
        end = clock.end()
    else:
        clock = _BEFORE.search(line, 0, start)
        clock = clock if clock is not None and _told(clock) else None
        start = clock.start() if clock else start
    weekday = _WEEKDAY.search(line, 0, start)
    start = weekday.start() if weekday else start
    day = _day(found)
    return Stamp(start, end, *_written(day, clock)) if day else Stamp(start, end)


def read(stamp: str, tz: str) -> datetime | None:
    """Return the aware UTC time a stamp means, or None; without an offset it is taken in `tz`."""
    stamp = " ".join(stamp[:200].split())
    if _ISO.match(stamp):
        return when(stamp, tz)
    found = find(stamp)
    return when(found.iso, found.region or tz) if found and found.iso else None


def _told(clock: re.Match[str]) -> bool:
    minutes, half = clock["mi"], clock["half"]
    return bool(minutes or half) and int(clock["h"]) < 24 and int(minutes or 0) < 60


def _day(found: re.Match[str]) -> str | None:
    # "" is a date of an unknown year; None is no date at all.
    part = found.groupdict()
    if part["iy"]:
        year, month, day = part["iy"], int(part["im"]), int(part["id"])
    elif part["am"]:
        year, month, day = part["ay"], _MONTHS[part["am"].lower()], int(part["ad"])
    elif part["bm"]:
        year, month, day = part["by"], _MONTHS[part["bm"].lower()], int(part["bd"])
    else:
        year, first, second = part["ny"], int(part["na"]), int(part["nb"])
        month, day = (first, second) if part["sep"] == "/" else (second, first)
        if month > 12:
            month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if not year:
        return ""
    year = year.lstrip("'")
    if len(year) == 2:
        year = ("19" if int(year) >= 90 else "20") + year
    return f"{year}-{month:02}-{day:02}"


def _written(day: str, clock: re.Match[str] | None) -> tuple[str, str]:
    if clock is None:
        return day, ""
    hour, half = int(clock["h"]), (clock["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    named = clock["zone"] or ""
    offset = _ZONES.get(named, named if named[:1] in ("+", "-") else "")
    stamp = f"{day} {hour:02}:{clock['mi'] or '00'}:{clock['s'] or '00'}{offset}"
    return stamp, _REGIONS.get(named, "")
