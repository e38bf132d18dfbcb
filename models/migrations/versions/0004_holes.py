"""Holes with a name, what a watch spends in a day, samples of what is too dear, and canaries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger()


def upgrade() -> None:
    """Bring the database here."""
    for name in ("requests_a_day", "reads_a_day"):
        op.add_column("watch", sa.Column(name, sa.Integer()))
    op.add_column("watch", sa.Column("canary", sa.String()))
    for name in ("canary_at", "mute_since"):
        op.add_column("watch", sa.Column(name, BIG))
    op.add_column("post", sa.Column("charged_at", BIG))
    watch = sa.ForeignKey("watch.id")
    op.create_table(
        "hole",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("watch_id", sa.Integer(), watch, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("chain", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("not_before", BIG),
        sa.Column("lost_at", BIG),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.UniqueConstraint("watch_id", "key", name="hole_key"),
    )
    op.create_table(
        "spent",
        sa.Column("watch_id", sa.Integer(), sa.ForeignKey("watch.id"), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True, nullable=False),
        sa.Column("requests", BIG, nullable=False),
        sa.Column("reads", BIG, nullable=False),
    )
    op.create_table(
        "sample",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("watch_id", sa.Integer(), sa.ForeignKey("watch.id"), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("slices", sa.JSON(), nullable=False),
    )
    op.create_index("sample_watch", "sample", ["watch_id", "since"])
