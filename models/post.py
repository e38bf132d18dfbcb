"""
A post: one thing one person said in public.

`Post` is the checked value that sources make; `PostRow` is how the store keeps it. They are two
shapes on purpose: a `table=True` class doesn't check what it is given, and a checked value that
arrives a hundred thousand times a minute has to be cheap (`CONTRIBUTING.md`, "Design notes").
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, Instant

Kind = Literal["post", "reply", "quote", "repost"]

LONGEST_TEXT = 70_000
"""Characters kept of one text: above the longest any source allows (WordPress, 65,525)."""

LONGEST_NAME = 300
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No public post is older; an earlier date is a lie and the time counts as unknown."""

_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def clean(text_: str, longest: int = LONGEST_TEXT) -> str:
    """Text that every database, terminal and file takes: no NUL, control or lone surrogate."""
    if not text_.isprintable():
        text_ = text_.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8")
    text_ = text_.replace("\r\n", "\n").replace("\r", "\n").strip()
    return text_ if len(text_) <= longest else text_[: longest - 1] + "…"


def plausible(when: datetime | None, now: datetime) -> datetime | None:
    """The time in UTC if it can be true at `now`, else None: unknown beats wrong."""
    if when is None or when.tzinfo is None:
        return None
    try:
        when = when.astimezone(UTC)
    except OverflowError:
        return None
    if when < EARLIEST or when > now + timedelta(hours=1):
        return None
    return min(when, now)


def identity(author: str | None, when: datetime | None, text_: str) -> str:
    """The id of a post whose source gives none: a hash of author, time and text."""
    stamp = when.astimezone(UTC).isoformat(timespec="seconds") if when else ""
    parts = "\x1f".join((author or "", stamp, " ".join(text_.split())))
    return "sha-" + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:24]


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """
    One public post, cleaned at birth; times are aware UTC.

    `version` counts the author's edits where the source tells (0 = first); `as_of` is when the
    source said so. The greater `(version, as_of)` wins in the store, whatever arrives first.
    `official` posts were said by the company or the site's owner, so they are no feedback.
    """

    source: str
    external_id: str
    text: str
    url: str | None = None
    author: str | None = None
    author_id: str | None = None
    author_followers: int | None = None
    posted_at: datetime | None = None
    as_of: datetime | None = None
    version: int = 0
    kind: Kind = "post"
    parent_id: str | None = None
    thread_id: str | None = None
    origin_id: str | None = None
    lang: str | None = None
    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None
    official: bool = False

    def __post_init__(self) -> None:
        """Clean what strangers wrote; a post without id or text isn't one."""
        put = msgspec.structs.force_setattr
        put(self, "text", clean(self.text))
        put(self, "external_id", clean(self.external_id, LONGEST_NAME))
        for name in ("author", "author_id"):
            value = getattr(self, name)
            if value is not None:
                put(self, name, clean(value, LONGEST_NAME) or None)
        if self.url is not None and not self.url.startswith(("https://", "http://")):
            put(self, "url", None)
        elif self.url is not None:
            put(self, "url", clean(self.url, 2_000))
        if not self.external_id:
            message = "a post needs an id"
            raise ValueError(message)
        if not self.text:
            message = "a post needs text"
            raise ValueError(message)


_ASIDE = "official OR scored_by IS NULL"
"""Posts that are no item, or whose item may be of words they no longer have."""


class PostRow(SQLModel, table=True):
    """
    A stored post: the columns of `Post`, and those that only the store fills.

    `unsupported` says that the classifier in `scored_by` doesn't know the post's language;
    `charged_at` is when its source last charged it, for sources that do; `verified_at` is as of when
    its source last showed it, `asked_at` when it was asked in vain since; `untold`: it couldn't tell then.
    `generation` counts the keys its author's pseudonym was made with; None: it stands under its name.
    """

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="post_identity"),
        Index("post_posted_at", "posted_at"),
        Index("post_first_seen", "first_seen"),
        Index("post_verified", "source", "verified_at", "untold"),
        Index(
            "post_changed",
            "changed_at",
            sqlite_where=text("changed_at IS NOT NULL"),
            postgresql_where=text("changed_at IS NOT NULL"),
        ),
        Index(
            "post_unscored",
            "id",
            sqlite_where=text("scored_by IS NULL"),
            postgresql_where=text("scored_by IS NULL"),
        ),
        Index(
            "post_parent",
            "source",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index("post_aside", "near", sqlite_where=text(_ASIDE), postgresql_where=text(_ASIDE)),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    source: str
    external_id: str
    text: str = Field(sa_type=Text)
    url: str | None = None
    author: str | None = None
    author_id: str | None = None
    author_followers: int | None = Field(default=None, sa_type=BigInteger)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)
    as_of: datetime = Field(sa_type=Instant)
    version: int = 0
    kind: str = "post"
    parent_id: str | None = None
    thread_id: str | None = None
    origin_id: str | None = None
    lang: str | None = None
    likes: int | None = Field(default=None, sa_type=BigInteger)
    replies: int | None = Field(default=None, sa_type=BigInteger)
    reposts: int | None = Field(default=None, sa_type=BigInteger)
    views: int | None = Field(default=None, sa_type=BigInteger)
    official: bool = False
    near: int = Field(sa_type=BigInteger)
    first_seen: datetime = Field(sa_type=Instant)
    changed_at: datetime | None = Field(default=None, sa_type=Instant)
    scored_by: str | None = None
    unsupported: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    charged_at: datetime | None = Field(default=None, sa_type=Instant)
    verified_at: datetime | None = Field(default=None, sa_type=Instant)
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    untold: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    generation: int | None = None


class SightingRow(SQLModel, table=True):
    """Which watch saw which post, and when first. An incident's posts are those its watches saw."""

    __tablename__ = "sighting"
    __table_args__ = (
        Index("sighting_incident", "incident_id", "post_id"),
        Index("sighting_post", "post_id", "incident_id"),
        Index("sighting_seen", "watch_id", "seen_at"),
    )

    watch_id: int = Field(primary_key=True, foreign_key="watch.id")
    post_id: int = Field(primary_key=True, foreign_key="post.id", sa_type=BIG_ID)
    incident_id: int = Field(foreign_key="incident.id")
    seen_at: datetime = Field(sa_type=Instant)
