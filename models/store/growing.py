"""The audit trail only grows: the database itself refuses to change or take out a row of it."""

from __future__ import annotations

from sqlalchemy import Connection

_SAYS = "the audit trail is only added to"

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$
"""
_TRIGGER = """
CREATE TRIGGER audit_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
"""
_GROWS = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_no_{what} BEFORE {what} ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
        for what in ("update", "delete")
    ),
    "postgresql": (_FUNCTION, _TRIGGER),
}


def only_grows(connection: Connection) -> None:
    """
    Let nobody change or take out a row by mistake.

    Whoever may change the database's shape can take this away again; then the seals tell.
    """
    for statement in _GROWS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


_SHRINKS = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("DROP TRIGGER audit_grows ON audit",),
}


def may_shrink(connection: Connection) -> None:
    """Let rows be taken out again, of a copy that nobody has begun to use."""
    for statement in _SHRINKS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
