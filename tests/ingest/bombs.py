"""Answers made to fill our memory or to hold us for ever: each writes to a connection until it ends."""

from __future__ import annotations

import gzip
import itertools
import socket
import time
import zlib
from collections.abc import Callable, Iterable

from tests.ingest.loopback import Told, says

HEAD = b"HTTP/1.1 200 OK\r\n"
ZEROS = bytes(1024**2)
BIG = 300
"""MiB a packed bomb unfolds to."""


def _packed(wbits: int) -> bytes:
    squeeze = zlib.compressobj(9, wbits=wbits)
    return b"".join([*(squeeze.compress(ZEROS) for _ in range(BIG)), squeeze.flush()])


def _coded(body: bytes, coding: str) -> bytes:
    return says(body, "200 OK", f"Content-Encoding: {coding}")


def pours(begin: bytes, more: Callable[[], Iterable[bytes]]) -> Told:
    """Return an answer that begins so and never ends of itself."""

    def pour(connection: socket.socket) -> None:
        connection.sendall(begin)
        for block in more():
            connection.sendall(block)

    return pour


def _for_ever(block: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.repeat(block)


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n" % len(body) + body + b"\r\n"


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"
GZIPPED = HEAD + b"Content-Encoding: gzip\r\n\r\n"
_EMPTY_BLOCKS = b"\x00\x00\x00\xff\xff" * 10_000
_BEGUN = gzip.compress(b"")[:10]


def bombs() -> dict[str, Told]:
    """Return every kind by its path."""
    once = _packed(31)
    chunks = [_chunk(once[at : at + 1_000]) for at in range(0, len(once), 1_000)]
    return {
        "/gzip": _coded(once, "gzip"),
        "/deflate": _coded(_packed(15), "deflate"),
        "/raw-deflate": _coded(_packed(-15), "deflate"),
        "/gzip-gzip": _coded(gzip.compress(once), "gzip, gzip"),
        "/gzip-in-gzip-in-gzip": _coded(gzip.compress(gzip.compress(once)), "gzip,gzip,gzip"),
        "/brotli": _coded(once, "br"),
        "/zstd": _coded(once, "zstd"),
        "/plain": pours(HEAD + b"\r\n", _for_ever(ZEROS)),
        "/promised": pours(HEAD + b"Content-Length: 1000000000000000\r\n\r\n", _for_ever(ZEROS)),
        "/chunks": pours(CHUNKED + b"\r\n", _for_ever(_chunk(ZEROS))),
        "/gzip-chunks": pours(CHUNKED + b"Content-Encoding: gzip\r\n\r\n", lambda: chunks),
        "/after-the-end": pours(GZIPPED + gzip.compress(b"x"), _for_ever(ZEROS)),
        "/members": pours(GZIPPED, _for_ever(gzip.compress(ZEROS) * 50)),
        "/gzip-name": pours(GZIPPED + b"\x1f\x8b\x08\x08" + bytes(6), _for_ever(b"a" * 65_536)),
        "/empty-blocks": pours(GZIPPED + _BEGUN, _for_ever(_EMPTY_BLOCKS)),
        "/headers": pours(HEAD, _for_ever(b"X-A: b\r\n" * 1_000)),
        "/header": pours(HEAD + b"X-A: ", _for_ever(b"a" * 65_536)),
        "/early-hints": pours(b"", _for_ever(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)),
        "/chunk-size": pours(CHUNKED + b"\r\n1;", _for_ever(b"a" * 65_536)),
        "/trailers": pours(CHUNKED + b"\r\n0\r\n", _for_ever(b"X-A: b\r\n" * 1_000)),
        "/cookies": says(b"ok", "200 OK", *(f"Set-Cookie: c{n}={'x' * 40}" for n in range(1_000))),
        "/redirect": pours(
            b"HTTP/1.1 302 Found\r\nLocation: /redirect\r\n\r\n", _for_ever(ZEROS)
        ),
    }  # fmt: skip


def _drip(begin: bytes, drop: bytes) -> Told:
    def drops() -> Iterable[bytes]:
        while True:
            time.sleep(0.05)
            yield drop

    return pours(begin, drops)


def _nothing(connection: socket.socket) -> None:
    connection.settimeout(20)
    connection.recv(1)


SLOW: dict[str, Told] = {
    "/silent": _nothing,
    "/slow-status": _drip(b"HTTP/1.1 ", b" "),
    "/slow-header": _drip(HEAD + b"X-A: ", b"a"),
    "/slow-headers": _drip(HEAD, b"X-A: b\r\n"),
    "/slow-body": _drip(HEAD + b"\r\n", b"."),
    "/slow-promise": _drip(HEAD + b"Content-Length: 1000000\r\n\r\n", b"."),
    "/slow-chunks": _drip(CHUNKED + b"\r\n", b"1\r\n.\r\n"),
    "/slow-gzip": _drip(GZIPPED + _BEGUN, b"\x00\x00\x00\xff\xff"),
    "/slow-hints": _drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "/slow-redirects": _drip(b"HTTP/1.1 302 Found\r\nLocation: /slow-body\r\n", b"X-A: b\r\n"),
}
"""Answers that trickle."""
