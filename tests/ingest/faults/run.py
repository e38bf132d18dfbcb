"""The conformance run: one source, some faults, a good server beside the bad ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from ingest.source import Source
from tests.ingest.faults.fault import Fault, Scene
from tests.ingest.faults.good import THIRD_PARTY, Good, chain, recordings
from tests.ingest.faults.judge import GROWTH, misses
from tests.ingest.faults.listed import LISTED
from tests.ingest.faults.plan import Heard, Plan, Task, Told
from tests.ingest.faults.server import HOST, OTHER, Server
from tests.recorded import NOW, watch_of

DEADLINE = 1.2
"""Seconds a question may take: short, so that faults that only wait end soon."""

ROOT = Path(__file__).parents[3]


class Run(msgspec.Struct):
    """What came of a run: each miss as a sentence, memory grown in MiB, the longest question in s."""

    cells: int
    misses: list[str]
    growth: float
    longest: float


class _Scenes(msgspec.Struct):
    """A source's chain, that of the healthy one beside it, and where each fault comes."""

    source: Source
    beside: Source
    place: int
    good: tuple[Good, ...]
    beside_good: tuple[Good, ...]
    faults: dict[Fault, int]

    def plan(self, server: Server, folder: Path) -> Plan:
        """Let a server play all of it; returns what is to be asked where."""
        port, beside_port = server.good(self.good), server.good(self.beside_good)
        plain, elsewhere = f"http://{HOST}:{port}", f"http://{OTHER}:{port}"
        tasks = tuple(
            Task(
                fault=fault.name, at=at,
                origin=server.faulty(fault, Scene(self.good[at - 1], self.place, elsewhere, plain)),
                always=fault.always, primed=fault.primed, slow=fault.slow, looks=fault.looks,
                may_lose=fault.loses(self.good[at - 1]),
            )
            for fault, at in self.faults.items()
        )  # fmt: skip
        ours = {f"{HOST}:{port}", f"{OTHER}:{port}", f"{HOST}:{beside_port}"}
        return Plan(
            faulty=_heard(self.source, plain),
            beside=_heard(self.beside, f"http://{HOST}:{beside_port}"),
            tasks=tasks,
            private=tuple(ours | {task.origin.split("://")[1] for task in tasks}),
            folder=str(folder),
            deadline=DEADLINE,
        )

    def misses(self, told: Told) -> Iterator[str]:
        """Say what wasn't as it must be; the first thing found was without a fault."""
        name, (none, *found) = self.source.name, told.found
        by_name = {each.fault: each for each in found}
        if none.trouble or not _ids(self.good) <= none.seen:
            yield f"{name}: without a fault it isn't read as recorded ({none.sentence})"
        for fault, at in self.faults.items():
            good, came = self.good[at - 1], by_name[fault.name]
            wrong = misses(fault, good, self.good, _ids(self.beside_good), none, came, DEADLINE)
            yield from (f"{name}, {fault.name} at answer {at}: {miss}" for miss in wrong)
        yield from (f"{name}: nobody caught {odd}" for odd in told.odd)
        growth = _growth(told)
        if growth > GROWTH:
            steps = zip(told.found, found, strict=False)
            _, most = max(steps, key=lambda two: two[1].peak - two[0].peak)
            yield f"{name}: {growth:.0f} MiB more, most of it with {most.fault}"


def run(
    source: Source, sources: Mapping[str, Source], faults: tuple[Fault, ...], folder: Path
) -> Run:
    """Let one of the online `sources` meet some faults; `folder` is for its stores."""
    names = sorted(sources)
    place, good = names.index(source.name), chain(source)
    others = (sources[name] for name in [*names[place + 1 :], *names[:place]])
    beside = next(other for other in others if _host(other) != _host(source))
    at = {fault: _at(fault, place, good) for fault in faults}
    scenes = _Scenes(source, beside, place, good, chain(beside), at)
    with Server() as server:
        told = _walked(scenes.plan(server, folder))
        leaks = server.leaks
    said = list(scenes.misses(told))
    if leaks:
        said.append(f"{source.name}: {leaks} secrets were sent to another host")
    longest = max(each.seconds for each in told.found)
    return Run(len(told.found) - 1, said, _growth(told), longest)


def _walked(plan: Plan) -> Told:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.ingest.faults.walking"],
        input=msgspec.json.encode(plan), stdout=subprocess.PIPE, timeout=600, check=True,
        cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{THIRD_PARTY}"},
    )  # fmt: skip
    return msgspec.json.decode(ended.stdout, type=Told)


def _growth(told: Told) -> float:
    return max(each.peak for each in told.found) - told.before


def _ids(good: tuple[Good, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(each.ids for each in good))


def _heard(source: Source, good: str) -> Heard:
    return Heard(source.name, str(recordings(source.name) / "chain"), good)


def _host(source: Source) -> str:
    return source.ask(watch_of(recordings(source.name) / "chain"), NOW).url.split("/")[2]


def _at(fault: Fault, place: int, good: tuple[Good, ...]) -> int:
    """Return in place of which answer a fault comes: the first or the second, or the first of posts."""
    if fault.needs_posts:
        return 1 + next(at for at, each in enumerate(good) if each.posts)
    number = LISTED.index(fault)
    # The tens count too: a short run takes every tenth fault.
    return 1 + (number + number // 10 + place) % min(2, len(good))
