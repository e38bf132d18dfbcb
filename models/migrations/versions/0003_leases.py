"""Who collects: one process at a time, and a sleeper that wakes is fenced out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "lease",
        sa.Column("job", sa.String(), primary_key=True, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
