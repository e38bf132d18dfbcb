"""What posts said before they were edited at their source goes as after a deletion; the posts stay."""

from __future__ import annotations

from datetime import datetime

from amends.erase.place import Place
from amends.erase.quoted import Done, Saying, free, free_exports
from models.quote import Quotes
from models.store.edits import Edit
from models.store.erasure import Doomed
from models.voice import near

MOST = 1_000
"""Edits looked at in one go."""


def free_edits(place: Place, now: datetime, *, deep: bool = False) -> Done | None:
    """
    Free our texts and files of what posts said before, a part of it; None where nothing is left to do.

    What a post still says stays wherever it is quoted. Cut short, the next call goes on. `deep` is as in `erase`.
    """
    with place.store.read() as tx:
        edits = tx.posts.edits.some(MOST)
        incidents = tx.erasure.incidents([one.post_id for one in edits]) if edits else set()
    if not edits:
        return None
    done = Done()
    lost = [one for one in edits if Quotes([_said(one)], but=[one.says])]
    if lost:
        says = [one.says for one in lost]
        texts = {one.near for one in lost} - {*map(near, says)}
        free(place, Saying(Quotes(map(_said, lost), but=says), texts, set()), done, now, deep=deep)
        free_exports(place, incidents, done, deep=False)
    with place.store.begin(thorough=True) as tx:
        tx.posts.edits.forget(edits)
    done.posts = len(edits)
    return done


def _said(edit: Edit) -> Doomed:
    """Return only its words: where it stands and who wrote it are still true."""
    return Doomed(edit.post_id, "", "", edit.said, None, None, None, edit.near)
