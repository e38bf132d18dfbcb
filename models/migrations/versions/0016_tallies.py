"""Tallies of items by quarter of an hour, so that a day isn't counted post by post; the queue read by indexes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_COUNTED = """
INSERT INTO tally (incident_id, quarter, source, labels, posts)
SELECT incident_id, COALESCE(posted_at / 900000000 * 900000000, -1), source, labels, COUNT(*)
FROM item GROUP BY 1, 2, 3, 4
"""


def upgrade() -> None:
    """Bring the database here: a million posts take ten seconds."""
    op.create_table(
        "tally",
        sa.Column(
            "incident_id", sa.Integer(), sa.ForeignKey("incident.id"), primary_key=True,
            nullable=False,
        ),
        sa.Column("quarter", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(), primary_key=True, nullable=False),
        sa.Column("labels", sa.Text(), primary_key=True, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.execute(_COUNTED)
    for name, by, where in (
        ("item_queue", ["points"], None),
        ("item_label", ["labels"], None),
        ("item_source", ["source"], None),
        ("item_lang", ["lang"], "lang IS NOT NULL"),
        ("item_holder", ["holder"], "holder IS NOT NULL"),
        ("item_decided", ["decision"], "decision IS NOT NULL"),
        ("item_unseen", [], "seen_at IS NULL"),
    ):
        op.drop_index(name, "item")
        columns = ["incident_id", "open", *by, "urgency", "post_id", "near"]
        only = None if where is None else sa.text(where)
        op.create_index(name, "item", columns, sqlite_where=only, postgresql_where=only)
    for name, table, columns, where in (
        ("item_seen", "item", ["incident_id", "open"], "seen_at IS NOT NULL"),
        ("post_changed", "post", ["changed_at"], "changed_at IS NOT NULL"),
    ):
        only = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
