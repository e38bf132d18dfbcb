"""Twelve ways to break HTTP's framing: a cut answer is never the whole one."""

from __future__ import annotations

import itertools

from tests.ingest.faults.fault import BUSY, CHANGED, KEPT, TOLD, Fault, Says, Scene
from tests.ingest.faults.line import Line

_CHUNKED = "Transfer-Encoding: chunked"
_CUT = (BUSY, CHANGED, TOLD, KEPT)
"""Where nothing in HTTP shows the cut, the body must, unless no post was in the half that is gone."""


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n" % len(body) + body + b"\r\n"


def _half(scene: Scene) -> bytes:
    return scene.good.body[: len(scene.good.body) // 2]


def _short_length(scene: Scene) -> bytes:
    return scene.good.head(f"Content-Length: {len(_half(scene))}") + scene.good.body


def _cut_at_close(scene: Scene) -> bytes:
    return scene.good.head() + _half(scene)


def _cut_chunk(scene: Scene) -> bytes:
    body = scene.good.body
    return scene.good.head(_CHUNKED) + b"%x\r\n" % len(body) + _half(scene)


def _bad_chunk_size(scene: Scene) -> bytes:
    return scene.good.head(_CHUNKED) + _chunk(_half(scene)) + b"zz\r\n" + _half(scene)


def _no_last_chunk(scene: Scene) -> bytes:
    return scene.good.head(_CHUNKED) + _chunk(scene.good.body)


def _bad_trailer(scene: Scene) -> bytes:
    return scene.good.head(_CHUNKED) + _chunk(scene.good.body) + b"0\r\nno trailer at all\r\n\r\n"


def _bytes_after(scene: Scene) -> bytes:
    return scene.good.whole() + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore"


def _two_lengths(scene: Scene) -> bytes:
    lengths = f"Content-Length: {len(_half(scene))}", f"Content-Length: {len(scene.good.body)}"
    return scene.good.head(*lengths) + scene.good.body


def _length_and_chunks(scene: Scene) -> bytes:
    head = scene.good.head(f"Content-Length: {len(_half(scene))}", _CHUNKED)
    return head + _chunk(scene.good.body) + b"0\r\n\r\n"


def _huge_headers(scene: Scene) -> bytes:
    return scene.good.whole(None, *(f"X-Filler-{n}: {'x' * 8_000}" for n in range(260)))


def _split_header(scene: Scene) -> bytes:
    return scene.good.whole(None, "X-A: b\rSet-Cookie: c=d\n\tX-B: e", "X-C: f\x00g")


async def _hints(line: Line, scene: Scene) -> None:
    await line.question()
    for _ in itertools.repeat(None):
        await line.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 20, pause=0.001)


def _fault(name: str, says: Says, *ends: str) -> Fault:
    return Fault(name=name, group="framing", says=says, ends=frozenset(ends))


FAULTS = (
    _fault("short-content-length", _short_length, *_CUT),
    _fault("cut-at-close", _cut_at_close, *_CUT),
    _fault("cut-chunk", _cut_chunk, BUSY),
    _fault("bad-chunk-size", _bad_chunk_size, BUSY),
    _fault("no-last-chunk", _no_last_chunk, BUSY),
    _fault("bad-trailer", _bad_trailer, BUSY, KEPT),
    _fault("bytes-after-body", _bytes_after, KEPT),
    _fault("two-content-lengths", _two_lengths, BUSY, CHANGED),
    # By the standard the chunks count; an answer smuggled that way may be refused as well.
    _fault("length-and-chunks", _length_and_chunks, BUSY, KEPT),
    Fault(name="1xx-flood", group="framing", play=_hints, ends=frozenset([BUSY]), slow=True),
    _fault("headers-2mb", _huge_headers, BUSY),
    _fault("line-break-in-header", _split_header, BUSY, KEPT),
)
