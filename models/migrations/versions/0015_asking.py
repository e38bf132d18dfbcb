"""What posts were last proved by, when they were last asked about, and questions answered only later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BIG = sa.BigInteger()


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "asking",
        sa.Column(
            "watch_id", sa.Integer(), sa.ForeignKey("watch.id"), primary_key=True,
            autoincrement=False, nullable=False,
        ),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("began", BIG, nullable=False),
        sa.Column("not_before", BIG, nullable=False),
    )  # fmt: skip
    op.add_column("watch", sa.Column("again_at", BIG))
    op.add_column("watch", sa.Column("again_trouble", sa.Text()))
    op.add_column("post", sa.Column("asked_at", BIG))
    op.add_column(
        "post", sa.Column("untold", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Whoever brought a post saw that it was there, as of when its source said so.
    op.execute(
        "UPDATE post SET verified_at = as_of WHERE verified_at IS NULL OR verified_at < as_of"
    )
    op.drop_index("post_verified", "post")
    op.create_index("post_verified", "post", ["source", "verified_at", "untold"])
