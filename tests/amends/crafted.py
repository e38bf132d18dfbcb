"""Backups as somebody with bad intentions, or a bad disk, would make them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zstandard

Member = tuple[tarfile.TarInfo, bytes]


def members(file: Path) -> list[Member]:
    """Return all that is in a backup, the manifest first."""
    with file.open("rb") as packed:
        plain = zstandard.ZstdDecompressor().stream_reader(packed).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return [(info, opened.read() if (opened := tar.extractfile(info)) else b"") for info in tar]


def write(file: Path, parts: list[Member], kind: int = tarfile.GNU_FORMAT) -> None:
    """Write members as a backup is written."""
    plain = b"".join(
        info.tobuf(kind) + data + bytes(-len(data) % 512) for info, data in parts
    ) + bytes(1024)  # fmt: skip
    file.write_bytes(zstandard.ZstdCompressor().compress(plain))


def member(name: str, data: bytes, **said: Any) -> Member:
    """Return a member; `said` changes its head."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in said.items():
        setattr(info, key, value)
    return info, data


def described(
    parts: list[Member], change: Callable[[dict[str, Any]], None] | None = None
) -> Member:
    """Return the manifest anew, true of `parts` but for what `change` does to it."""
    said = json.loads(parts[0][1])
    said["parts"] = [
        {"name": info.name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for info, data in parts[1:]
    ]
    if change is not None:
        change(said)
    return member("manifest.json", json.dumps(said).encode())
