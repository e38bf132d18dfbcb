"""
Traces: what was deleted and still lies in free pages, in the log, or in rows that nobody sees any more.

SQLite writes its file anew, which takes as long as copying it, and cuts its log to nothing. PostgreSQL
frees the room of what is gone; its own log and its replicas keep it for as long as they are set to.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine

PAUSE = 0.1
TABLES = (
    "post", "words", "mention", "tag", "item", "sighting", "verdict", "question", "original",
    "original_key", "copied", "regrouping", "regrouped", "act", "reply", "saved_view", "audit", "outbox",
    "alarm", "alert", "hole", "watch", "campaign",
    "edited",
)  # fmt: skip
"""Tables from which an erasure takes something."""


def overwrite(connection: Connection, *, wanted: bool) -> None:
    """Once that is wanted, let SQLite overwrite what a connection deletes; some builds do anyway."""
    if wanted and not connection.info.get("thorough"):
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        connection.info["thorough"] = True


def clear_traces(engine: Engine, patience: float) -> bool:
    """
    Let nothing that was deleted remain in the database's files; return whether that went all the way.

    Where somebody reads on for longer than `patience`, in seconds, the log still has traces.
    """
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as raw:
            raw.driver_connection.execute("VACUUM")  # type: ignore[union-attr]
            return _cut_log(raw.driver_connection, patience)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.exec_driver_sql(f"VACUUM {table}")
    return True


def cut_log(engine: Engine) -> bool:
    """
    Carry SQLite's log over into its file and cut it to nothing; return whether that could be done.

    It waits for nobody.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as raw:
        raw.driver_connection.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr]
        try:
            return _cut_log(raw.driver_connection, 0.0)
        finally:
            # Whoever has the connection next waits as long as it says.
            raw.invalidate()


def _cut_log(connection: Any, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE)
