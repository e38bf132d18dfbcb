"""A database as an older Amends left it: what came since is taken out again."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect

from models.store import Store, dialect, words_index
from models.store.schema import MIGRATIONS, metadata


def shaped(folder: Path, shape: str, url: str = "") -> Engine:
    """Return an empty database in a shape of the past, as the migrations make it; at `url` if given."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = dialect.engine_for(url or f"sqlite:///{folder / f'shape-{shape}.db'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, shape)
    return engine


def take_back(store: Store, shape: str, folder: Path) -> set[str]:
    """Take a database back to a shape of the past, rows and all; return the tables that went."""
    engine = shaped(folder, shape)
    older = inspect(engine)
    known = set(older.get_table_names())
    with store.begin() as tx:
        connection = tx.session.connection()
        words_index.drop(connection)
        newer = inspect(connection)
        gone = [table.name for table in reversed(metadata.sorted_tables) if table.name not in known]
        for name in gone:
            connection.exec_driver_sql(f'DROP TABLE "{name}"')
        for name in sorted(known - {"alembic_version"}):
            had = {str(index["name"]) for index in older.get_indexes(name)}
            for index in newer.get_indexes(name):
                if index["name"] not in had and not index.get("duplicates_constraint"):
                    connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
            columns = {column["name"] for column in older.get_columns(name)}
            for column in newer.get_columns(name):
                if column["name"] not in columns:
                    connection.exec_driver_sql(
                        f'ALTER TABLE "{name}" DROP COLUMN "{column["name"]}"'
                    )
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{shape}'")
    engine.dispose()
    return set(gone)
