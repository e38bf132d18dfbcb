"""Alarms, the charts they come from, and an index that tells whether a text was said before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BIG = sa.BigInteger()


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("peak", sa.Float()),
        sa.Column("peak_voices", sa.Integer()),
        sa.Column("peak_at", BIG),
        sa.Column("ended_at", BIG),
        sa.Column("recorded_at", BIG, nullable=False),
        sa.Column("end_recorded_at", BIG),
        sa.Column("acked_by", sa.String()),
        sa.Column("acked_at", BIG),
        sa.UniqueConstraint("incident_id", "kind", "subject", "opened_at", name="alarm_once"),
    )
    op.create_index("alarm_recorded", "alarm", ["recorded_at"])
    op.create_index("alarm_end_recorded", "alarm", ["end_recorded_at"])
    op.create_table(
        "chart",
        sa.Column(
            "incident_id",
            sa.Integer(),
            sa.ForeignKey("incident.id"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("label", sa.String(), primary_key=True, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("learnt_at", BIG, nullable=False),
        sa.Column("learnt", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index("item_said", "item", ["incident_id", "near", "posted_at", "post_id"])
