"""A folder on this machine or in some storage, by its address, through fsspec."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from models.errors import SetupError

BEGUN = "_begun"
"""Where files lie until they are whole."""

NEEDED = ("dask", "distributed", "fsspec", "pyarrow")

_PASSWORD = re.compile(r"://[^/?#@]*:[^/?#]*@([^/?#]*)")


class Place:
    """
    A folder, and what is done in it. Names are relative to it, with / between.

    `address` means the same wherever this is run.
    """

    def __init__(self, url: str) -> None:
        """Find the storage; SetupError if there is none of that kind here."""
        from fsspec.core import url_to_fs
        from fsspec.implementations.local import LocalFileSystem

        refuse_secrets(url)
        self.url = url
        try:
            self.fs, root = url_to_fs(url)
        except (ImportError, ValueError, OSError) as error:
            message = f"can't reach {url}: {error}"
            raise SetupError(message, "check the address, or install what it names") from error
        self.root = str(root).rstrip("/")
        here = isinstance(self.fs, LocalFileSystem)
        self.address = self.fs.unstrip_protocol(self.root) if here else url.rstrip("/")

    def sizes(self) -> dict[str, dict[str, Any]]:
        """Return what the storage says of each file below, by name, in order."""
        found = self.fs.find(self.root, detail=True)
        return {self.name(path): told for path, told in sorted(found.items())}

    def name(self, path: str) -> str:
        """Return a path of the storage as a name; the file's own where the place is that file."""
        return path[len(self.root) :].strip("/") or path.rsplit("/", 1)[-1]

    def open(self, name: str) -> Any:
        """Open a file for reading, unpacked if its name says that it is packed."""
        path = self.root if self.fs.isfile(self.root) else f"{self.root}/{name}"
        return self.fs.open(path, "rb", compression="infer")

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all, in place of one that is there."""
        folder = f"{self.root}/{BEGUN}"
        begun = f"{folder}/{uuid4().hex}"
        place = f"{self.root}/{name}"
        self.fs.makedirs(folder, exist_ok=True)
        with self.fs.open(begun, "wb") as file:
            file.write(data)
        self.fs.makedirs(place.rsplit("/", 1)[0], exist_ok=True)
        self.fs.mv(begun, place)

    def read(self, names: list[str]) -> dict[str, bytes]:
        """Return what stands in files, those left out that can't be read."""
        paths = {f"{self.root}/{name}": name for name in names}
        if not paths:
            return {}
        found = self.fs.cat(list(paths), on_error="omit")
        return {self.name(path): data for path, data in found.items()}

    def remove(self, names: list[str]) -> None:
        """Remove files; one that is gone already is fine."""
        for name in names:
            if self.fs.exists(f"{self.root}/{name}"):
                self.fs.rm_file(f"{self.root}/{name}")


def installed() -> None:
    """SetupError if the extra isn't installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        message = f"archives need {', '.join(missing)}"
        raise SetupError(message, "pip install 'amends[dask]'")


def refuse_secrets(url: str) -> None:
    """SetupError if an address holds a password: every user of this machine could read it."""
    found = _PASSWORD.search(url)
    if found:
        message = f"the address of {found[1]} holds a password"
        remedy = "leave it out; put it where the storage's own settings are, or FSSPEC_… variables"
        raise SetupError(message, remedy)
