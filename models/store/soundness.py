"""Whether a database is sound: the file itself, rows that point at nothing, bookmarks and rows."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import Connection

from models.columns import from_micros
from models.store import dialect, words_index
from models.store.schema import metadata
from models.store.words import BY_TIME

SLACK = 60_000_000
"""Microseconds that two programs asking for one watch may be apart."""

_LOOSE = """
SELECT COUNT(*) FROM "{here}" AS here WHERE here."{key}" IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM "{there}" AS there WHERE there."{id}" = here."{key}")
"""

_WATCHES = """
SELECT watch.id, incident.slug, watch.source, watch.asked_at,
    watch.bookmark IS NOT NULL OR watch.chain IS NOT NULL,
    (SELECT MAX(seen_at) FROM sighting WHERE watch_id = watch.id),
    (SELECT MAX(until) FROM coverage WHERE watch_id = watch.id)
FROM watch JOIN incident ON incident.id = watch.incident_id
WHERE watch.removed_at IS NULL ORDER BY watch.id
"""

_UNSEEN = """
SELECT COUNT(*) FROM (SELECT id FROM post EXCEPT SELECT post_id FROM sighting) AS unseen
"""

_WORDLESS = f"""
SELECT COUNT(*) FROM post LEFT JOIN words ON words.post_id = post.id
WHERE words.by_time IS NULL OR words.by_time <> {BY_TIME}
"""  # noqa: S608  (our own words)

Kind = Literal["loose", "ahead", "behind", "unfound"]


class Fault(NamedTuple):
    """
    One thing that can't be true of a whole database.

    `loose`: rows are missing; `ahead`: a watch claims more than it has rows for; `behind`: it has
    rows it doesn't know of, which only costs asking for them again; `unfound`: posts a search overlooks.
    """

    kind: Kind
    what: str


def damage(connection: Connection) -> str | None:
    """Return what SQLite finds wrong with its file, indexes included, or None; PostgreSQL isn't asked."""
    if not dialect.is_sqlite(connection):
        return None
    found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    return None if found == "ok" else str(found)


def faults(connection: Connection) -> list[Fault]:
    """Return all rows that point at nothing, watches that don't fit their rows, posts a search overlooks."""
    return [*_loose(connection), *_out_of_step(connection), *_unfound(connection)]


def _loose(connection: Connection) -> list[Fault]:
    found = []
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            there = key.column.table.name
            count = dialect.rows(connection, _LOOSE.format(
                here=table.name, key=key.parent.name, there=there, id=key.column.name
            ))[0][0]  # fmt: skip
            if count:
                what = f"{count:,} rows of {table.name} name a row of {there} that is gone"
                found.append(Fault("loose", what))
    unseen = dialect.rows(connection, _UNSEEN)[0][0]
    if unseen:
        found.append(Fault("loose", f"{unseen:,} posts were seen by no watch"))
    return found


def _unfound(connection: Connection) -> list[Fault]:
    wordless = dialect.rows(connection, _WORDLESS)[0][0]
    count = wordless + words_index.off(connection)
    what = f"{count:,} posts are not in the index of words, or elsewhere in it than they should be"
    return [Fault("unfound", what)] if count else []


def _out_of_step(connection: Connection) -> list[Fault]:
    """An answer's posts, coverage, bookmark and time are kept together, so they fit each other."""
    found = []
    for number, slug, source, asked, marked, seen, covered in dialect.rows(connection, _WATCHES):
        watch = f"{slug}: watch {number} ({source})"
        if asked is None and (marked or covered is not None):
            found.append(Fault("ahead", f"{watch} has a bookmark, but no answer was ever kept"))
        elif covered is not None and covered > asked + SLACK:
            until, at = from_micros(covered), from_micros(asked)
            what = (
                f"{watch} claims all until {until:%d %b %H:%M} UTC, but was asked {at:%d %b %H:%M}"
            )
            found.append(Fault("ahead", what))
        if seen is not None and seen > (asked or 0) + SLACK:
            at = from_micros(seen)
            what = f"{watch} has posts of {at:%d %b %H:%M} UTC, after the last answer it knows of"
            found.append(Fault("behind", what))
    return found
