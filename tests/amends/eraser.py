"""A process that erases canaries until none is left; killed at any moment, the next one goes on."""

from __future__ import annotations

import sys
from pathlib import Path

from amends.erase import Place, erase
from amends.erase.refitting import refit_if_bereft
from models.home import Home
from models.marks import made_marks
from models.store import Store
from models.store.erasure import Whose
from tests.amends.canaries import LABELS, canaries
from tests.battery import FULL
from tests.factories import NOW


def main() -> None:
    """Erase each canary that isn't written down as done."""
    folder, url, birds, done = sys.argv[1:]
    home, told = Home(Path(folder)), Path(done)
    marks = made_marks(home.erasure_key)
    store = Store.open(url, home.seal, home.marks)
    place = Place(home, store, marks, LABELS, lambda _: None)
    known = told.read_text().split() if told.exists() else []
    for bird in canaries(int(birds)):
        if bird.name in known:
            continue
        whose = Whose(author=(bird.source, bird.name), authors=True)
        erase(place, whose, "asked", NOW, by="bo")
        with told.open("a") as file:
            file.write(f"{bird.name}\n")
    if FULL:
        refit_if_bereft(place, NOW)
    store.close()


main()
