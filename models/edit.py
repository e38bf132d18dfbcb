"""An edit at a source: what a post said before, kept only until nothing of ours quotes it any more."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID


class EditedRow(SQLModel, table=True):
    """A text a post had before it was edited, and the fingerprint of its words."""

    __tablename__ = "edited"
    __table_args__ = (Index("edited_post", "post_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    post_id: int = Field(foreign_key="post.id", sa_type=BIG_ID)
    text: str = Field(sa_type=Text)
    near: int = Field(sa_type=BigInteger)
