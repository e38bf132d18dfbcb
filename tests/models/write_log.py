"""What a process did to the files of one folder, call by call, as strace saw it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

CALLS = "openat,pwrite64,write,fdatasync,fsync,ftruncate,unlink,rename"

_CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
_OPENED = re.compile(r'AT_FDCWD(?:<\S*>)?, "(\S*)", (\S+)')
_BEGUN, _RESUMED = re.compile(r"(\d+) .* <unfinished"), re.compile(r"(\d+) +<\.\.\. \w+ resumed>")

Kind = Literal["create", "write", "truncate", "sync", "unlink", "sync names", "told", "not synced"]


class Did(NamedTuple):
    """One call: `data` at `at` of the file `name`; a truncation's new length is `at`."""

    kind: Kind
    name: str = ""
    at: int = 0
    data: bytes = b""


def watched(
    folder: Path, names: Sequence[str], told: str, command: Sequence[str], inject: str = ""
) -> list[Did]:
    """
    Run a command to its end and return all it did to the files `names` of `folder`, in order.

    What it wrote into the file `told` comes as it was told. `inject` is a fault to make, as strace
    says it. Raises CalledProcessError if the command fails.
    """
    folder = folder.resolve()
    trace = folder.parent / f"{folder.name}.trace"
    paths = [str(folder), *(str(folder / name) for name in (*names, told))]
    subprocess.run(
        ["strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", "--seccomp-bpf",
         "-e", f"trace={CALLS}", *(["-e", f"inject={inject}"] if inject else []),
         "-o", str(trace), *(f"-P{path}" for path in paths), *command],
        check=True,
    )  # fmt: skip
    with trace.open() as lines:
        return list(_read(_whole(lines), folder, told))


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Put calls together that another thread's came in between; a call counts when it ends."""
    begun: dict[str, str] = {}
    for line in lines:
        if (resumed := _RESUMED.match(line)) is not None:
            yield begun.pop(resumed[1]) + line[resumed.end() :]
        elif (unfinished := _BEGUN.match(line)) is not None:
            begun[unfinished[1]] = line.rpartition(" <unfinished")[0]
        else:
            yield line


def _read(lines: Iterable[str], folder: Path, told: str) -> Iterator[Did]:
    there: set[str] = set()
    for line in lines:
        found = _CALL.match(line)
        assert found is not None, f"strace said something else: {line[:200]}"
        call, said, returned = found[1], found[2], int(found[3])
        if returned < 0 and call != "fdatasync":
            # A call that failed did nothing.
            continue
        if call == "openat":
            opened = _OPENED.match(said)
            assert opened is not None, said
            name = _text(opened[1]).rpartition("/")[2]
            if "O_CREAT" in opened[2] and name != told and name not in there:
                there.add(name)
                yield Did("create", name)
            assert "O_TRUNC" not in opened[2] or name == told, said
            continue
        assert call != "rename", "the replay knows no rename"
        if call == "unlink":
            name = _text(said.strip('"')).rpartition("/")[2]
            there.discard(name)
            yield Did("unlink", name)
            continue
        path = _text(said.partition("<")[2].partition(">")[0])
        name = path.rpartition("/")[2]
        if call in ("fdatasync", "fsync"):
            if returned < 0:
                yield Did("not synced", name)
            else:
                yield Did("sync names") if path == str(folder) else Did("sync", name)
        elif call == "ftruncate":
            yield Did("truncate", name, int(said.rpartition(", ")[2]))
        else:
            data = bytes.fromhex(said.partition('"')[2].partition('"')[0].replace("\\x", ""))
            assert len(data) == returned, "strace cut the data short"
            if name == told:
                yield Did("told", data=data)
            else:
                assert call == "pwrite64", f"{call} has no offset to replay at"
                yield Did("write", name, int(said.rpartition(", ")[2]), data)


def _text(hexed: str) -> str:
    return bytes.fromhex(hexed.replace("\\x", "")).decode() if "\\x" in hexed else hexed
