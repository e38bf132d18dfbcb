"""
Words know when their post was made, and SQLite's index has them in that order.

So a search knows at once when its words were said first, and begins there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.store import dialect, words_index
from models.store.words import BY_TIME, fill

revision = "0021"
down_revision = "0020"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEX = (
    "TRIGGER IF EXISTS words_gone",
    "TRIGGER IF EXISTS words_changed",
    "TABLE IF EXISTS words_index",
)


def upgrade() -> None:
    """Bring the database here: on SQLite some 30,000 posts a second."""
    connection = op.get_bind()
    if dialect.is_sqlite(connection):
        for gone in _INDEX:
            op.execute(f"DROP {gone}")
        op.create_table(
            "found",
            sa.Column(
                "post_id", BIG_ID, sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True,
                autoincrement=False,
            ),
            sa.Column("words", sa.Text(), nullable=False),
            sa.Column("by_time", sa.BigInteger(), nullable=False),
        )  # fmt: skip
        op.execute(
            f"INSERT INTO found SELECT post_id, words, {BY_TIME}"  # noqa: S608  (our own words)
            " FROM words JOIN post ON post.id = words.post_id"
        )
        op.drop_table("words")
        op.rename_table("found", "words")
    else:
        op.execute("DROP INDEX IF EXISTS words_index")
        op.add_column("words", sa.Column("by_time", sa.BigInteger()))
        op.execute(
            f"UPDATE words SET by_time = {BY_TIME} FROM post WHERE post.id = words.post_id"  # noqa: S608
        )
        op.alter_column("words", "by_time", nullable=False)
    words_index.make(connection)
    words_index.anew(connection)
    fill(connection)
