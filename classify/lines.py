"""Lines of a JSON Lines stream, numbered and of bounded length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

LONGEST = 16 * 1024 * 1024
"""Bytes of the longest line taken; a longer one is no post."""

TOO_LONG = f"longer than {LONGEST // 1024 // 1024} MB"

_BOM = b"\xef\xbb\xbf"


def numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """
    Yield (number, line) for each line that isn't blank; None stands for one too long.

    Only a line feed ends a line: a text may hold U+2028, which `str.splitlines` takes for one.
    """
    number = 0
    while line := stream.readline(LONGEST):
        number += 1
        whole = len(line) < LONGEST or line.endswith(b"\n")
        if not whole:
            while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield number, None
            continue
        if number == 1:
            line = line.removeprefix(_BOM)
        if line.strip():
            yield number, line
