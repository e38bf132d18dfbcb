"""
Renaming: whatever stands under an author's name, or under a pseudonym of an older key, gets the one in use.

First texts of ours, while the posts can still tell the names in them; then the posts in batches; last the
traces in free pages. Cut short at any moment, the same call goes on: each post says with which key its
pseudonym was made, and so does each pseudonym in a text.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

from amends.archive import Tell
from models.pseudonym import Pseudonyms, Renaming
from models.store import Store
from models.store.quotes import FREED

PATIENCE = 10.0
"""Seconds to wait for whoever still reads what the database's log holds."""

PAUSE = 0.05
"""Seconds between two batches."""


class Renamed(NamedTuple):
    """How many posts and texts of ours were renamed; `clean` is false where the log still has traces."""

    posts: int
    texts: int
    clean: bool


def rename(store: Store, now: datetime, *, by: str, new_key: bool, tell: Tell) -> Renamed:
    """
    Let no author stand under a name, and with `new_key` none under a pseudonym made without it.

    `tell` hears how far it is: what is done just now, how many posts, of how many.
    """
    with store.begin() as tx:
        pseudonyms = tx.authors.rotate(now) if new_key else tx.authors.begin(now)
    with store.read() as tx:
        total = tx.authors.left()
    tell("texts of ours that name authors", 0, total)
    texts = _texts(store, pseudonyms)
    posts, last = 0, 0
    while True:
        with store.begin(thorough=True) as tx:
            last, count = tx.authors.rename(last, pseudonyms)
        posts += count
        if count:
            tell(f"{posts:,} of {max(total, posts):,} posts renamed", posts, max(total, posts))
            # Whoever waits to write on SQLite looks every tenth of a second whether it is their turn.
            time.sleep(PAUSE)
            continue
        with store.begin() as tx:
            # What a round renamed out of its order meanwhile stands before `last`.
            if tx.authors.settle(pseudonyms):
                detail = {"posts": posts, "generation": pseudonyms.generation}
                tx.audit.note("pseudonymised", "authors", by=by, now=now, detail=detail)
                break
        last = 0
    tell("names in free pages", posts, posts)
    return Renamed(posts, texts, store.clear_traces(PATIENCE))


def _texts(store: Store, pseudonyms: Pseudonyms) -> int:
    with store.read() as tx:
        renaming = Renaming(pseudonyms, tx.authors.named())
    changed = 0
    for table, columns in FREED.items():
        last = None
        while True:
            with store.read() as tx:
                rows = tx.texts.rows(table, last)
                naming = tx.texts.quoted(table, rows, renaming, set())
            if naming:
                with store.begin(thorough=True) as tx:
                    again = tx.texts.rows(table, last)
                    changed += tx.texts.free(table, again, renaming, set())
            if not rows:
                break
            last = rows[-1][: len(rows[-1]) - len(columns)]
    return changed
