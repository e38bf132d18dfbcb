"""
The source `file`: posts from disk or standard input, in whatever format they were kept.

A file is read in chunks by a chain of requests; the first chunk shows the format and the columns,
and the chain carries them along.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ingest.source import Answer, Price, Request, Response
from ingest.sources.file.columns import parse_map
from ingest.sources.file.reading import Reading, reading_of
from ingest.sources.file.route import read_first, read_next
from ingest.sources.file.sniff import FORMATS
from ingest.text import when
from models.errors import SetupError
from models.incident import Watch, zone


class File:
    """Reads JSONL, JSON, CSV, files of X posts and saved threads."""

    name = "file"
    summary = "Files and standard input: JSONL, CSV, JSON, archives of X, saved threads"
    takes = ("address",)
    needs = ()
    settings: Mapping[str, str] = {
        "format": f"one of {', '.join(FORMATS)}; by itself it looks at the file's beginning",
        "map": "which column holds what, as text=body,author=user,posted_at=created",
        "tz": "time zone of times without an offset, such as Europe/Berlin",
        "undated_as": "time for posts that have none; without it their time stays unknown",
        "source": "source name for posts of CSV and JSONL that name none (file)",
    }
    costs = "nothing"
    misses = "whatever isn't in the file; counts such as likes are as of when it was written"
    price = Price(posts_per_answer=10_000)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Ask for the first chunk of the file, or of standard input where the address is “-”."""
        return self._request(watch, now, counting=False)

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Ask the same: only reading a file tells how many posts are in it."""
        return self._request(watch, now, counting=True)

    def read(self, response: Response) -> Answer:
        """Read one chunk; SetupError where its columns don't show which one is the text."""
        response.check()
        reading = reading_of(response.request.state)
        return read_next(response, reading) if reading.decided else read_first(response, reading)

    def _request(self, watch: Watch, now: datetime, *, counting: bool) -> Request:
        if not watch.address:
            message = "there is no file to read"
            raise SetupError(message, "name one, or - for standard input")
        written = watch.setting("format", "auto")
        if written not in FORMATS:
            message = f"there is no format “{written}”"
            raise SetupError(message, f"there are: {', '.join(FORMATS)}")
        tz, undated = watch.setting("tz", "UTC"), watch.setting("undated_as")
        zone(tz)
        undated_as = when(undated, tz)
        if undated and (undated_as is None or undated_as > now):
            message = f"“{undated}” isn't a time in the past"
            raise SetupError(message, "write undated_as as 2026-03-04T09:00")
        reading = Reading(
            format=written,
            chosen=parse_map(watch.setting("map")),
            tz=tz,
            undated_as=undated_as,
            name=watch.setting("source") or self.name,
            since=watch.since,
            until=watch.until,
            counting=counting,
        )
        return Request(url=watch.address, state=reading.state())


source = File()
