"""What a file that holds no text seems to be, told by its first bytes."""

from __future__ import annotations

_MAGIC = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as CSV"),
    (b"PAR1", "a Parquet file; save it as CSV or JSONL"),
    (b"BZh", "packed with bzip2; unpack it first, or use gzip or zstd"),
    (b"\xfd7zXZ\0", "packed with xz; unpack it first, or use gzip or zstd"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"OggS", "a sound or a film"),
    (b"ID3", "a sound"),
)
_TEXT_CONTROLS = b"\t\n\r\f\x1b\x85"
_CONTROLS = bytes(c for c in range(32) if c not in _TEXT_CONTROLS) + b"\x7f"
_MANY, _SOME = 0.25, 0.05


def seems(head: bytes) -> str | None:
    """Return what the file looks like if it holds no text, else None."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(b"PK\x03\x04"):
        sheet = b"xl/" in head or b"[Content_Types]" in head
        return "an Excel or Office file; save it as CSV" if sheet else "a zip archive; unpack it"
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    if max(head[0::2].count(0), head[1::2].count(0)) > len(head) * _MANY:
        return "text in UTF-16 without its mark; save it as UTF-8"
    return "a binary file" if _no_text(head) else None


def _no_text(head: bytes) -> bool:
    share = (len(head) - len(head.translate(None, _CONTROLS))) / max(len(head), 1)
    if share <= _SOME:
        return False
    try:
        # Cut in the middle of a character, the end says nothing.
        head[: max(len(head) - 3, 0)].decode()
    except UnicodeDecodeError:
        return True
    return share > _MANY
