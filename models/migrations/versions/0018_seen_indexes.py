"""Items seen and unseen: their indexes tell whether they are, or SQLite looks each of them up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Bring the database here: some seconds for a million posts."""
    for name, columns, where in (
        ("item_unseen", ["incident_id", "open", "urgency", "post_id", "near", "seen_at"], "seen_at IS NULL"),
        ("item_seen", ["incident_id", "open", "seen_at"], "seen_at IS NOT NULL"),
    ):  # fmt: skip
        op.drop_index(name, "item")
        only = sa.text(where)
        op.create_index(name, "item", columns, sqlite_where=only, postgresql_where=only)
