"""Corrections that reach copies and can be undone; posts nobody can read; questions asked once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here."""
    op.add_column(
        "post", sa.Column("unsupported", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("tag", sa.Column("copied_from", BIG_ID))
    op.add_column("tag", sa.Column("undone_at", BIG))
    said = sa.text("copied_from IS NULL AND by NOT LIKE 'classifier:%'")
    op.create_index("tag_said", "tag", ["by"], sqlite_where=said, postgresql_where=said)
    op.create_table(
        "question",
        sa.Column("near", BIG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
    )
