"""Text of files that don't keep to UTF-8."""

from __future__ import annotations

FOREIGN = "some of it isn't UTF-8 and was read as Windows-1252; look whether accents came out right"


def decoded(line: bytes) -> tuple[str, bool]:
    """Return the text of some bytes, and whether they were in an older encoding than UTF-8."""
    try:
        return line.decode(), False
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp1252"), True
    except UnicodeDecodeError:
        return line.decode("latin-1"), True
