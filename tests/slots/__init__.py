"""
Secrets that can be found again: one for every slot a secret of ours comes from, marked by bytes of its own.

Tests that need a secret take theirs from here. With `TESTS_SLOTS` set to a folder (`make trust PART=secrets`)
the whole suite also finds them in its environment, what Amends makes itself is marked too, everything is
logged at DEBUG, and whatever was written is searched.
"""

from __future__ import annotations

import base64

MARK = "kAnArIeVoGeL"
"""Letters only: they stay what they are in an address, in JSON, in a log."""

NAMES = (
    "X token", "Slack address", "Teams address", "webhook secret", "SMTP password", "monitor's signing secret",
    "PostgreSQL password", "proxy password", "password of a person",
    "session cookie", "invitation", "API token", "monitor's address", "audit key", "erasure key", "authors' key",
)  # fmt: skip
"""The slots; a canary's number is its place here."""

ENVIRONMENT = {
    "X_BEARER_TOKEN": "X token",
    "SLACK_WEBHOOK": "Slack address",
    "TEAMS_WEBHOOK": "Teams address",
    "WEBHOOK_SECRET": "webhook secret",
    "SMTP_PASSWORD": "SMTP password",
    "AMENDS_HOOK_PD": "monitor's signing secret",
    "PGPASSWORD": "PostgreSQL password",
}
"""Which of them every process finds in its environment."""

MADE = {
    ("models.store.people", "log_in"): "session cookie",
    ("models.store.people", "invite"): "invitation",
    ("models.store.people", "grant"): "API token",
    ("models.store.monitors", "add"): "monitor's address",
    ("models.seal", "_make_key"): "audit key",
    ("models.marks", "made_marks"): "erasure key",
    ("models.authors_key", "_write"): "authors' key",
}
"""Which of them Amends makes itself, by the function that does."""

SHOWN = frozenset({"invitation", "API token", "monitor's address"})
"""What is printed once, for the person it is made for."""

KEPT_IN = ("secrets.env", "audit.key", "erasure.key", "authors.key")
"""Files whose purpose it is to hold secrets, mode 600."""


def canary(slot: str) -> str:
    """Return the canary of a slot: letters and digits, so that it fits anywhere."""
    return f"{MARK}{NAMES.index(slot):02d}x"


def odd(slot: str) -> str:
    """Return the canary of a slot with characters that look other in an address, in JSON and in Base64."""
    return canary(slot) + "+/9=&%"


def spellings(value: str) -> set[bytes]:
    """Return how letters and digits may lie in a file: as they are, in hex, in Base64 of either alphabet."""
    raw = value.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)[(0, 2, 3)[shift] :].rstrip(b"=")
        inside = coded[: -1 if (len(raw) + shift) % 3 else None]
        found |= {inside, inside.translate(bytes.maketrans(b"+/", b"-_"))}
    return found
