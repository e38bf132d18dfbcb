"""Who answers the posts a saved reply is for, and within how long."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Bring the database here: at once."""
    op.add_column("reply", sa.Column("owner", sa.String(), nullable=False, server_default=""))
    op.add_column("reply", sa.Column("within", sa.Integer()))
