"""Authors under pseudonyms: with which key each post's was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Bring the database here: at once, whatever it holds."""
    op.create_table(
        "generation",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("post", sa.Column("generation", sa.Integer(), nullable=True))
