"""The script of a recorded incident: what happened, and what people said, in plain files."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import msgspec

from models.campaign import Terms


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """
    One post of the script. `place` is x, a blog article's slug, or forum; times are aware.

    A repost has no words of its own: `repost_of` says whose it spreads. `official` posts are the
    company's.
    """

    id: int
    place: str
    author: str
    at: datetime
    text: str = ""
    lang: str = "en"
    followers: int = 0
    reply_to: int | None = None
    repost_of: int | None = None
    likes: int = 0
    reposts: int = 0
    official: bool = False


class ScriptWatch(msgspec.Struct, frozen=True, kw_only=True):
    """A watch of the script, added when the incident begins or `at`; {server} stands for the server's address."""

    source: str
    address: str | None = None
    settings: dict[str, str] = {}
    at: datetime | None = None


class ScriptAct(msgspec.Struct, frozen=True, kw_only=True):
    """Something the company says or does in the script, and how far the incident is from then on."""

    kind: str
    text: str
    at: datetime
    by: str | None = None
    url: str | None = None
    status: str | None = None


class ScriptCampaign(Terms, frozen=True, kw_only=True):
    """A credit of the script, written down when it begins."""

    by: str


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """
    An incident from start to end; it is played up to the moment `plays_at`.

    `articles` are the blog's, title by slug, in the order of their numbers.
    """

    slug: str
    title: str
    company: str
    tz: str
    terms: tuple[str, ...]
    began: datetime
    plays_at: datetime
    articles: dict[str, str]
    watches: tuple[ScriptWatch, ...]
    acts: tuple[ScriptAct, ...]
    campaigns: tuple[ScriptCampaign, ...] = ()


def read_script(folder: Path) -> Script:
    """Return the incident described in a folder."""
    return msgspec.convert(tomllib.loads((folder / "incident.toml").read_text("utf-8")), Script)


def read_lines(folder: Path) -> list[Line]:
    """Return the posts of an incident, oldest first."""
    # Not splitlines: people write U+2028 into the middle of what they say.
    lines = (folder / "posts.jsonl").read_bytes().split(b"\n")
    return sorted(
        (msgspec.json.decode(line, type=Line) for line in lines if line),
        key=lambda line: (line.at, line.id),
    )
