"""A place posts are erased from: a home and its database, or one that a restore moved aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from amends.archive import DATABASE
from amends.erase.files import asides
from classify.labels import Labels
from models.home import Home
from models.marks import Marks
from models.store import Store


class Place(msgspec.Struct, frozen=True):
    """
    A home, its store, and what tells posts apart for good; `say` hears how far it is.

    `is_main` is false for what was moved aside and for a copy being restored: what is erased there was
    written down before.
    """

    home: Home
    store: Store
    marks: Marks
    labels: Labels
    say: Callable[[str], None]
    is_main: bool = True

    @contextmanager
    def asides(self) -> Iterator[list[Place]]:
        """Open what restores have moved aside in the home, for the length of a `with`."""
        places = []
        for aside in asides(self.home):
            if (aside.path / DATABASE).is_file():
                store = Store.open(
                    aside.database_url, aside.seal, lambda: self.marks, self.home.authors()
                )
                places.append(Place(aside, store, self.marks, self.labels, self.say, is_main=False))
        try:
            yield places
        finally:
            for place in places:
                place.store.close()
