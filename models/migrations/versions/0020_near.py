"""
What posts wait for while they are written.

One index instead of two over what items say, for keys that lie anywhere are dear; and no look at the
incident for each of an original's keys. Where posts stand in the queue is told by one index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_COPIED = "INSERT INTO found SELECT incident_id, key, near FROM original_key ORDER BY 1, 2, 3"


def upgrade() -> None:
    """Bring the database here: some seconds for a million posts."""
    op.drop_index("item_said", "item")
    for name, columns in (
        ("item_near", ["incident_id", "near", "open", "urgency", "post_id", "posted_at"]),
        ("item_post", ["post_id", "incident_id", "open", "urgency", "near"]),
    ):
        op.drop_index(name, "item")
        op.create_index(name, "item", columns)
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("original_key_incident_id_fkey", "original_key")
        return
    op.create_table(
        "found",
        sa.Column("incident_id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("key", sa.BigInteger(), primary_key=True, nullable=False),
        sa.Column("near", sa.BigInteger(), primary_key=True, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(_COPIED)
    op.drop_table("original_key")
    op.rename_table("found", "original_key")
