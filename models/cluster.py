"""
Clusters: texts of an incident that belong together, because they are copies or because a person said so.

A cluster is named by the fingerprint of one of its texts. Texts with the same words are one text, and are
never apart. Where nothing is written down a text is a cluster of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, Instant

Did = Literal["split", "merge"]


def _fingerprint(*, key: bool = False) -> int:
    autoincrement = {"autoincrement": False} if key else {}
    found: int = Field(
        primary_key=key, sa_type=BigInteger, sa_column_kwargs={"nullable": False} | autoincrement
    )
    return found


class OriginalRow(SQLModel, table=True):
    """A text that came first: new ones are held against it. Only hashes of its words are kept."""

    __tablename__ = "original"

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    near: int = _fingerprint(key=True)
    features: bytes = Field(sa_type=LargeBinary)


class OriginalKeyRow(SQLModel, table=True):
    """
    A key under which an original is found.

    There are six of each, so that its incident is there is looked up for the original alone.
    """

    __tablename__ = "original_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    incident_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: int = _fingerprint(key=True)
    near: int = _fingerprint(key=True)


class CopiedRow(SQLModel, table=True):
    """A text in another's cluster: the original it was `found` a copy of, and the cluster it is in."""

    __tablename__ = "copied"
    __table_args__ = (
        Index("copied_cluster", "incident_id", "cluster"),
        Index("copied_found", "incident_id", "found"),
    )

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    near: int = _fingerprint(key=True)
    found: int = _fingerprint()
    cluster: int = _fingerprint()


class RegroupingRow(SQLModel, table=True):
    """
    What a person said of clusters, until they take it back (`undone_at`).

    `split`: `post_id` is no copy of what it was with; `merge`: it says the same as `other_id`.
    """

    __tablename__ = "regrouping"
    __table_args__ = (
        Index("regrouping_incident", "incident_id"),
        Index("regrouping_post", "post_id"),
        Index("regrouping_other", "other_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    did: str
    post_id: int = Field(foreign_key="post.id", sa_type=BIG_ID)
    other_id: int | None = Field(default=None, foreign_key="post.id", sa_type=BIG_ID)
    by: str
    at: datetime = Field(sa_type=Instant)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)


class RegroupedRow(SQLModel, table=True):
    """Where a regrouping puts a text. The newest that stands wins over what was found."""

    __tablename__ = "regrouped"
    __table_args__ = (Index("regrouped_near", "near"),)

    regrouping_id: int = Field(foreign_key="regrouping.id", primary_key=True)
    near: int = _fingerprint(key=True)
    cluster: int = _fingerprint()
