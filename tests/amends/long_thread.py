"""A blog article with very many comments, served page by page, that remembers every question."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from amends.incident_blog import COMMENTS, Told
from amends.incident_server import IncidentServer

SLUG = "no-discs"
BEGAN = datetime(2023, 1, 2, 8, 0, tzinfo=UTC)
SCRIPT = f"""
slug = "no-discs"
title = "No discs"
company = "Reelpost"
tz = "UTC"
terms = ["reelpost"]
began = 2023-01-02T08:00:00Z
plays_at = 2026-01-02T08:00:00Z
watches = []
acts = []

[articles]
{SLUG} = "No discs"
"""


class LongThread(IncidentServer):
    """
    Serves `comments` comments under one article, an hour apart; each answer takes `pace` seconds.

    The comments' ids are 1 to `comments`.
    """

    def __init__(self, folder: Path, comments: int, pace: float = 0.0) -> None:
        folder.mkdir()
        (folder / "incident.toml").write_text(SCRIPT)
        with (folder / "posts.jsonl").open("w") as out:
            for number in range(1, comments + 1):
                at = BEGAN + timedelta(hours=number)
                said = {"id": number, "place": SLUG, "author": f"cleo{number}", "at": at.isoformat(),
                        "text": f"disc {number} never came, where is my credit?"}  # fmt: skip
                out.write(json.dumps(said) + "\n")
        super().__init__(folder)
        self.pace = pace
        self.comments = comments
        self.article = f"{self.url}/{BEGAN:%Y/%m}/{SLUG}/"
        self.ids = {f"{self.url.removeprefix('http://')}/#comment-{n}" for n in range(comments)}
        self.asked: Counter[int] = Counter()

    def answer(self, path: str, asked: Mapping[str, str], *, bearer: bool) -> Told:
        """Answer as the blog does, after a while."""
        if path == COMMENTS and "after" not in asked:
            # Later rounds ask for what is new, and for a while before that once more.
            self.asked[int(asked.get("page", "1"))] += 1
        time.sleep(self.pace)
        return super().answer(path, asked, bearer=bearer)

    @property
    def asked_again(self) -> int:
        """How many answers of the first walk through all comments were asked for once more."""
        return sum(times - 1 for times in self.asked.values())
