"""
The disk and standard input, as something to ask: the only place that opens files for posts.

A chunk is whole lines, from `state["offset"]` on (in bytes, unpacked). A file stays open between
two chunks; after a restart it is opened again and read up to the offset.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self

from ingest.binary import seems
from ingest.source import Request, Response
from ingest.unpack import BLOCK, Damaged, plain
from models.errors import SetupError, SourceChanged, SourceRefused

CHUNK = 1 << 20
"""Bytes in one answer: small, because the Collector may hold some thirty of them at once."""

WHOLE = 256 << 20
"""Bytes of the largest file that is read in one piece."""

OPEN_AT_MOST = 32
_HEAD = 8_192


class Disk:
    """Answers requests whose address is a path, or “-” for standard input."""

    def __init__(self, stdin: BinaryIO | None = None) -> None:
        """Read standard input from `stdin`, or from the process's own."""
        self._stdin = stdin
        self._open: dict[str, _Opened] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files that chains have left open."""
        self.close()

    def close(self) -> None:
        """Close the files that chains have left open; each is opened again when asked for."""
        with self._lock:
            for path in [path for path, file in self._open.items() if file.seekable]:
                self._open.pop(path).close()

    def ask(self, request: Request, now: datetime) -> Response:
        """
        Return the chunk a request asks for, at `now`.

        Its state may say `offset`, `most` (bytes), `whole` (everything in one piece) and `skip`
        (go past the end of the line first). SetupError where there is no such text to read,
        SourceRefused where it is too large, SourceChanged where it ends before its time.
        """
        offset = int(request.state.get("offset", 0))
        file = self._take(request.url, offset)
        kept = False
        try:
            file.go_to(offset)
            if request.state.get("skip"):
                file.skip_line()
            whole = bool(request.state.get("whole"))
            body, cut = file.all() if whole else file.lines(request.state.get("most") or CHUNK)
            end = file.at + len(body)
            at_end = file.ended and file.damage is None and end == file.at + len(file.kept)
            headers = {
                "x-offset": str(file.at),
                "x-next": str(end),
                "x-end": str(at_end).lower(),
                "x-cut": str(cut).lower(),
                "x-position": str(file.position),
                "x-size": str(file.size or ""),
            }
            if not file.seekable or not (whole or at_end):
                self._put(request.url, file)
                kept = True
        except OSError as error:
            message = f"{file.name} can't be read any further: {error.strerror or error}"
            raise SourceRefused(message, "check the disk it lies on", url=request.url) from error
        finally:
            if not kept:
                file.close()
        return Response(
            request=request, status=200, body=body, at=now, url=request.url, headers=headers
        )

    def _take(self, path: str, offset: int) -> _Opened:
        with self._lock:
            file = self._open.pop(path, None)
        if file is not None and file.at <= offset:
            return file
        if file is not None and not file.seekable:
            message = f"{file.name} can't be read a second time"
            raise SetupError(message, "save it to a file and read that")
        if file is not None:
            file.close()
        if path == "-":
            return _Opened("standard input", self._stdin or sys.stdin.buffer, own=False)
        return _Opened(path, _opened(path), own=True)

    def _put(self, path: str, file: _Opened) -> None:
        with self._lock:
            self._open[path] = file
            spare = next((p for p, f in self._open.items() if f.seekable), None)
            if len(self._open) > OPEN_AT_MOST and spare is not None:
                self._open.pop(spare).close()


class _Opened:
    """A file being read: `kept` are its unpacked bytes from `at` on that are still wanted."""

    def __init__(self, name: str, raw: BinaryIO, *, own: bool) -> None:
        self.name = name
        self.at = 0
        self.kept = bytearray()
        self.ended = False
        self.damage: str | None = None
        self.position = 0
        self.seekable = own and raw.seekable()
        self.size = os.fstat(raw.fileno()).st_size if self.seekable else 0
        self._own, self._raw = own, raw
        self._blocks = plain(self._read())

    def close(self) -> None:
        if self._own:
            self._raw.close()

    def _read(self) -> Iterator[bytes]:
        while block := self._raw.read(BLOCK):
            self.position += len(block)
            yield block

    def _fill(self, size: int) -> None:
        while len(self.kept) < size and not self.ended:
            try:
                block = next(self._blocks, None)
            except Damaged as damage:
                block, self.damage = None, str(damage)
            if block is None:
                self.ended = True
            else:
                self.kept += block

    def go_to(self, offset: int) -> None:
        """Drop what lies before `offset`; at the start, see that there is text at all."""
        if offset == 0 and self.at == 0:
            self._fill(_HEAD)
            self._check_start()
        while self.at < offset:
            self._fill(1)
            step = min(offset - self.at, len(self.kept))
            if not step:
                break
            del self.kept[:step]
            self.at += step
        self._fill(1)
        if self.kept or (self.damage is None and self.at == offset):
            return
        if self.damage is not None:
            message = f"{self.name} is damaged: {self.damage}; all before that has been read"
            raise SourceChanged(message, "copy or pack the file again, then read it again")
        message = f"{self.name} has become shorter since it was read"
        raise SourceChanged(message, "read it again from the start")

    def _check_start(self) -> None:
        if self.ended and not self.kept and self.damage is None:
            message = f"{self.name} is empty"
            raise SetupError(message, "nothing was read; check that it is the right file")
        kind = seems(bytes(self.kept[:_HEAD]))
        if kind is not None:
            message = f"{self.name} holds no text: it looks like {kind}"
            raise SetupError(message, "Amends reads JSONL, JSON, CSV, saved threads, gzip and zstd")

    def lines(self, most: int) -> tuple[bytes, bool]:
        """Return whole lines of at most `most` bytes, or True beside a line that is longer."""
        self._fill(most + 1)
        if self.ended and len(self.kept) <= most:
            return bytes(self.kept), False
        end = self.kept.rfind(b"\n", 0, most) + 1
        return bytes(memoryview(self.kept)[: end or most]), not end

    def all(self) -> tuple[bytes, bool]:
        """Return everything there is from here on."""
        self._fill(WHOLE + 1)
        if len(self.kept) > WHOLE:
            message = f"{self.name} has over {WHOLE >> 20} MB in one piece"
            raise SourceRefused(message, "split it, or turn it into JSONL (one post a line)")
        if self.damage is not None:
            message = f"{self.name} is damaged: {self.damage}; nothing of it was read"
            raise SourceChanged(message, "copy or pack the file again")
        return bytes(self.kept), False

    def skip_line(self) -> None:
        """Go past the end of the line here."""
        while True:
            self._fill(1)
            end = self.kept.find(b"\n") + 1
            step = end or len(self.kept)
            del self.kept[:step]
            self.at += step
            if end or not step:
                return


def _opened(path: str) -> BinaryIO:
    try:
        if stat.S_ISDIR(Path(path).stat().st_mode):
            message = f"{path} is a folder"
            raise SetupError(message, f"name its files, or use a pattern such as {path}/*.jsonl")
        return Path(path).open("rb")
    except FileNotFoundError:
        message, remedy = f"there is no file {path}", "check its name and the folder you are in"
    except PermissionError:
        message, remedy = f"{path} may not be read by you", "ask for permission to read the file"
    except (OSError, ValueError) as error:
        message, remedy = f"{path!r} can't be opened: {error}", "check its name"
    raise SetupError(message, remedy)
