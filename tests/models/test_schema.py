"""A fresh database and a migrated one have the same shape."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from models.post import Post, PostRow
from models.store import Store
from models.store.dialect import engine_for
from models.store.schema import MIGRATIONS, NEWEST, metadata
from tests.conftest import database


def shape(engine: Engine) -> dict[str, Any]:
    """Return all that the database says of its tables."""
    found = inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"])
                for column in found.get_columns(table)
            ],
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (key["constrained_columns"], key["referred_table"])
                for key in found.get_foreign_keys(table)
            ),
            "unique": sorted(
                (str(rule["name"]), rule["column_names"])
                for rule in found.get_unique_constraints(table)
            ),
            "indexes": sorted(
                (str(index["name"]), index["column_names"], bool(index["unique"]),
                 str(sorted(map(str, index.get("dialect_options", {}).values()))))
                for index in found.get_indexes(table)
            ),
        }
        for table in sorted(set(found.get_table_names()) - {"alembic_version"})
    }  # fmt: skip


def declared(name: str | None, kind: str, parents: Any) -> bool:
    """Return whether the tables say it: the index over words is each database's own."""
    return not (name or "").startswith("words_index")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_fresh_equals_migrated(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The migrations lead to exactly what the tables say."""
    fresh = engine_for(database(kind, request, tmp_path_factory.mktemp("fresh")))
    migrated = Store.open(database(kind, request, tmp_path_factory.mktemp("migrated")))
    SQLModel.metadata.create_all(fresh)

    assert shape(fresh) == shape(migrated.engine)
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": declared})
        assert compare_metadata(context, metadata) == []

    fresh.dispose()
    migrated.close()


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    """Opening a store trusts a constant; here it is held to the files."""
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [NEWEST]


def test_a_stored_post_has_every_field_of_a_post() -> None:
    """What a source says has a column."""
    assert set(Post.__struct_fields__) <= set(PostRow.model_fields)
