"""A classifier in place of one that was erased: trained from what is left, without asking the gate."""

from __future__ import annotations

from datetime import datetime

from amends.erase.place import Place


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
