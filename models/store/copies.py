"""Copies within one transaction: new texts of an incident are put with what they are copies of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection
from sqlmodel import Session

from models.store import bulk, dialect

if TYPE_CHECKING:
    from models.copies import Numbers
    from models.likeness import Sketch

_INCIDENTS = """
SELECT DISTINCT sighting.incident_id, post.id FROM sighting JOIN post ON post.id = sighting.post_id
WHERE NOT post.official AND post.id = {KEYS}
"""

_ORIGINALS = "SELECT near FROM original WHERE incident_id = ? AND near = {KEYS}"
_COPIED = "SELECT near FROM copied WHERE incident_id = ? AND near = {KEYS}"
_HOLDERS = "SELECT key, near FROM original_key WHERE incident_id = ? AND key = {KEYS}"
_FEATURES = "SELECT near, features FROM original WHERE incident_id = ? AND near = {KEYS}"

_SAID = """
SELECT regrouped.near, regrouped.cluster FROM regrouped
JOIN regrouping ON regrouping.id = regrouped.regrouping_id
WHERE regrouping.incident_id = ? AND regrouping.undone_at IS NULL AND regrouped.near = {KEYS}
ORDER BY regrouping.id
"""

_NONE: Mapping[str, Sketch] = {}

_COPY = ("incident_id", "near", "found", "cluster")
_SETTLED = """
ON CONFLICT (incident_id, near) DO UPDATE SET found = excluded.found, cluster = excluded.cluster
"""


class Text(Protocol):
    """A post whose text may be new."""

    @property
    def post_id(self) -> int:
        """Its number."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def near(self) -> int:
        """The fingerprint of its words."""


class Copies:
    """Copies within one transaction."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()

    def take_in(self, posts: Sequence[Text], sketched: Mapping[str, Sketch] = _NONE) -> None:
        """
        Find what these posts are copies of, in every incident that saw them; known texts stay.

        `sketched` are those of their texts whose sketch was made before.
        """
        seen: dict[int, set[int]] = {}
        ids = [post.post_id for post in posts]
        for incident_id, post_id in dialect.within(self._connection, _INCIDENTS, (), ids):
            seen.setdefault(incident_id, set()).add(post_id)
        for incident_id, mine in sorted(seen.items()):
            texts = {post.near: post.text for post in posts if post.post_id in mine}
            self._gather(incident_id, texts, sketched)

    def _gather(
        self, incident_id: int, texts: Mapping[int, str], sketched: Mapping[str, Sketch]
    ) -> None:
        fresh = self._fresh(incident_id, texts)
        if not fresh:
            return
        # NumPy takes a tenth of a second to import; most commands find no new texts.
        from models.copies import drawn, gathered

        # What takes long goes first, for from then on others wait.
        sketches = drawn(fresh, sketched)
        # Two at once would each take for new what the other has just begun with.
        dialect.alone(self._connection, "original")
        # In SQLite nobody else has written since.
        alone = dialect.is_sqlite(self._connection)
        still = fresh if alone else self._fresh(incident_id, fresh)
        shelf = Shelf(self._connection, incident_id)
        found = gathered({near: sketches[near] for near in still}, shelf)
        clusters = self._clusters(incident_id, found)
        copies = {n: o for n, o in found.items() if (o, clusters[n]) != (n, n)}
        self._put(incident_id, copies, clusters)

    def _fresh(self, incident_id: int, texts: Mapping[int, str]) -> dict[int, str]:
        known = {
            row[0]
            for sql in (_ORIGINALS, _COPIED)
            for row in dialect.within(self._connection, sql, (incident_id,), sorted(texts))
        }
        return {near: text for near, text in texts.items() if near not in known}

    def settle(self, incident_id: int, found: Mapping[int, int]) -> dict[int, int]:
        """Put texts, each with its original, where people now say they belong; return the clusters."""
        clusters = self._clusters(incident_id, found)
        self._put(incident_id, found, clusters)
        return clusters

    def _clusters(self, incident_id: int, found: Mapping[int, int]) -> dict[int, int]:
        # What a person said of a text goes first, then what was said of its original.
        nears = sorted({*found, *found.values()})
        said: dict[int, int] = dict(
            map(tuple, dialect.within(self._connection, _SAID, (incident_id,), nears))
        )
        return {near: said.get(near, said.get(of, of)) for near, of in found.items()}

    def _put(self, incident_id: int, found: Mapping[int, int], clusters: Mapping[int, int]) -> None:
        rows = ((incident_id, near, of, clusters[near]) for near, of in found.items())
        bulk.upsert(self._connection, "copied", _COPY, rows, _SETTLED, _COPY[:2])


class Shelf:
    """The originals of one incident, as `gathered` asks for them."""

    def __init__(self, connection: Connection, incident_id: int) -> None:
        self._connection, self._incident_id = connection, incident_id

    def holders(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Return those of these keys under which texts were put, and beside each its text."""
        import numpy as np

        of = (self._incident_id,)
        rows = dialect.within(self._connection, _HOLDERS, of, keys.tolist())
        found = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def features(self, texts: Collection[int]) -> Mapping[int, bytes]:
        """Return the features of these texts, as their sketches have them."""
        of = (self._incident_id,)
        found = dialect.within(self._connection, _FEATURES, of, sorted(texts))
        return dict(map(tuple, found))

    def put(self, texts: Mapping[int, Sketch], keys: Sequence[int], names: Sequence[int]) -> None:
        """Put new texts there, and under which keys they are found."""
        bulk.insert(
            self._connection,
            "original",
            ("incident_id", "near", "features"),
            [(self._incident_id, near, one.features) for near, one in texts.items()],
        )
        by_key = sorted(zip(keys, names, strict=True))
        rows = [(self._incident_id, key, name) for key, name in by_key]
        bulk.insert(self._connection, "original_key", ("incident_id", "key", "near"), rows)
