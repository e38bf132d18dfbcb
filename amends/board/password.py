"""
Passwords: hashed by argon2id, long enough, and not one that everybody tries first.

What everybody tries is told by rule, not by a list copied from a leak: a common word or a walk over the
keyboard, however often repeated, whatever stands around it, with letters written as digits.
"""

from __future__ import annotations

import re
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10

_WORDS = frozenset([
    "password", "passwort", "passwd", "secret", "geheim", "letmein", "welcome", "willkommen",
    "login", "admin", "administrator", "root", "user", "guest", "test", "default", "changeme",
    "change", "master", "iloveyou", "love", "princess", "sunshine", "football", "baseball",
    "soccer", "hockey", "monkey", "dragon", "shadow", "superman", "batman", "pokemon",
    "starwars", "whatever", "trustno", "freedom", "hello", "hallo", "ninja", "mustang",
    "cheese", "summer", "winter", "spring", "autumn", "sommer", "herbst", "monday", "friday",
    "january", "company", "office", "internet", "computer", "service", "support", "amends",
    "incident",
])  # fmt: skip

_WALKS = (
    "01234567890123456789", "abcdefghijklmnopqrstuvwxyzabc", "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p", "zaqxswcdevfrbgtnhymju", "!@#$%^&*()_+",
)  # fmt: skip
_DIGITS = str.maketrans("0134578@$!", "oieastbasi")

_AT_ONCE = BoundedSemaphore(2)
"""Each takes 19 MiB and a core for a while: a flood of guesses must not take all there is."""


@cache
def _hasher() -> PasswordHasher:
    # 19 MiB, two passes: what OWASP's sheet asks for at least.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password, but checking it takes as long")


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    with _AT_ONCE:
        return _hasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Return whether a password is the one kept; without one it takes as long to say no."""
    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def weak(password: str, name: str = "") -> str:
    """Return what is wrong with a password, in a sentence; nothing if it will do."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words are easiest to remember."
    lower = password.lower()
    if name and name.lower() in lower and len(lower) - len(name) < SHORTEST:
        return "That is your name. Use a few words that don't belong together."
    if len(set(lower)) < 5 or _is_walk(lower) or _is_common(lower):
        return "Everybody tries that one first. Use a few words that don't belong together."
    return ""


def _is_common(lower: str) -> bool:
    """Whether it is a common word or two, or one word again and again, with what stands around it."""
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lower)
    for spelled in (lower, lower.translate(_DIGITS), trimmed.translate(_DIGITS)):
        for bare in (re.sub(r"[\W\d_]+", "", spelled), re.sub(r"[\W_]+", "", spelled)):
            if bare in _WORDS or _is_walk(bare):
                return True
            heads = (bare[:at] for at in range(3, len(bare)))
            if any(h in _WORDS and _rest_is_common(bare[len(h) :]) for h in heads):
                return True
    return False


def _rest_is_common(rest: str) -> bool:
    return rest in _WORDS or _is_walk(rest) or len(set(rest)) < 3


def _is_walk(text: str) -> bool:
    """Whether it is a walk over the keyboard or the alphabet, there or back, or a few of them."""
    if len(text) < 3:
        return False
    steps = [text[at : at + 3] for at in range(len(text) - 2)]
    along = sum(any(s in walk or s[::-1] in walk for walk in _WALKS) for s in steps)
    return along >= 0.7 * len(steps)
