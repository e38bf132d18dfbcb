"""One asker for every place: the web for addresses, the disk for files."""

from __future__ import annotations

from datetime import datetime

from ingest.disk import Disk
from ingest.robots import Robots
from ingest.source import Request, Response


class Places:
    """Sends each request to the web or to the disk, by its address."""

    def __init__(self, web: Robots, disk: Disk) -> None:
        self._web, self._disk = web, disk

    def ask(self, request: Request, now: datetime) -> Response:
        """Fetch one answer from where the request points."""
        away = "://" in request.url
        return self._web.ask(request, now) if away else self._disk.ask(request, now)
