"""
A folder on a disk whose power may fail: what was synced is there, of the rest some is and some isn't.

Of the writes since a file's last sync each came through or not, in any order, and some of them only
in part, by sectors. Names that were made or removed are sure once the folder itself was synced; of
those since, the first few came through.

A sync that fails is worse than none: the kernel may forget which of the writes it has still to do,
so some of them never come through, whatever is synced later.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.models.write_log import Did

SECTOR = 512
CAME_THROUGH = 0.5
TORN = 0.25
"""How many of the writes that came through did so only in part."""


class _File:
    def __init__(self) -> None:
        self.sure = bytearray()
        self.since: list[Did] = []

    def sync(self) -> None:
        for did in self.since:
            _apply(self.sure, did)
        self.since.clear()

    def fail_to_sync(self, chance: Random) -> None:
        # At least the end of what was to be synced isn't there, or it would have been synced.
        for did in self.since[:-1]:
            if chance.random() < CAME_THROUGH:
                _apply(self.sure, did)
        self.since.clear()

    def after_cut(self, chance: Random | None) -> bytes:
        content = bytearray(self.sure)
        for did in self.since:
            if chance is None or chance.random() < CAME_THROUGH:
                for part in _parts(did, chance):
                    _apply(content, part)
        return bytes(content)


def _apply(content: bytearray, did: Did) -> None:
    if did.kind == "truncate":
        del content[did.at :]
    if len(content) < did.at:
        content.extend(bytes(did.at - len(content)))
    content[did.at : did.at + len(did.data)] = did.data


def _parts(did: Did, chance: Random | None) -> Iterator[Did]:
    if chance is None or did.kind == "truncate" or chance.random() >= TORN:
        yield did
        return
    start = 0
    while start < len(did.data):
        end = start + SECTOR - (did.at + start) % SECTOR
        if chance.random() < CAME_THROUGH:
            yield Did("write", did.name, did.at + start, did.data[start:end])
        start = end


class Disk:
    """Follows a log; at any moment `cut` says what a power failure would leave behind."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = Random(seed)
        self._sure: dict[str, _File] = {}
        self._now: dict[str, _File] = {}
        self._since: list[tuple[str, _File | None]] = []

    def do(self, did: Did) -> None:
        """Do what a process did."""
        if did.kind == "create":
            self._now[did.name] = file = _File()
            self._since.append((did.name, file))
        elif did.kind == "unlink":
            del self._now[did.name]
            self._since.append((did.name, None))
        elif did.kind == "sync names":
            _name(self._sure, self._since)
            self._since.clear()
        elif did.kind == "sync":
            self._now[did.name].sync()
        elif did.kind == "not synced" and did.name not in self._now:
            # The folder's: names that weren't sure stay so.
            pass
        elif did.kind == "not synced":
            self._now[did.name].fail_to_sync(self._chance)
        elif did.kind != "told":
            self._now[did.name].since.append(did)

    def cut(self, folder: Path, chance: Random | None) -> None:
        """Write into a folder what a power failure leaves; without `chance`, all that was done."""
        named = dict(self._sure)
        through = len(self._since) if chance is None else chance.randint(0, len(self._since))
        _name(named, self._since[:through])
        for name, file in sorted(named.items()):
            (folder / name).write_bytes(file.after_cut(chance))


def _name(names: dict[str, _File], changes: list[tuple[str, _File | None]]) -> None:
    for name, file in changes:
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file
