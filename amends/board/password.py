"""Passwords: hashed by argon2id, long enough, and not one that everybody tries first."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10

_COMMON = frozenset(
    f"{word}{end}"
    for word in ("password", "passwort", "qwertyuiop", "1234567890", "administrator", "letmein",
                 "welcome", "iloveyou", "changeme", "amends", "football", "sunshine", "monkey")
    for end in ("", "1", "12", "123", "1234", "12345", "!", "2024", "2025", "2026")
)  # fmt: skip


@cache
def _hasher() -> PasswordHasher:
    # 19 MiB, two passes: what OWASP's sheet asks for at least.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys() -> str:
    return hashed("nobody has this password, but checking it takes as long")


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Return whether a password is the one kept; without one it takes as long to say no."""
    try:
        return _hasher().verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def weak(password: str) -> str:
    """Return what is wrong with a password, in a sentence; nothing if it will do."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words are easiest to remember."
    if password.lower() in _COMMON or len(set(password)) < 4:
        return "Everybody tries that one first. Use a few words that don't belong together."
    return ""
