"""Twenty answers by status: wait, stop or mend, and nothing that is missing counts as silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from tests.ingest.faults.fault import (
    BUSY,
    CHANGED,
    KEPT,
    REFUSED,
    TOLD,
    Fault,
    Play,
    Says,
    Scene,
)
from tests.ingest.faults.line import Line
from tests.recorded import NOW

_HTML = "Content-Type: text/html"
_SORRY = b"<!doctype html><html><head><title>Sorry</title></head><body><h1>Sorry</h1></body></html>"
_CAPPED = (
    b'{"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap",'
    b' "type": "https://api.twitter.com/2/problems/usage-capped"}'
)
_CODES = ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent")
_HUGE = ("Retry-After: 99999999999999999999999", "Retry-After: NaN", "Retry-After: \xb2")
_DAY = 24 * 3_600.0


def _says(status: str, *headers: str, body: bytes = _SORRY) -> Says:
    def make(scene: Scene) -> bytes:
        drop = ("etag", "last-modified", "link", "content-type")
        return scene.good.whole(body, *(headers or (_HTML,)), status=status, drop=drop)

    return make


def _part(scene: Scene) -> bytes:
    size = len(scene.good.body)
    part = scene.good.body[: size // 2]
    span = f"Content-Range: bytes 0-{len(part) - 1}/{size}"
    return scene.good.whole(part, span, status="206 Partial Content")


def _not_modified(scene: Scene) -> bytes:
    return scene.good.head(status="304 Not Modified")


def _to(place: Callable[[Scene, str], str]) -> Play:
    """Return a redirect whose code changes from source to source."""

    async def play(line: Line, scene: Scene) -> None:
        target = (await line.question()).target
        status = _CODES[scene.place % len(_CODES)]
        location = f"Location: {place(scene, target)}"
        await line.send(scene.good.whole(b"", location, status=status))

    return play


async def _hops(line: Line, scene: Scene) -> None:
    bare, _, number = (await line.question()).target.partition("&hop=")
    at = int(number or 0) + 1
    further = f"Location: {bare if '?' in bare else bare + '?'}&hop={at}"
    hop = scene.good.whole(b"", further, status=_CODES[scene.place % len(_CODES)])
    await line.send(hop if at <= 11 else scene.good.whole())


def _fault(name: str, says: Says | None, *ends: str, **said: Any) -> Fault:
    return Fault(name=name, group="status", says=says, ends=frozenset(ends), **said)


def _leads(name: str, play: Play, *ends: str, **said: Any) -> Fault:
    return _fault(name, None, *ends, play=play, **said)


def _limit(
    name: str, headers: Callable[[Scene], tuple[str, ...]], least: float, most: float
) -> Fault:
    def make(scene: Scene) -> bytes:
        drop = ("x-rate-limit-reset", "x-ratelimit-reset", "content-type")
        said = (_HTML, *headers(scene))
        return scene.good.whole(_SORRY, *said, status="429 Too Many Requests", drop=drop)

    return _fault(name, make, BUSY, waits=(least, most))


def _soon(seconds: float) -> str:
    return f"Retry-After: {format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)}"


FAULTS = (
    _fault("204", _says("204 No Content", body=b""), CHANGED),
    _fault("206-unasked", _part, CHANGED),
    # Nobody asked whether anything has changed, so “no” is no answer.
    _fault("304-unasked", _not_modified, CHANGED),
    _leads(
        "redirect-to-another-host", _to(lambda scene, target: scene.elsewhere + target), KEPT,
        with_secret=frozenset([REFUSED]),
    ),
    _leads(
        "https-to-http", _to(lambda scene, target: scene.plain + target), KEPT, REFUSED,
        with_secret=frozenset([REFUSED]), certificate="valid",
    ),
    _leads("redirect-loop", _to(lambda scene, target: target), REFUSED),
    _leads("11-hops", _hops, REFUSED),
    _leads("redirect-to-file", _to(lambda scene, target: "file:///etc/passwd"), REFUSED),
    # A source with another way in may take it, as long as it says so.
    _fault("401", _says("401 Unauthorized"), REFUSED, TOLD),
    _fault(
        "403-usage-capped",
        _says("403 Forbidden", "Content-Type: application/json", body=_CAPPED),
        REFUSED, TOLD,
    ),
    _fault("404", _says("404 Not Found"), REFUSED, TOLD),
    _fault("410", _says("410 Gone"), REFUSED, TOLD),
    _fault("413", _says("413 Content Too Large"), CHANGED, REFUSED),
    _limit("429-bare", lambda scene: (), 1, _DAY),
    _limit("429-in-seconds", lambda scene: ("Retry-After: 120",), 120, 140),
    _limit("429-by-date", lambda scene: (_soon(120),), 115, 140),
    _limit("429-in-the-past", lambda scene: (_soon(-3_600),), 0, 900),
    _limit("429-absurd", lambda scene: (_HUGE[scene.place % len(_HUGE)],), 1, _DAY),
    _fault(
        "503-retry-after", _says("503 Unavailable", "Retry-After: 120"), BUSY,
        waits=(120, 140),
    ),
    _fault("502-html", _says("502 Bad Gateway"), BUSY, waits=(1, _DAY)),
)  # fmt: skip
