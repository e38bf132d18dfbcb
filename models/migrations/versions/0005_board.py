"""The board: items, people and how they get in, saved replies and views, approval of drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG = sa.BigInteger()
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here."""
    op.add_column("verdict", sa.Column("url", sa.String()))
    op.add_column("verdict", sa.Column("undone_at", BIG))
    op.add_column("act", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("act", sa.Column("approved_by", sa.String()))
    op.add_column("act", sa.Column("approved_at", BIG))
    for name, minutes in (("look_within", "30"), ("answer_within", "120")):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=minutes)
        op.add_column("incident", column)
    op.add_column("incident", sa.Column("hours", sa.String(), nullable=False, server_default=""))
    op.add_column("incident", sa.Column("next_update_at", BIG))
    _items()
    _people()
    _texts()


def _items() -> None:
    op.create_table(
        "item",
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("post_id", BIG_ID, sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("near", BIG, nullable=False),
        sa.Column("lang", sa.String()),
        sa.Column("posted_at", BIG),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("urgency", BIG, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String()),
        sa.Column("held_at", BIG),
        sa.Column("decision", sa.String()),
        sa.Column("seen_at", BIG),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    for name, by, where in (
        ("item_queue", ["points"], None),
        ("item_label", ["labels"], None),
        ("item_source", ["source"], None),
        ("item_lang", ["lang"], "lang IS NOT NULL"),
        ("item_holder", ["holder"], "holder IS NOT NULL"),
        ("item_decided", ["decision"], "decision IS NOT NULL"),
        ("item_unseen", [], "seen_at IS NULL"),
    ):
        columns = ["incident_id", "open", *by, "urgency", "post_id"]
        only = None if where is None else sa.text(where)
        op.create_index(name, "item", columns, sqlite_where=only, postgresql_where=only)
    op.create_index("item_posted", "item", ["incident_id", "posted_at", "labels"])
    op.create_index("item_near", "item", ["incident_id", "near", "open", "urgency", "post_id"])
    answers = sa.text("parent_id IS NOT NULL")
    op.create_index(
        "post_parent",
        "post",
        ["source", "parent_id"],
        sqlite_where=answers,
        postgresql_where=answers,
    )
    op.create_index("sighting_post", "sighting", ["post_id", "incident_id"])
    op.create_index("sighting_seen", "sighting", ["watch_id", "seen_at"])
    op.create_index("audit_about", "audit", ["incident_id", "about"])
    # Posts that were tagged before there were items are tagged once more, which makes theirs.
    op.execute("UPDATE post SET scored_by = NULL")


def _people() -> None:
    person = sa.ForeignKey("person.id")
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password", sa.String()),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("disabled_at", BIG),
        sa.UniqueConstraint("name", name="person_name"),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.String(), primary_key=True, nullable=False),
        sa.Column("person_id", sa.Integer(), person, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
    )
    op.create_index("session_person", "session", ["person_id"])
    op.create_table(
        "invitation",
        sa.Column("digest", sa.String(), primary_key=True, nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("used_at", BIG),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("start", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("used_at", BIG),
        sa.Column("revoked_at", BIG),
        sa.UniqueConstraint("digest", name="token_digest"),
    )
    op.create_table(
        "knock",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
    )
    op.create_index("knock_name", "knock", ["name", "at"])
    op.create_index("knock_place", "knock", ["place", "at"])


def _texts() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label", sa.String()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("removed_at", BIG),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("removed_at", BIG),
    )
