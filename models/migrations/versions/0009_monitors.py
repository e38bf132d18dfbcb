"""Monitors that may call, and the alerts they sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG = sa.BigInteger()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "monitor",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("tz", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("watches", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("heard_at", BIG),
        sa.Column("removed_at", BIG),
        sa.UniqueConstraint("name", name="monitor_name"),
    )
    op.create_table(
        "alert",
        sa.Column("id", BIG_ID, primary_key=True, nullable=False),
        sa.Column("monitor_id", sa.Integer(), sa.ForeignKey("monitor.id"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("at", BIG, nullable=False),
        sa.Column("heard_at", BIG, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id")),
        sa.UniqueConstraint("monitor_id", "event", name="alert_event"),
    )
    op.create_index("alert_key", "alert", ["monitor_id", "key"])
    op.create_index("alert_incident", "alert", ["incident_id"])
