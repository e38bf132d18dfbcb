"""Eight ways to be slow: what isn't there when the time is up means wait; what is there is kept."""

from __future__ import annotations

import asyncio

from tests.ingest.faults.fault import BUSY, KEPT, Fault, Play, Scene
from tests.ingest.faults.line import Line


async def _late(line: Line, scene: Scene) -> None:
    await line.question()
    await asyncio.sleep(5)
    await line.send(scene.good.whole())


async def _slow_headers(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.whole(), size=1, pause=0.4)


async def _slow_body(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.head(f"Content-Length: {len(scene.good.body)}"))
    await line.send(scene.good.body, size=1, pause=0.4)


async def _stall(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.whole()[: -len(scene.good.body) // 2])
    await line.hush()


async def _slices(line: Line, scene: Scene) -> None:
    await line.question()
    whole, at = scene.good.whole(), 0
    for number in range(len(whole)):
        size = 1 + number * 7 % 16
        await line.send(whole[at : at + size])
        at += size
        if at >= len(whole):
            return


async def _narrow(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.whole(), size=100, pause=0.1)


async def _slow_close(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.whole())
    await line.hush()


async def _no_heartbeat(line: Line, scene: Scene) -> None:
    await line.question()
    await line.send(scene.good.head("Transfer-Encoding: chunked") + b"1\r\n{\r\n")
    await line.hush()


def _fault(name: str, play: Play, *ends: str) -> Fault:
    return Fault(name=name, group="pace", play=play, ends=frozenset(ends or [BUSY]), slow=True)


FAULTS = (
    _fault("latency-5s", _late),
    _fault("slow-headers", _slow_headers),
    _fault("slow-body", _slow_body),
    _fault("stall-in-body", _stall),
    _fault("slices-1-to-16", _slices, KEPT),
    # A short answer comes through a narrow line in time.
    _fault("bandwidth-1kb", _narrow, BUSY, KEPT),
    _fault("slow-close", _slow_close, KEPT),
    _fault("stream-without-heartbeat", _no_heartbeat),
)
