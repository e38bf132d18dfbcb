"""One index instead of two over what texts items say: keys that lie anywhere are what writing waits for."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Bring the database here: some seconds for a million posts."""
    op.drop_index("item_said", "item")
    op.drop_index("item_near", "item")
    columns = ["incident_id", "near", "open", "urgency", "post_id", "posted_at"]
    op.create_index("item_near", "item", columns)
