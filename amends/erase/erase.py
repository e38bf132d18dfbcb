"""The erasure itself: what only the posts can find goes first, then the posts, then their traces."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from amends.erase import copies, files, written
from amends.erase.edited import free_edits
from amends.erase.place import Place
from amends.erase.quoted import Done, Saying, free, free_exports, quotes_of
from models.errors import SetupError
from models.store.erasure import BATCH, Doomed, Whose
from models.store.gone import Crowds
from models.tombstone import Why
from models.whole import sync

CHUNK = 5_000
"""Posts whose quotes are looked for in one go."""

PATIENCE = 10.0
"""Seconds to wait for whoever still reads what the database's log holds."""


PAUSE = 0.15
"""Seconds between two batches."""


def erase(
    place: Place,
    whose: Whose,
    why: Why,
    now: datetime,
    *,
    by: str,
    ids: Sequence[int] | None = None,
    deep: bool = True,
) -> Done:
    """
    Erase posts, and what quotes them, in a home and what was moved aside in it.

    `ids` names the posts themselves. Cut short at any moment, the same call goes on. Without `deep`
    the classifier in use stays so until there is another, and what restores have moved aside and traces in
    free pages wait for a deep erasure.
    """
    done = Done()
    if place.is_main and deep:
        _begin(place)
    if deep:
        # What they said before they were edited has to be found as well, while it is known.
        while free_edits(place, now, deep=True):
            pass
    if ids is None:
        with place.store.read() as tx:
            ids, done.held = tx.erasure.ids(whose)
    seen: set[int] = set()
    for doomed in _chunks(place, ids, whose, passed_on=why != "kept long enough"):
        saying = Saying(
            quotes_of(doomed, whose), {one.near for one in doomed}, {one.id for one in doomed},
            whose.bare_source,
        )  # fmt: skip
        free(place, saying, done, now, deep=deep)
        with place.store.read() as tx:
            seen |= tx.erasure.incidents([one.id for one in doomed])
        free_exports(place, seen, done, deep=deep)
        _posts(place, doomed, whose, why, now, done)
    if deep:
        _coined(place)
        files.sweep(place.home)
        with place.asides() as asides:
            for aside in asides:
                theirs, mine = _aside(place, aside, whose)
                done.posts += erase(aside, theirs, why, now, by=by, ids=mine).posts
        done.outside += copies.schemas(place)
        done.clean = place.store.clear_traces(PATIENCE)
        with place.store.read() as tx:
            done.naming = tx.erasure.naming(whose)
    if place.is_main and done.posts:
        with place.store.begin() as tx:
            detail = {"posts": done.posts, "why": why}
            tx.audit.note("erased", "posts", by=by, now=now, detail=detail)
    if place.is_main and deep:
        place.home.erasing.unlink(missing_ok=True)
    return done


def _begin(place: Place) -> None:
    try:
        place.home.erasing.touch(mode=0o600)
        sync(place.home.path)
    except OSError as error:
        message = f"can't write {place.home.erasing}: {error.strerror or error}"
        raise SetupError(message, "check who may write there") from error


def _chunks(
    place: Place, ids: Sequence[int], whose: Whose, *, passed_on: bool
) -> Iterator[list[Doomed]]:
    """Yield the posts in parts; once nothing where an author is named who has none any more."""
    parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    for part in parts or ([[]] if whose.author or whose.source else []):
        with place.store.read() as tx:
            doomed = tx.erasure.read(part, passed_on=passed_on)
        yield doomed


def _aside(place: Place, aside: Place, whose: Whose) -> tuple[Whose, list[int]]:
    """
    Return whose posts go from what was moved aside, and which they are.

    All that ever were erased, by their marks: numbers of posts and incidents may mean others there.
    """
    known = {line.mark for line in written.read(place.home.erased) if line.mark}
    alone = whose.post is None and whose.incident_id is None
    theirs = whose if alone else Whose()
    with aside.store.read() as tx:
        found, _ = tx.erasure.ids(theirs)
        return theirs, sorted({*found, *tx.erasure.marked(place.marks, known)})


def _coined(place: Place) -> None:
    """Free what was sent of names whose words nobody says any more."""
    last: int | None = 0
    while last is not None:
        with place.store.begin(thorough=True) as tx:
            last = tx.coined.free(last)


def _posts(
    place: Place, doomed: Sequence[Doomed], whose: Whose, why: Why, now: datetime, done: Done
) -> None:
    marks = place.marks
    crowds: Crowds = {}
    for start in range(0, len(doomed), BATCH):
        batch = doomed[start : start + BATCH]
        if place.is_main:
            written.write(
                place.home.erased,
                (
                    written.Line(
                        now,
                        why,
                        marks.name,
                        marks.of(one.source, one.external_id),
                        whole=whose.authors,
                    )
                    for one in batch
                ),
            )
        with place.store.read() as tx:
            tx.gone.read([one.id for one in batch], crowds)
        with place.store.begin(thorough=True) as tx:
            if start == 0:
                tx.erasure.point_nowhere(doomed)
            tx.erasure.take_away(batch, marks, why, now, crowds)
        done.posts += len(batch)
        place.say(f"{done.posts:,} posts erased")
        if start + BATCH < len(doomed):
            # Whoever waits to write on SQLite looks every tenth of a second whether it is their turn.
            time.sleep(PAUSE)
