"""Values as a spreadsheet may hold them: never a formula."""

from __future__ import annotations

from typing import Any

import msgspec

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a cell for a formula when it stands first."""


def cell(value: Any) -> str:
    """Return a value as text for a cell; one that would be a formula gets a ' in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(FORMULA) else text
