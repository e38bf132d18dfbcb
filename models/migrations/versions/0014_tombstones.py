"""Tombstones of posts that were erased, what was counted before, how long posts are kept and verified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BIG = sa.BigInteger()


def upgrade() -> None:
    """Bring the database here."""
    incident = sa.ForeignKey("incident.id")
    op.create_table(
        "tombstone",
        sa.Column("key", sa.String(), primary_key=True, nullable=False),
        sa.Column("mark", sa.String(), primary_key=True, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
    )
    op.create_table(
        "gone_posts",
        sa.Column("incident_id", sa.Integer(), incident, primary_key=True, nullable=False),
        sa.Column("hour", BIG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(), primary_key=True, nullable=False),
        sa.Column("label", sa.String(), primary_key=True, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
    )
    op.create_table(
        "gone_voices",
        sa.Column(
            "incident_id", sa.Integer(), sa.ForeignKey("incident.id"), primary_key=True,
            nullable=False,
        ),
        sa.Column("day", BIG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("label", sa.String(), primary_key=True, nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
    )  # fmt: skip
    op.create_table(
        "retention",
        sa.Column("of", sa.String(), primary_key=True, nullable=False),
        sa.Column("keep_days", sa.Integer()),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
    )
    op.add_column("post", sa.Column("verified_at", BIG))
    op.create_index("post_first_seen", "post", ["first_seen"])
    op.create_index("post_verified", "post", ["verified_at"])
    # Whoever takes a post away asks each of these tables whether it still names that post.
    op.create_index("verdict_of_post", "verdict", ["post_id"])
    for table in ("tag", "item", "question", "regrouping"):
        op.create_index(f"{table}_post", table, ["post_id"])
    op.create_index("regrouping_other", "regrouping", ["other_id"])
