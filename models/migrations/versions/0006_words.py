"""A table for the words of posts, folded, which a later step fills; and three small indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "words",
        sa.Column(
            "post_id", BIG_ID, sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True,
            autoincrement=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
    )  # fmt: skip
    for name, table, column, only in (
        ("tag_person", "tag", "post_id", "by NOT LIKE 'classifier:%'"),
        ("tag_past", "tag", "post_id", "NOT holds"),
        ("post_aside", "post", "near", "official OR scored_by IS NULL"),
    ):
        where = sa.text(only)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
