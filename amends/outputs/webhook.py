"""
A program of your own: the event as JSON, signed the way of Standard Webhooks 1.0.

`webhook-id` is the event's id, the same at every try; `webhook-timestamp` is when this one was sent;
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. A key that begins
with `whsec_` is base64 behind that; any other is taken as it stands.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime

import msgspec

from amends.outputs.event import Event
from models.errors import SetupError

_PREFIX = "whsec_"


def webhook_body(event: Event) -> bytes:
    """Return the body: type, timestamp and data, the same bytes at every try."""
    at = event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    data = {"id": event.id, "incident": event.slug or None, "value": event.value}
    return msgspec.json.encode({"type": f"amends.{event.kind}", "timestamp": at, "data": data})


def webhook_headers(event: Event, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that say who sends this; SetupError for a key that can't be one."""
    stamp = str(int(now.timestamp()))
    signed = hmac.new(_key(secret), f"{event.id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": event.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        message = "the webhook's key begins with whsec_ but isn't base64 behind that"
        raise SetupError(message, "copy it again from the program that gave it") from error
