"""Incidents, watches, posts, sightings, tags, verdicts, coverage, acts and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.String()


def _key(kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column("id", kind, primary_key=True, nullable=False)


def upgrade() -> None:
    """Bring the database here."""
    op.create_table(
        "incident",
        _key(sa.Integer()),
        sa.Column("slug", NAME, nullable=False),
        sa.Column("title", NAME, nullable=False),
        sa.Column("company", NAME, nullable=False),
        sa.Column("tz", NAME, nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("status", NAME, nullable=False),
        sa.Column("began", BIG, nullable=False),
        sa.Column("opened_at", BIG, nullable=False),
        sa.Column("closed_at", BIG),
        sa.UniqueConstraint("slug", name="incident_slug"),
    )
    op.create_table(
        "watch",
        _key(sa.Integer()),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("address", NAME),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("since", BIG),
        sa.Column("until", BIG),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("bookmark", sa.Text()),
        sa.Column("chain", sa.Text()),
        sa.Column("not_before", BIG),
        sa.Column("trouble", sa.Text()),
        sa.Column("trouble_kind", NAME),
        sa.Column("trouble_since", BIG),
        sa.Column("asked_at", BIG),
        sa.Column("paused_at", BIG),
        sa.Column("removed_at", BIG),
        sa.Column("created_at", BIG, nullable=False),
        sa.UniqueConstraint("incident_id", "key", name="watch_key"),
    )
    op.create_index("watch_incident", "watch", ["incident_id"])
    op.create_table(
        "post",
        _key(BIG_ID),
        sa.Column("source", NAME, nullable=False),
        sa.Column("external_id", NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", NAME),
        sa.Column("author", NAME),
        sa.Column("author_id", NAME),
        sa.Column("author_followers", BIG),
        sa.Column("posted_at", BIG),
        sa.Column("as_of", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("parent_id", NAME),
        sa.Column("thread_id", NAME),
        sa.Column("origin_id", NAME),
        sa.Column("lang", NAME),
        sa.Column("likes", BIG),
        sa.Column("replies", BIG),
        sa.Column("reposts", BIG),
        sa.Column("views", BIG),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("near", BIG, nullable=False),
        sa.Column("first_seen", BIG, nullable=False),
        sa.Column("changed_at", BIG),
        sa.Column("scored_by", NAME),
        sa.UniqueConstraint("source", "external_id", name="post_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("post_posted_at", "post", ["posted_at"])
    unscored = sa.text("scored_by IS NULL")
    op.create_index(
        "post_unscored", "post", ["id"], sqlite_where=unscored, postgresql_where=unscored
    )
    op.create_table(
        "sighting",
        sa.Column(
            "watch_id", sa.Integer(), sa.ForeignKey("watch.id"), primary_key=True, nullable=False
        ),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
    )
    op.create_index("sighting_incident", "sighting", ["incident_id", "post_id"])
    op.create_table(
        "tag",
        _key(BIG_ID),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("label", NAME, nullable=False),
        sa.Column("put", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("by", NAME, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
    )
    holds = sa.text("holds")
    op.create_index(
        "tag_holds",
        "tag",
        ["post_id", "label"],
        unique=True,
        sqlite_where=holds,
        postgresql_where=holds,
    )
    op.create_table(
        "verdict",
        _key(sa.Integer()),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), nullable=False),
        sa.Column("decision", NAME, nullable=False),
        sa.Column("by", NAME, nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", BIG, nullable=False),
    )
    op.create_index("verdict_post", "verdict", ["incident_id", "post_id"])
    op.create_table(
        "coverage",
        _key(sa.Integer()),
        sa.Column("watch_id", sa.Integer(), sa.ForeignKey("watch.id"), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
    )
    op.create_index("coverage_watch", "coverage", ["watch_id", "since"])
    op.create_table(
        "act",
        _key(sa.Integer()),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", NAME),
        sa.Column("by", NAME),
        sa.Column("at", BIG),
        sa.Column("recorded_at", BIG, nullable=False),
    )
    op.create_index("act_incident", "act", ["incident_id", "at"])
    op.create_table(
        "audit",
        _key(sa.Integer()),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id")),
        sa.Column("by", NAME, nullable=False),
        sa.Column("did", NAME, nullable=False),
        sa.Column("about", NAME, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", BIG, nullable=False),
    )
    op.create_index("audit_incident", "audit", ["incident_id", "at"])
