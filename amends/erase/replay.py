"""
Erasures done again in a backup, before anybody can read what it brings back.

What was erased is known by its marks alone, so every post of the copy is held against them; what else goes
with one is found as in any erasure, because in the copy it is still there.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from amends.erase import written
from amends.erase.erase import erase
from amends.erase.place import Place
from classify import shelf
from classify.labels import Labels
from models.errors import SetupError
from models.home import Home
from models.store import Store
from models.store.erasure import Whose


def erase_again(home: Home, fresh: Path, copy: Path, now: datetime) -> int:
    """
    Erase from a copy of a database and the files beside it what was erased in the home; return how many.

    SetupError if the key of the home is missing: then nobody can tell which posts those are.
    """
    lines = written.read(home.erased)
    if not lines:
        return 0
    marks = home.marks()
    if marks is None:
        message = "posts were erased here, and the key that tells which is missing"
        raise SetupError(message, "put erasure.key back into the home, then restore again")
    mine = Home(fresh)
    store = Store.open(f"sqlite:///{copy}", home.seal, lambda: marks, home.authors())
    count = 0
    try:
        place = Place(mine, store, marks, Labels.load(mine.labels), lambda _: None, is_main=False)
        for whole in (True, False):
            known = {one.mark for one in lines if one.key == marks.name and one.whole == whole}
            with store.read() as tx:
                ids = tx.erasure.marked(marks, known)
            whose = Whose(authors=whole)
            count += erase(place, whose, "asked", now, by="amends restore", ids=ids).posts
        with store.begin() as tx:
            for one in lines:
                if one.mark and one.key == marks.name:
                    tx.tombstones.set_up(marks, [one.mark], one.why, one.at)
    finally:
        store.close()
    for one in lines:
        if one.classifier and (mine.classifiers / one.classifier).is_dir():
            shelf.drop(mine.classifiers, one.classifier, now)
    return count
