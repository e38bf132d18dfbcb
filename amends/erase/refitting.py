"""A classifier in place of one that was erased: trained from what is left, without asking the gate."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from datetime import datetime, timedelta

from amends.erase.place import Place
from classify.labels import Labels
from models.errors import SetupError
from models.home import Home
from models.store.tags import Said

SELDOM = timedelta(hours=6)
"""How long a classifier is in use at least before rounds train another, because it learnt from what went."""


def refit_if_bereft(place: Place, now: datetime) -> str | None:
    """Train anew if the classifier in use was erased, and let it read all posts; return which it is."""
    from classify.refit import refit
    from classify.shelf import is_bereft

    if not is_bereft(place.home.classifiers):
        return None
    with place.store.read() as tx:
        said = tx.tags.said()
    done = refit(
        place.home.classifiers, place.labels, said, examples=place.home.examples,
        vectors=place.home.vectors, now=now, say=place.say,
    )  # fmt: skip
    with place.store.begin() as tx:
        tx.posts.rescore(done.new.by)
    return done.new.fingerprint


def renew(place: Place, now: datetime) -> str | None:
    """
    Delete the classifiers that learnt from what went in rounds; return the one that took the place of one in use.

    It is trained by a process of its own that lets all others go first, and reads what comes in from then on.
    Cut short, the next call goes on: the history says which are to go.
    """
    from classify import shelf

    folder = place.home.classifiers
    used = shelf.in_use(folder)
    leaving = shelf.condemned(folder)
    for one in leaving:
        if one != used:
            shelf.remove(folder, one)
    since = shelf.put_at(folder)
    if used not in leaving or (since is not None and now - since < SELDOM):
        return None
    with place.store.read() as tx:
        said = tx.tags.said()
    spawn = multiprocessing.get_context("spawn")
    other = spawn.Process(target=_train, args=(place.home, place.labels, said, used, now))
    other.start()
    other.join()
    fresh = shelf.in_use(folder)
    if other.exitcode or fresh in shelf.condemned(folder):
        message = (
            f"no classifier could be trained in place of {used}, which learnt from what is gone"
        )
        raise SetupError(message, "amends classify train says why")
    if fresh != used:
        shelf.remove(folder, used)
    return fresh


def _train(home: Home, labels: Labels, said: Sequence[Said], but: str, now: datetime) -> None:
    from classify.refit import refit

    # Who is interrupted is the one who waits for us; the board's pages come before us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        os.nice(10)
    refit(
        home.classifiers, labels, said, examples=home.examples, vectors=home.vectors, now=now,
        say=lambda _: None, but=but,
    )  # fmt: skip
