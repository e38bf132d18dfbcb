"""What posts said before they were edited at their source, until nothing of ours quotes it any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here: at once, whatever it holds."""
    op.create_table(
        "edited",
        sa.Column("id", BIG_ID, primary_key=True, nullable=False),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("near", sa.BigInteger(), nullable=False),
    )
    op.create_index("edited_post", "edited", ["post_id"])
