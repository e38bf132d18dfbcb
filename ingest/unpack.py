"""
From a file's bytes to blocks of plain UTF-8: gzip, zstd, UTF-16 and byte-order marks undone.

Everything is a generator of blocks of bounded size, so a file of any length, or one made to
explode, takes no more memory than a short one.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from itertools import chain

import zstandard

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BLOCK = 16_384
"""Bytes read from a file at once; gzip makes at most a thousand times as many of them."""

_ZSTD_STEP = 1_024
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Damaged(Exception):
    """The packed bytes break off or make no sense; all that came before was sound."""


def plain(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same content unpacked and in UTF-8; raises `Damaged` where that ends early."""
    first = next(blocks, b"")
    packed = chain([first], blocks)
    if first.startswith(GZIP):
        return _in_utf8(_gunzip(packed))
    if first.startswith(ZSTD):
        return _in_utf8(_unzstd(packed))
    return _in_utf8(packed)


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    begun = False
    for block in blocks:
        left = block
        while left:
            # Files may be padded with zeros after the last member.
            left = left if begun else left.lstrip(b"\0")
            if not left:
                break
            try:
                yield member.decompress(left)
            except zlib.error as error:
                message = "its gzip content makes no sense"
                raise Damaged(message) from error
            begun, left = not member.eof, member.unused_data
            if member.eof:
                member = zlib.decompressobj(wbits=31)
    if begun:
        message = "its gzip content breaks off"
        raise Damaged(message)


def _unzstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
    frame = zstandard.ZstdDecompressor().decompressobj()
    begun = False
    for block in blocks:
        # A block of zstd can stand for gigabytes, so it gets little at a time.
        for at in range(0, len(block), _ZSTD_STEP):
            left = block[at : at + _ZSTD_STEP]
            while left:
                try:
                    yield frame.decompress(left)
                except zstandard.ZstdError as error:
                    message = "its zstd content makes no sense"
                    raise Damaged(message) from error
                begun, left = not frame.eof, frame.unused_data
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
    if begun:
        message = "its zstd content breaks off"
        raise Damaged(message)


def _in_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    first = next((block for block in blocks if block), b"")
    encoding = _UTF16.get(first[:2])
    if encoding is None and b"\r" in first and b"\n" not in first:
        # Old Macs, and spreadsheets that remember them, end lines so.
        yield from (block.replace(b"\r", b"\n") for block in chain([first], blocks))
        return
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in chain([first[2:]], blocks):
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()
