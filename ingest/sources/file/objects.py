"""JSON in files: one object a line, or a document with all of them in a list."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from ingest.source import Reject, Response
from ingest.sources.x.archive import is_x

ITEMS = 20_000
"""Items of a document that make one answer."""

_DECODER = msgspec.json.Decoder()
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_ASSIGNED = re.compile(rb"\s*(?:window\.|var\s)[\w.$]{1,200}\s*=")
_LISTS = ("data", "posts", "comments", "items", "results", "reviews", "messages", "statuses")


class Rows(msgspec.Struct):
    """Decoded values with where each stands, counted from 0, and what couldn't be decoded."""

    values: list[Any]
    places: Sequence[int]
    rejects: list[Reject] = []
    lines: int = 0
    more: bool = False


def read_lines(body: bytes, path: str, first: int) -> Rows:
    """Return the values of a chunk of lines, the first of which is line `first` of the file."""
    count = body.count(b"\n") + (not body.endswith(b"\n") and bool(body))
    try:
        values = _DECODER.decode_lines(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        values = []
    if len(values) == count:
        return Rows(values, range(count), lines=count)
    places: list[int] = []
    rows = Rows([], places, lines=count)
    for place, line in enumerate(body.split(b"\n")):
        if not line.strip():
            continue
        try:
            rows.values.append(decode(line))
            places.append(place)
        except ValueError as error:
            rows.rejects.append(
                Reject(where=f"{path}:{first + place}", reason=str(error), raw=shown(line))
            )
    return rows


def decode(line: bytes) -> Any:
    """Return the value of some JSON; ValueError says in plain words why there is none."""
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    # The standard library takes what strangers write: halves of characters, NUL, NaN.
    try:
        return json.loads(line.decode(), strict=False)
    except UnicodeDecodeError:
        message = "this line isn't UTF-8"
    except RecursionError:
        message = "this is nested too deep"
    except ValueError as error:
        at = f" (at character {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
        message = f"this isn't JSON, or it is cut short{at}"
    raise ValueError(message)


def shown(raw: bytes) -> str:
    """Return the first of what couldn't be read."""
    return raw[:2_000].decode("utf-8", "replace").strip()[:500]


def read_document(response: Response, item: int) -> Rows:
    """Return up to `ITEMS` values of a whole JSON document, from number `item` on."""
    body = response.body
    assigned = _ASSIGNED.match(body)
    body = body[assigned.end() :].strip().removesuffix(b";") if assigned else body
    try:
        raws: list[Any] = _RAWS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raws = _listed(response, body)
    part = raws[item : item + ITEMS]
    places: list[int] = []
    rows = Rows([], places, more=item + ITEMS < len(raws))
    for place, raw in enumerate(part, item):
        try:
            rows.values.append(decode(bytes(raw)) if isinstance(raw, msgspec.Raw) else raw)
            places.append(place)
        except ValueError as error:
            where = f"{response.url}, item {place + 1}"
            rows.rejects.append(Reject(where=where, reason=str(error), raw=shown(bytes(raw))))
    return rows


def _listed(response: Response, body: bytes) -> list[Any]:
    try:
        found = decode(body)
    except ValueError as error:
        message = f"the file isn't one JSON document, or it is cut short: {error}"
        raise response.trouble(message, "nothing of it was read; mend it, or save JSONL") from None
    if isinstance(found, list):
        return found
    if not isinstance(found, dict):
        message = "the file holds a single JSON value, no posts"
        raise response.trouble(message, "check that it is the right file")
    if is_x(found):
        return [found]
    for value in [*(found.get(key) for key in _LISTS), *found.values()]:
        if isinstance(value, list) and any(isinstance(item, dict) for item in value[:20]):
            return value
    return [found]
