"""
Plain files in a tar packed with zstd: written simply, read strictly.

Python's own reader follows links, grows with what a head claims and takes whatever comes after the
end; a backup has nothing of that, so what isn't a plain file in its place is `Broken`.
"""

from __future__ import annotations

import tarfile
from datetime import datetime
from typing import BinaryIO

import zstandard

UNIT = tarfile.BLOCKSIZE
_STEP = 1_024
"""Packed bytes unpacked at a time: they may stand for thousands of times as many."""

_WINDOW = 8 << 20
"""Bytes the unpacking may look back on, so that no file makes it hold more."""


class Broken(Exception):
    """Why a file isn't a backup that can be put back, in words that follow its name."""


def packer() -> zstandard.ZstdCompressor:
    """Return what packs a tar; quick rather than small."""
    return zstandard.ZstdCompressor(level=3, write_checksum=True)


def head(name: str, size: int, at: datetime) -> bytes:
    """Return what stands before a file of `size` bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(at.timestamp())
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def padding(size: int) -> bytes:
    """Return what stands after a file of `size` bytes."""
    return bytes(-size % UNIT)


END = bytes(2 * UNIT)


class Tar:
    """A packed tar, read from its beginning to its end, never much of it at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._frame = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        self._kept = bytearray()

    def head(self) -> tuple[str, int]:
        """Return the name and size of the file that follows."""
        info, name = self._info(), ""
        if info.type == tarfile.GNUTYPE_LONGNAME and info.size <= 2 * UNIT:
            name = self.take(info.size).rstrip(b"\0").decode("utf-8", "replace")
            self.skip_padding(info.size)
            info = self._info()
        if info.type != tarfile.REGTYPE or info.linkname:
            message = f"“{name or info.name}” isn't a plain file"
            raise Broken(message)
        return name or info.name, info.size

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        while len(self._kept) < size:
            self._fill()
        taken = bytes(memoryview(self._kept)[:size])
        del self._kept[:size]
        return taken

    def skip_padding(self, size: int) -> None:
        """Go past what stands after a file of `size` bytes."""
        if any(self.take(-size % UNIT)):
            message = "there is something between its parts"
            raise Broken(message)

    def end(self) -> None:
        """See that the tar ends here, and the file with it."""
        if self.take(len(END)) != END:
            message = "more follows than its manifest says"
            raise Broken(message)
        while not self._frame.eof:
            self._fill()
        if self._kept or self._frame.unused_data or self._file.read(1):
            message = "something follows its end"
            raise Broken(message)

    def _info(self) -> tarfile.TarInfo:
        try:
            return tarfile.TarInfo.frombuf(self.take(UNIT), "utf-8", "replace")
        except tarfile.HeaderError as error:
            message = f"one of its parts has no proper head ({error})"
            raise Broken(message) from error

    def _fill(self) -> None:
        block = b"" if self._frame.eof else self._file.read(_STEP)
        if not block:
            message = "it breaks off"
            raise Broken(message)
        try:
            self._kept += self._frame.decompress(block)
        except zstandard.ZstdError as error:
            message = "its packed content makes no sense"
            raise Broken(message) from error
