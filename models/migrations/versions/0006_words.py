"""Words of posts, folded, with an index over them, so that they are found at once; and three small indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.store import dialect
from models.store.words import fill

revision = "0006"
down_revision = "0005"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the database here: some 30,000 posts a second."""
    op.create_table(
        "words",
        sa.Column(
            "post_id", BIG_ID, sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True,
            autoincrement=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
    )  # fmt: skip
    connection = op.get_bind()
    dialect.index_words(connection)
    fill(connection)
    for name, table, column, only in (
        ("tag_person", "tag", "post_id", "by NOT LIKE 'classifier:%'"),
        ("tag_past", "tag", "post_id", "NOT holds"),
        ("post_aside", "post", "near", "official OR scored_by IS NULL"),
    ):
        where = sa.text(only)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
