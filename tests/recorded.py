"""
Recorded answers: `fixtures/sources/<source>/<case>/` holds `watch.json`, `1.http`, `2.http` and so on.

A `.http` file is what came over the wire, decoded: status line, headers, an empty line, the body.
`expected.jsonl` beside them holds the posts the whole chain must give, in order.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ingest.source import Answer, Request, Response, Source
from models.incident import Watch
from models.post import Post

FIXTURES = Path(__file__).parent.parent / "fixtures"
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def recorded(path: Path, request: Request, at: datetime = NOW) -> Response:
    """Return the answer kept in `path`, as the reply to `request`."""
    head, _, body = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    status, *lines = head.decode().split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Response(
        request=request,
        status=int(status.split()[1]),
        body=body,
        at=at,
        url=request.url,
        headers={name.lower(): value for name, value in headers.items()},
    )


def cases(source: str) -> list[Path]:
    """Return the recorded chains of a source."""
    folder = FIXTURES / "sources" / source
    return sorted(path.parent for path in folder.glob("*/watch.json"))


def watch_of(case: Path) -> Watch:
    """Return the watch a chain was recorded for."""
    return msgspec.json.decode((case / "watch.json").read_bytes(), type=Watch)


def play(source: Source, case: Path) -> list[Answer]:
    """Ask and read a recorded chain to its end."""
    answers: list[Answer] = []
    request: Request | None = source.ask(watch_of(case), NOW)
    while request is not None:
        file = case / f"{len(answers) + 1}.http"
        assert file.exists(), f"{source.name} asks for more than was recorded: add {file}"
        # A chain goes on after a restart, so a request must survive as JSON.
        request = msgspec.json.decode(msgspec.json.encode(request), type=Request)
        answers.append(source.read(recorded(file, request)))
        request = answers[-1].more
    left = len(list(case.glob("*.http"))) - len(answers)
    assert left == 0, f"{source.name} ended the chain {left} answers early in {case}"
    return answers


def expected(case: Path) -> list[Post]:
    """Return the posts a chain must give."""
    lines = (case / "expected.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Post) for line in lines]
