"""The outbox, and which digests were made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG = sa.BigInteger()


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "outbox",
        sa.Column("id", BIG.with_variant(sa.Integer(), "sqlite"), primary_key=True, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id")),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", BIG, nullable=False),
        sa.Column("claim", sa.String()),
        sa.Column("remaining", sa.Text(), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("sent_at", BIG),
        sa.UniqueConstraint("event_id", "destination", name="outbox_event"),
    )
    op.create_index("outbox_due", "outbox", ["state", "destination", "not_before"])
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("print", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.UniqueConstraint("incident_id", "day", "version", name="digest_version"),
    )
