"""Mail addresses as people write them in settings: a name maybe, and where it goes."""

from __future__ import annotations

from email.headerregistry import Address
from email.utils import parseaddr


def mail_address(text: str) -> Address:
    """Return the address in `Amends <amends@company.example>` or alone; ValueError if there is none."""
    name, spec = parseaddr(text)
    try:
        found = Address(display_name=name, addr_spec=spec)
    except Exception:  # noqa: BLE001  the parser has many ways to say no
        found = Address()
    good = found.username and found.domain and text.isprintable() and spec.isascii()
    if not good or " " in spec or text.count("<") > 1 or "," in text.removeprefix(f'"{name}"'):
        message = f"“{text}” isn't one mail address"
        raise ValueError(message)
    return found
