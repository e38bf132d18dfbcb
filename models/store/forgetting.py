"""
Clusters forget texts that nobody says any more, within one transaction.

A cluster is named by one of its texts; where that is one of those, the cluster takes the name of another,
which from then on stands for its copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlmodel import Session

from models.store import dialect
from models.store.copies import Shelf

_LEFT = """
SELECT item.near, post.near, MIN(post.id) FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.near = {KEYS} GROUP BY 1, 2
"""
_TEXT = "SELECT text FROM post WHERE id = ?"

_GONE = (
    "DELETE FROM original WHERE incident_id = ? AND near = {KEYS}",
    "DELETE FROM copied WHERE incident_id = ? AND near = {KEYS}",
    """DELETE FROM regrouped WHERE regrouping_id IN
    (SELECT id FROM regrouping WHERE incident_id = ?) AND near = {KEYS}""",
)
_KEY_GONE = "DELETE FROM original_key WHERE incident_id = ? AND key = ? AND near = ?"

_RENAME = (
    "UPDATE item SET near = ? WHERE incident_id = ? AND near = ?",
    "UPDATE copied SET cluster = ? WHERE incident_id = ? AND cluster = ?",
    "UPDATE copied SET found = ? WHERE incident_id = ? AND found = ?",
    """UPDATE regrouped SET cluster = ?
    WHERE regrouping_id IN (SELECT id FROM regrouping WHERE incident_id = ?) AND cluster = ?""",
)
_FOUND = "UPDATE copied SET found = near WHERE incident_id = ? AND found = ?"
_ORIGINAL = "SELECT near FROM original WHERE incident_id = ? AND near = ?"
_ITSELF = "DELETE FROM copied WHERE incident_id = ? AND near = ? AND found = ? AND cluster = ?"


class Said(NamedTuple):
    """A text that went from an incident: its fingerprint, its cluster and its words."""

    near: int
    cluster: int
    text: str


class Forgetting:
    """Texts that nobody says any more, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def forget(self, incident_id: int, said: Iterable[Said]) -> None:
        """Let clusters know nothing of these texts, unless somebody else in the incident says them."""
        every = list(said)
        connection = self._session.connection()
        left: dict[int, dict[int, int]] = {}
        clusters = sorted({one.cluster for one in every} | {one.near for one in every})
        for cluster, near, post_id in dialect.within(connection, _LEFT, (incident_id,), clusters):
            left.setdefault(cluster, {})[near] = post_id
        known = {near for one in left.values() for near in one}
        gone = {one.near: one for one in every if one.near not in known}
        if not gone:
            return
        self._drop(incident_id, {near: one.text for near, one in gone.items()})
        for name in gone:
            if left.get(name):
                self._rename(incident_id, name, left[name])
            else:
                # What was found a copy of it, and put elsewhere by a person, is found by itself now.
                dialect.many(connection, _FOUND, [(incident_id, name)])

    def _drop(self, incident_id: int, texts: Mapping[int, str]) -> None:
        from models.likeness import sketches

        connection = self._session.connection()
        for sql in _GONE:
            dialect.within(connection, sql, (incident_id,), sorted(texts))
        rows = (
            (incident_id, key, near)
            for near, sketch in zip(texts, sketches(list(texts.values())), strict=True)
            for key in sketch.keys
        )
        dialect.many(connection, _KEY_GONE, rows)

    def _rename(self, incident_id: int, old: int, members: Mapping[int, int]) -> None:
        """Give a cluster the name of the member that was there first, which now stands for the others."""
        from models.likeness import sketches

        connection = self._session.connection()
        new = min(members, key=lambda near: members[near])
        for sql in _RENAME:
            dialect.many(connection, sql, [(new, incident_id, old)])
        dialect.many(connection, _ITSELF, [(incident_id, new, new, new)])
        if not dialect.rows(connection, _ORIGINAL, (incident_id, new)):
            sketch = sketches([dialect.rows(connection, _TEXT, (members[new],))[0][0]])[0]
            if sketch.keys:
                keys = list(sketch.keys)
                Shelf(connection, incident_id).put({new: sketch}, keys, [new] * len(keys))
