"""
Secrets: values that show themselves to nobody but whoever asks for them by name.

What has ever been one in this process is known here, so that it can be struck out of messages, of logs
and of tracebacks, also where somebody else's library wrote it down: as it is, as part of an address,
or in Base64.
"""

from __future__ import annotations

import base64
import logging
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

STRUCK = "[secret]"

SHORTEST = 6
"""Characters: what is shorter stands in too many harmless words to be struck out of them."""

_known: dict[str, tuple[str, ...]] = {}


class Secret:
    """One value. It is never printed, formatted, pickled, encoded or compared by chance; `reveal` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        know([value])

    def reveal(self) -> str:
        """Return the value, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({STRUCK})"

    def __str__(self) -> str:
        return STRUCK

    def __format__(self, spec: str) -> str:
        return format(STRUCK, spec)

    def __reduce__(self) -> NoReturn:
        message = "a secret can't be pickled or copied into anything"
        raise TypeError(message)


def know(values: Iterable[str]) -> None:
    """Let these be struck out from now on, in all their spellings."""
    for value in values:
        if len(value) >= SHORTEST and value not in _known:
            _known[value] = _spellings(value)
            know(_way(value))


def redacted(text: str) -> str:
    """Return a text with every known secret struck out."""
    for spellings in tuple(_known.values()):
        for one in spellings:
            if one in text:
                text = text.replace(one, STRUCK)
    return text


def guard_logs() -> None:
    """Strike secrets out of everything that is logged in this process, and of tracebacks nobody caught."""
    if getattr(logging.getLogRecordFactory(), "strikes_out", False):
        return
    make = logging.getLogRecordFactory()

    def made(*args: Any, **said: Any) -> logging.LogRecord:
        return _struck(make(*args, **said))

    made.strikes_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(made)
    sys.excepthook = _told


def _struck(record: logging.LogRecord) -> logging.LogRecord:
    try:
        said = record.getMessage()
    except (TypeError, ValueError):
        said, record.args = f"{record.msg} {record.args}", None
        record.msg = redacted(said)
    if redacted(said) != said:
        # Some formatters take the arguments apart, so they stay where striking them out is enough.
        if isinstance(record.args, tuple):
            record.args = tuple(
                redacted(one) if isinstance(one, str) else one for one in record.args
            )
        if redacted(record.getMessage()) != record.getMessage():
            record.msg, record.args = redacted(said), None
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = redacted("".join(traceback.format_exception(*record.exc_info)).rstrip())
    return record


def _told(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, where))))


def _way(value: str) -> list[str]:
    """Return what is secret by itself in a secret that is an address, as a chat's is."""
    scheme, is_address, rest = value.partition("://")
    way = rest.partition("/")[2]
    return [way, way.rpartition("/")[2]] if is_address and scheme.isalpha() else []


def _spellings(value: str) -> tuple[str, ...]:
    raw = value.encode()
    found = {value, quote(value), quote(value, safe=""), quote_plus(value), repr(value)[1:-1]}
    # In Base64 a value stands in one of three forms, as it begins at the first, second or third byte.
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        inside = coded[(0, 2, 3)[shift] :].rstrip("=")
        found.add(inside[: -1 if (len(raw) + shift) % 3 else None])
        found.add(
            inside[: -1 if (len(raw) + shift) % 3 else None].replace("+", "-").replace("/", "_")
        )
    return tuple(sorted(filter(lambda one: len(one) >= SHORTEST, found), key=len, reverse=True))
