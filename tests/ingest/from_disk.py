"""Reads a whole file the way the Collector does: the disk and the source in turn."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import msgspec

from ingest.disk import Disk
from ingest.source import Answer, Reject, Request
from ingest.sources.file import source
from models.incident import Watch
from models.post import Post
from tests.recorded import NOW


class Told(msgspec.Struct):
    """All that the answers of a chain told, together."""

    posts: list[Post] = []
    rejects: list[Reject] = []
    notes: list[str] = []
    labels: dict[str, tuple[str, ...]] = {}
    answers: list[Answer] = []

    @property
    def texts(self) -> list[str]:
        """The posts' texts."""
        return [post.text for post in self.posts]


def watch_on(path: Path | str, **settings: str) -> Watch:
    """Return a watch on a file."""
    return Watch(source="file", address=str(path), settings=settings)


def follow(watch: Watch, stdin: BinaryIO | None = None, *, restarts: bool = False) -> Told:
    """Follow a watch's chain to its end; with `restarts` every file is opened anew each time."""
    told = Told()
    request: Request | None = source.ask(watch, NOW)
    with Disk(stdin) as disk:
        while request is not None:
            request = msgspec.json.decode(msgspec.json.encode(request), type=Request)
            answer = source.read(disk.ask(request, NOW))
            told.posts += answer.posts
            told.rejects += answer.rejects
            told.notes += answer.notes
            told.labels |= answer.labels
            told.answers.append(answer)
            request = answer.more
            if restarts:
                disk.close()
    return told


def read(path: Path | str, stdin: BinaryIO | None = None, **settings: str) -> Told:
    """Read a file from its start to its end."""
    return follow(watch_on(path, **settings), stdin)


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file as it is, and return where it is."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
