"""Copies of posts that lie in files: exports and backups of the register, and what outputs put in folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from amends import exported
from amends.erase.place import Place
from amends.exported import Exported
from amends.outputs.settings import Folder, read
from amends.restore import ASIDE
from models.store.restore import set_aside


def of(place: Place, incidents: Iterable[int]) -> list[Exported]:
    """Return the copies that are still there and may hold posts of these incidents."""
    every = set(incidents)
    if not every:
        return []
    return [*exported.still_there(place.home, every), *_of_outputs(place, every)]


def schemas(place: Place) -> list[str]:
    """Return what restores have moved aside within PostgreSQL."""
    return [f"the schema {name} of the database" for name in set_aside(place.store, ASIDE)]


def _of_outputs(place: Place, incidents: set[int]) -> Iterator[Exported]:
    """Yield the digests that outputs have put into folders."""
    outputs = read(place.home.path).named.values()
    folders = [Path(one.folder).expanduser() for one in outputs if isinstance(one, Folder)]
    if not folders:
        return
    with place.store.read() as tx:
        rows = [row for row in tx.incidents.every() if row.id in incidents]
    for folder in folders:
        for row in rows:
            for path in sorted(folder.glob(f"digest.{row.slug}.*")):
                yield Exported(row.opened_at, "digest", str(path.absolute()), row.id)
