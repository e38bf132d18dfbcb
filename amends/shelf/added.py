"""Past incidents a home brings in itself: read from a file, kept in one in the home."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import msgspec

from amends.shelf.value import Precedent, offers_of
from models.campaign import HOWS
from models.errors import SetupError
from models.post import clean
from models.store.incidents import slug_of
from models.whole import sync

LARGEST = 5 << 20
"""Bytes of the largest file that is read."""

MOST = 1_000
"""Precedents a home may bring in."""

LONGEST, LONGEST_NAME, LONGEST_PLAIN = 500, 120, 45

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_HIGHEST = 1e6


class Rejected(NamedTuple):
    """A line that couldn't be taken, and why."""

    line: int
    why: str


def own(file: Path) -> list[Precedent]:
    """Return what a home brought in; SetupError if its file was spoilt."""
    if not file.is_file():
        return []
    try:
        rows = file.read_bytes().splitlines()
        return [msgspec.json.decode(row, type=Precedent) for row in rows if row.strip()]
    except (OSError, msgspec.MsgspecError) as error:
        message = f"{file.name} in the home can't be read: {error}"
        raise SetupError(
            message, "mend it, or move it away and bring your incidents in again"
        ) from error


def read(file: Path) -> tuple[list[Precedent], list[Rejected]]:
    """Return the precedents of a CSV or JSON Lines file, and the lines that are none."""
    try:
        size = file.stat().st_size
        text = file.read_bytes().decode("utf-8-sig") if size <= LARGEST else ""
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} can't be read: {error}"
        raise SetupError(message, "name a CSV or JSON Lines file in UTF-8") from error
    if size > LARGEST:
        message = f"{file} is larger than {LARGEST >> 20} MB"
        raise SetupError(message, "leave out what isn't a past incident")
    found: dict[str, Precedent] = {}
    rejected = []
    lines = _objects(text) if text.lstrip().startswith("{") else _table(text)
    for number, said in lines:
        try:
            one = _precedent(said)
            if one.name in found:
                _refuse("its title and date stand on an earlier line")
        except SetupError as error:
            rejected.append(Rejected(number, error.message))
            continue
        found[one.name] = one
    return list(found.values()), rejected


def keep(file: Path, fresh: list[Precedent]) -> None:
    """Keep precedents in a home's file; one of the same title and date is replaced."""
    kept = {one.name: one for one in own(file)} | {one.name: one for one in fresh}
    if len(kept) > MOST:
        message = f"a home brings in at most {MOST:,} past incidents"
        raise SetupError(message, "keep those that people compare with")
    _write(file, list(kept.values()))


def remove(file: Path, name: str) -> None:
    """Take one off the shelf again; SetupError if the home brought in none of that name."""
    kept = own(file)
    left = [one for one in kept if one.name != name]
    if len(left) == len(kept):
        message = f"nothing called “{name[:80]}” was brought in"
        raise SetupError(message, "amends shelf --as csv shows the names; measured ones stay")
    _write(file, left)


def _write(file: Path, rows: list[Precedent]) -> None:
    begun = file.with_suffix(".part")
    try:
        begun.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in rows))
        sync(begun)
        begun.replace(file)
    except OSError as error:
        message = f"can't write {file}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error


def _objects(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                said = msgspec.json.decode(line)
            except msgspec.DecodeError:
                said = None
            yield number, said if isinstance(said, dict) else "it isn't a JSON object"


def _table(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        for row in rows:
            more = "it has more cells than there are columns"
            yield (
                rows.line_num,
                more
                if None in row
                else {
                    name.strip().casefold(): value
                    for name, value in row.items()
                    if value is not None
                },
            )
    except csv.Error as error:
        yield rows.line_num, f"it isn't CSV: {error}"


def _precedent(said: dict[str, Any] | str) -> Precedent:
    if isinstance(said, str):
        _refuse(said)
    unknown = sorted(set(said) - set(_READERS))
    if unknown:
        _refuse(f"there is no “{clean(str(unknown[0]), 40)}”; known are {', '.join(_READERS)}")
    filled = {
        name: value for name, value in said.items() if value is not None and str(value).strip()
    }
    facts = {_FIELDS.get(name, name): _READERS[name](name, value) for name, value in filled.items()}
    if "title" not in facts:
        _refuse("it has no title")
    if not {"hours", "offers"} & set(facts):
        _refuse("it says neither how many hours it was down nor what was offered")
    facts["name"] = _name(facts["title"], facts.get("began", ""))
    hours = facts.get("hours")
    return Precedent(**({"kind": "brought in", "down": f"{hours:g} h" if hours else ""} | facts))


def _name(title: str, began: str) -> str:
    slug = slug_of(f"{title} {began}")
    # A slug drops what is long or in another script; two titles must not become one.
    mark = hashlib.blake2b(title.casefold().encode(), digest_size=3).hexdigest()
    return (
        slug
        if title.isascii() and len(title) <= LONGEST_PLAIN
        else f"{slug_of(title)[:40]}-{began}-{mark}"
    )


def _words(longest: int) -> Callable[[str, Any], str]:
    def read_words(name: str, value: Any) -> str:
        text = " ".join(clean(str(value)).split())
        if len(text) > longest:
            _refuse(f"{name} is longer than {longest} characters")
        return text

    return read_words


def _figure(name: str, value: Any) -> float:
    try:
        figure = float(str(value).strip())
    except ValueError:
        figure = -1.0
    if not isfinite(figure) or not 0 <= figure <= _HIGHEST or isinstance(value, bool):
        _refuse(f"{name} “{clean(str(value), 40)}” isn't a number from 0 on")
    return figure


def _hours(name: str, value: Any) -> float:
    figure = _figure(name, value)
    if not 0 < figure <= 8_760:
        _refuse("nothing is down for so many hours")
    return figure


def _count(name: str, value: Any) -> int:
    figure = _figure(name, value)
    if figure != int(figure):
        _refuse(f"{name} isn't a whole number")
    return int(figure)


def _day(_: str, value: Any) -> str:
    text = str(value).strip()
    if not _DATE.fullmatch(text):
        _refuse(f"“{clean(text, 40)}” isn't a day: write 2026-03-04, 2026-03 or 2026")
    try:
        date.fromisoformat((text + "-01-01")[:10] if len(text) == 4 else (text + "-01")[:10])
    except ValueError:
        _refuse(f"there is no day {text}")
    return text


def _way(_: str, value: Any) -> str:
    text = str(value).strip().casefold()
    if text not in HOWS:
        _refuse(f"“{clean(text, 40)}” is no way to get a credit: use {', '.join(HOWS)}")
    return text


def _offers(_: str, value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [value]
    return offers_of("; ".join(map(str, parts))[:200])


_NAME, _LINE = _words(LONGEST_NAME), _words(LONGEST)
_READERS: dict[str, Callable[[str, Any], Any]] = {
    "title": _NAME, "company": _NAME, "began": _day, "hours": _hours, "down": _NAME, "offer": _offers,
    "how": _way, "days": _count, "claim": _LINE, "said": _LINE, "source": _LINE, "first_word": _count,
    "peak": _figure, "requests": _figure, "half": _count, "tail": _count, "conflicts": _count,
    "missed": _count,
}  # fmt: skip
_FIELDS = {"offer": "offers"}


def _refuse(why: str) -> NoReturn:
    raise SetupError(why, "mend the line, and bring the file in again")
