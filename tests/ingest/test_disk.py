"""The disk gives whole lines, from any offset, however the file is packed; or says why not."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
import zstandard

from ingest.disk import CHUNK, Disk
from ingest.source import Request
from models.errors import SetupError, SourceChanged
from tests.ingest.from_disk import a_file, follow, read, watch_on
from tests.recorded import NOW

LINES = "".join(f'{{"id": {n}, "text": "complaint number {n} é"}}\n' for n in range(60_000))
PACKED = {
    "plain.jsonl": LINES.encode(),
    "gzip.jsonl.gz": gzip.compress(LINES.encode()),
    "two-members.gz": gzip.compress(LINES[:1000].encode()) + gzip.compress(LINES[1000:].encode()),
    "zstd.jsonl.zst": zstandard.compress(LINES.encode()),
    "bom.jsonl": b"\xef\xbb\xbf" + LINES.encode(),
    "powershell.jsonl": LINES.encode("utf-16"),
    "big-endian.jsonl": b"\xfe\xff" + LINES.encode("utf-16-be"),
}
WANTED = [f"complaint number {n} é" for n in range(60_000)]


@pytest.mark.parametrize("name", PACKED)
def test_every_packing_gives_every_line_once(tmp_path: Path, name: str) -> None:
    """Gzip, zstd, UTF-16 and byte-order marks are undone, over many chunks."""
    told = read(a_file(tmp_path, name, PACKED[name]))

    assert told.texts == WANTED
    assert told.rejects == []
    assert len(told.answers) > 1


@pytest.mark.parametrize("name", PACKED)
def test_after_a_restart_the_rest_comes_exactly(tmp_path: Path, name: str) -> None:
    """Opened anew, the file goes on at the offset where it was stopped."""
    path = a_file(tmp_path, name, PACKED[name])

    assert follow(watch_on(path), restarts=True).texts == WANTED


def test_standard_input_is_read_in_chunks() -> None:
    """What comes down a pipe is read once, without seeking."""
    told = read("-", io.BytesIO(PACKED["gzip.jsonl.gz"]))

    assert told.texts == WANTED
    assert "standard input" in told.notes[0]


def test_a_document_from_standard_input_is_kept_until_it_is_whole() -> None:
    """Its beginning has been read before anybody knew that all of it is wanted at once."""
    lines = LINES.rstrip("\n").replace("\n", ",\n")

    assert read("-", io.BytesIO(f"[{lines}]".encode())).texts == WANTED


def test_the_response_tells_how_far_it_is(tmp_path: Path) -> None:
    """Progress is in bytes of the file itself, offsets in unpacked bytes."""
    path = a_file(tmp_path, "a.gz", PACKED["gzip.jsonl.gz"])
    with Disk() as disk:
        answer = disk.ask(Request(url=str(path)), NOW)

    assert answer.header("x-offset") == "0"
    assert int(answer.header("x-next")) == len(answer.body) <= CHUNK
    assert answer.body.endswith(b"}\n")
    assert answer.header("x-end") == "false"
    assert 0 < int(answer.header("x-position")) < int(answer.header("x-size"))
    assert int(answer.header("x-size")) == path.stat().st_size


def test_a_line_longer_than_a_chunk_is_whole(tmp_path: Path) -> None:
    """The chunk grows until the line fits."""
    long = "why " * (CHUNK // 2)
    told = read(a_file(tmp_path, "long.jsonl", f'{{"text": "{long}"}}\n{{"text": "next"}}\n'))

    assert [text[:8] for text in told.texts] == ["why why ", "next"]


def test_a_line_over_16_mb_is_rejected_and_the_next_one_read(tmp_path: Path) -> None:
    """One monstrous line costs nothing but itself."""
    monster = b'{"text": "' + b"x" * (17 << 20) + b'"}\n'
    content = b'{"text": "before"}\n' + monster + b'{"text": "after"}\nnonsense\n'
    told = read(path := a_file(tmp_path, "monster.jsonl", content))

    assert told.texts == ["before", "after"]
    assert [reject.where for reject in told.rejects] == [f"{path}:2", f"{path}:4"]
    assert "16 MB" in told.rejects[0].reason


@pytest.mark.parametrize("name", ["gzip.jsonl.gz", "zstd.jsonl.zst"])
def test_a_packed_file_that_breaks_off_gives_what_it_has(tmp_path: Path, name: str) -> None:
    """All before the damage is read; then it says that something is missing."""
    whole = PACKED[name]
    path = a_file(tmp_path, name, whole[: len(whole) * 2 // 3])
    body = b""

    with Disk() as disk:
        for _ in range(2):
            answer = disk.ask(Request(url=str(path), state={"offset": len(body)}), NOW)
            assert answer.header("x-end") == "false"
            body += answer.body
        rest = Request(url=str(path), state={"offset": len(body)})
        with pytest.raises(SourceChanged, match="breaks off"):
            disk.ask(rest, NOW)

    assert len(body) > len(LINES) // 3
    assert LINES.encode().startswith(body)


BINARY = {
    "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a PDF document": b"%PDF-1.7\n...",
    "an Excel or Office file": b"PK\x03\x04..[Content_Types].xml",
    "a zip archive": b"PK\x03\x04..notes.txt",
    "an SQLite database": b"SQLite format 3\0" + bytes(100),
    "UTF-16 without its mark": "id,text\n1,hello\n".encode("utf-16-le"),
    "a binary file": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("what", BINARY)
def test_a_binary_file_is_called_what_it_is(tmp_path: Path, what: str) -> None:
    """A person who took the wrong file learns which one it is, also when it is packed."""
    for content in (BINARY[what], gzip.compress(BINARY[what])):
        with pytest.raises(SetupError, match=what) as caught:
            read(a_file(tmp_path, "wrong.jsonl", content))
        assert caught.value.remedy


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0), b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    """Nothing to read is no success."""
    with pytest.raises(SetupError, match="is empty"):
        read(a_file(tmp_path, "empty.csv", content))


def test_a_folder_a_missing_and_a_nonsense_name_say_so(tmp_path: Path) -> None:
    """What can't be opened is a sentence."""
    with pytest.raises(SetupError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(SetupError, match="there is no file"):
        read(tmp_path / "missing.csv")
    with pytest.raises(SetupError, match="can't be opened"):
        read("nul\0name")


def test_a_file_that_has_shrunk_is_no_silence(tmp_path: Path) -> None:
    """Going on behind the end would look like a file without posts."""
    path = a_file(tmp_path, "short.jsonl", '{"text": "a"}\n')

    with pytest.raises(SourceChanged, match="shorter"):
        Disk().ask(Request(url=str(path), state={"offset": 5000}), NOW)


def test_a_zip_bomb_takes_no_room(tmp_path: Path) -> None:
    """Two hundred megabytes of nothing, packed into little, come in chunks like all else."""
    bomb = zstandard.compress(b" " * (200 << 20))
    with Disk() as disk:
        answer = disk.ask(Request(url=str(a_file(tmp_path, "bomb.zst", bomb))), NOW)

    assert len(answer.body) <= CHUNK
