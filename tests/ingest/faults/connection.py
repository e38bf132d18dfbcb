"""Twelve faults of the connection itself: nothing was said, so all of them mean wait."""

from __future__ import annotations

from typing import Any

from tests.ingest.faults.fault import BUSY, KEPT, Fault, Play, Scene
from tests.ingest.faults.line import Line


async def _reset_on_accept(line: Line, _: Scene) -> None:
    line.reset()


async def _reset_in_headers(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.head()[:40], pause=0.05)
    line.reset()


async def _reset_in_body(line: Line, scene: Scene) -> None:
    await line.question()
    whole = scene.good.whole()
    await line.send(whole[: -len(scene.good.body) // 2], pause=0.05)
    line.reset()


async def _ends_before_headers(line: Line, _: Scene) -> None:
    await line.question()


async def _half_open(line: Line, _: Scene) -> None:
    await line.question()
    await line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await line.hush()


def _fault(name: str, play: Play | None = None, **said: Any) -> Fault:
    return Fault(name=name, group="connection", play=play, **{"ends": frozenset([BUSY])} | said)


FAULTS = (
    _fault("refused", door="refused"),
    _fault("blackhole", door="full", slow=True),
    _fault("no-such-host", door="nowhere"),
    _fault("mute-resolver", door="mute", slow=True),
    _fault("reset-on-accept", _reset_on_accept),
    _fault("reset-in-headers", _reset_in_headers),
    _fault("reset-in-body", _reset_in_body),
    _fault("fin-before-headers", _ends_before_headers),
    # An expired certificate is renewed one day, so that is waited for as well.
    _fault("tls-self-signed", certificate="self-signed"),
    _fault("tls-expired", certificate="expired"),
    _fault("tls-wrong-host", certificate="wrong-host"),
    # Whoever notices that the old connection is dead may ask on a new one.
    _fault("half-open", _half_open, primed=True, slow=True, ends=frozenset([BUSY, KEPT])),
)
