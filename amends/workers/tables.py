"""Procrastinate's tables in our database: made by the first who needs them, and brought up to date."""

from __future__ import annotations

from pathlib import Path

from procrastinate.schema import SchemaManager

from models.store import Store, dialect, sharing

# Procrastinate doesn't note in the database which of its migrations were made, so we do.
_FIND = "SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')"
_NOTE = "COMMENT ON TABLE procrastinate_jobs IS '{}'"


def make_ready(store: Store) -> None:
    """Make the tables of jobs in a store on PostgreSQL, or bring them up to date."""
    migrations = sorted(path.name for path in _folder().glob("*.sql"))
    with store.read() as tx:
        if dialect.rows(tx.session.connection(), _FIND)[0][0] == migrations[-1]:
            return
    with store.begin() as tx:
        connection = tx.session.connection()
        # Several workers may be the first at once.
        dialect.alone(connection, "lease")
        noted = dialect.rows(connection, _FIND)[0][0]
        if noted is None:
            sharing.apply(connection, SchemaManager.get_schema())
        else:
            for name in migrations:
                if name > noted:
                    sharing.apply(connection, (_folder() / name).read_text(encoding="utf-8"))
        sharing.apply(connection, _NOTE.format(max(migrations[-1], noted or "")))


def _folder() -> Path:
    return Path(SchemaManager.get_migrations_path())
