"""Clusters: texts that came first, their copies, and what people say of both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "original",
        _incident(),
        _fingerprint("near"),
        sa.Column("features", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "original_key",
        _incident(),
        _fingerprint("key"),
        _fingerprint("near"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copied",
        _incident(),
        _fingerprint("near"),
        sa.Column("found", BIG, nullable=False),
        sa.Column("cluster", BIG, nullable=False),
    )
    op.create_index("copied_cluster", "copied", ["incident_id", "cluster"])
    op.create_index("copied_found", "copied", ["incident_id", "found"])
    op.create_table(
        "regrouping",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("other_id", BIG_ID, sa.ForeignKey("post.id")),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("undone_at", BIG),
    )
    op.create_index("regrouping_incident", "regrouping", ["incident_id"])
    op.create_table(
        "regrouped",
        sa.Column("regrouping_id", sa.Integer(), sa.ForeignKey("regrouping.id"), primary_key=True),
        _fingerprint("near"),
        sa.Column("cluster", BIG, nullable=False),
    )
    op.create_index("regrouped_near", "regrouped", ["near"])
    # Posts that were tagged before there were clusters are tagged once more, which finds theirs.
    op.execute("UPDATE post SET scored_by = NULL")


def _incident() -> sa.Column[int]:
    return sa.Column(
        "incident_id", sa.Integer(), sa.ForeignKey("incident.id"), primary_key=True, nullable=False
    )


def _fingerprint(name: str) -> sa.Column[int]:
    return sa.Column(name, BIG, primary_key=True, autoincrement=False, nullable=False)
