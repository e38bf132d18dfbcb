"""Campaigns, what posts mention of offers, and for which phase a saved reply is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.store.mentions import fill

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger()
BIG_ID = BIG.with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here: some 50,000 posts a second."""
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("announced_at", BIG),
        sa.Column("batches", sa.JSON(), nullable=False),
        sa.Column("opens_at", BIG),
        sa.Column("days", sa.Integer()),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("bill_by", sa.String()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", BIG),
    )
    op.create_index("campaign_incident", "campaign", ["incident_id"])
    op.create_table(
        "mention",
        sa.Column(
            "post_id", BIG_ID, sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True,
            autoincrement=False,
        ),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("amount", sa.String(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
    )  # fmt: skip
    op.add_column("reply", sa.Column("phase", sa.String()))
    fill(op.get_bind())
