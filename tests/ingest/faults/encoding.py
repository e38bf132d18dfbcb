"""Twelve ways to pack or spell a body wrongly: unpacked within bounds, or refused as not readable."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.ingest.faults.body import body_of
from tests.ingest.faults.fault import CHANGED, KEPT, TOLD, Fault, Says, Scene

_CHARSETS = ("utf-16", "koi8-r", "punycode", "unicode_escape", "no-such-charset")
_LOGIN = (
    b'<!doctype html><html><head><title>Sign in</title></head><body><form action="/login">'
    b'<input name="user"><input type="password" name="word"></form></body></html>'
)


@cache
def _bomb() -> bytes:
    squeeze = zlib.compressobj(9, wbits=31)
    return b"".join([*(squeeze.compress(b" " * 2**20) for _ in range(100)), squeeze.flush()])


def _packed(coding: str, pack: Callable[[bytes], bytes]) -> Says:
    return lambda scene: scene.good.whole(pack(scene.good.body), f"Content-Encoding: {coding}")


def _bad_sum(body: bytes) -> bytes:
    whole = bytearray(gzip.compress(body))
    whole[-6] ^= 0xFF
    return bytes(whole)


def _spelled(scene: Scene, charset: str, body: bytes) -> bytes:
    kind = {"json": "application/json", "xml": "application/xml", "html": "text/html"}
    said = f"Content-Type: {kind[scene.good.kind]}" + (f"; charset={charset}" if charset else "")
    return scene.good.whole(body, said, drop=("content-type",))


def _wrong_charset(scene: Scene) -> bytes:
    return _spelled(scene, _CHARSETS[scene.place % len(_CHARSETS)], scene.good.body)


def _utf_7(scene: Scene) -> bytes:
    return _spelled(scene, "utf-7", body_of(scene.good).insert("+ADw-b+AD4-"))


def _utf_16(scene: Scene) -> bytes:
    return _spelled(scene, "", scene.good.body.decode().encode("utf-16"))


def _bad_utf_8(scene: Scene) -> bytes:
    body = body_of(scene.good).insert("@bad@")
    return scene.good.whole(body.replace(b"@bad@", b"\xff\xc3\x28\xed\xa0\x80"))


def _login(scene: Scene) -> bytes:
    drop = ("content-type", "link", "etag", "last-modified")
    return scene.good.whole(_LOGIN, "Content-Type: text/html", drop=drop)


def _fault(name: str, says: Says, *ends: str, **said: Any) -> Fault:
    return Fault(name=name, group="encoding", says=says, ends=frozenset(ends or [CHANGED]), **said)


FAULTS = (
    _fault("bomb-1-to-1000", _packed("gzip", lambda body: _bomb())),
    _fault("gzip-in-gzip", _packed("gzip, gzip", lambda body: gzip.compress(gzip.compress(body)))),
    _fault("unknown-encoding", _packed("snappy", lambda body: body)),
    _fault("gzip-that-is-none", _packed("gzip", lambda body: body)),
    _fault("gzip-without-trailer", _packed("gzip", lambda body: gzip.compress(body)[:-8])),
    _fault("gzip-with-bad-sum", _packed("gzip", _bad_sum)),
    _fault("wrong-charset", _wrong_charset, KEPT, CHANGED),
    _fault("utf-7", _utf_7, KEPT, CHANGED, looks="+ADw-b+AD4-", needs_posts=True),
    _fault("utf-16-with-mark", _utf_16, KEPT, CHANGED),
    _fault("bad-utf-8", _bad_utf_8, KEPT, CHANGED, needs_posts=True),
    _fault("empty-200", lambda scene: scene.good.whole(b"")),
    # Where a source has another way in, it may take it, as long as it says so.
    _fault("login-page", _login, CHANGED, TOLD),
)
