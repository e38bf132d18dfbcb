"""How far a post carries, in SQL."""

from __future__ import annotations

_CAP = 1_000_000_000_000


def _capped(column: str) -> str:
    # Numbers are what strangers' servers say: none below nothing, none that overflows a sum.
    return f"CASE WHEN {column} > {_CAP} THEN {_CAP} WHEN {column} > 0 THEN {column} ELSE 0 END"


REACH = (
    f"({_capped('author_followers')} + 10 * ({_capped('reposts')}) + ({_capped('views')}) / 100)"
)
"""
Followers of its author, plus ten for every repost, plus one for every hundred views. What a source doesn't
tell counts as nothing.
"""
