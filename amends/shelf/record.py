"""The public record: precedents others wrote down, shipped as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from amends.shelf.value import Precedent

FILE = Path(__file__).with_name("record.toml")


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    precedent: list[dict[str, object]]


@cache
def record() -> tuple[Precedent, ...]:
    """Return the precedents of the public record, in the order of the file."""
    found = msgspec.toml.decode(FILE.read_bytes(), type=_Record)
    return tuple(
        msgspec.convert(one | {"kind": "public record"}, Precedent) for one in found.precedent
    )
