"""One chunk of a file, with what the disk says of it."""

from __future__ import annotations

import msgspec

from ingest.source import Answer, Request, Response
from ingest.sources.file.encoding import FOREIGN
from ingest.sources.file.reading import Reading
from ingest.sources.file.recipe import Batch


class Chunk:
    """A response with what the disk says of it, and the notes that reading it brings."""

    def __init__(self, response: Response) -> None:
        """Take the disk's word from the headers; without them it is the whole file."""
        self.response = response
        self.path = "standard input" if response.url == "-" else response.url
        self.at = response.at
        self.body = response.body
        self.end = response.header("x-end") != "false"
        self.cut = response.header("x-cut") == "true"
        self.offset = int(response.header("x-offset") or response.request.state.get("offset", 0))
        self.next = self.offset + len(self.body)
        self.notes: list[str] = []

    def more(self, reading: Reading) -> Request:
        """Return the request that goes on as `reading` says."""
        return Request(url=self.response.request.url, state=reading.state())

    def in_old_encoding(self, reading: Reading) -> Reading:
        """Note, once, that the file isn't all in UTF-8."""
        if not reading.foreign:
            self.notes.append(f"{self.path}: {FOREIGN}")
        return msgspec.structs.replace(reading, foreign=True)

    def answer(self, batch: Batch, reading: Reading, *, end: bool) -> Answer:
        """Make the answer; at the end, say what became of posts that aren't in it as they were."""
        reading = msgspec.structs.replace(
            reading,
            filtered=reading.filtered + batch.filtered,
            odd=reading.odd + batch.odd,
        )
        if end and reading.filtered:
            self.notes.append(
                f"{self.path}: left out as outside --since/--until: {reading.filtered}"
            )
        if end and reading.odd:
            self.notes.append(
                f"{self.path}: posts with a time that can't be read or can't be true, kept without "
                f"it: {reading.odd}"
            )
        return Answer(
            posts=tuple(batch.posts),
            rejects=tuple(batch.rejects),
            labels=batch.labels,
            more=None if end else self.more(reading),
            total=len(batch.posts) if reading.counting else None,
            notes=tuple(self.notes),
        )
