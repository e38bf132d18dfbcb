"""What quotes or holds what posts said: our own texts, files, classifiers and exports are freed of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from amends.erase import copies, files, written
from amends.erase.place import Place
from models.home import Home
from models.quote import Quotes
from models.store.erasure import Doomed, Whose
from models.store.quotes import FREED
from models.voice import near


class Done(msgspec.Struct, kw_only=True):
    """
    What was erased, and what wasn't.

    `held` posts stay because of a legal hold; `outside` are copies out of our reach; `named` are texts
    that name or quote it and are never changed; `naming` are posts of others that name the author;
    `clean` is false where somebody still read, so that the database's log has traces.
    """

    posts: int = 0
    held: int = 0
    texts: int = 0
    rejects: int = 0
    examples: int = 0
    classifiers: list[str] = []
    deleted: list[str] = []
    outside: list[str] = []
    named: set[str] = set()
    naming: list[int] = []
    clean: bool = True


class Saying(NamedTuple):
    """
    What is to be found nowhere any more: `quotes`, and the fingerprints of whole `texts`.

    Of the posts `erased`, by their numbers, digests cite nothing; of a `source` erased as a whole no rejected
    line stays.
    """

    quotes: Quotes
    texts: set[int]
    erased: set[int]
    source: str | None = None


def quotes_of(doomed: Sequence[Doomed], whose: Whose) -> Quotes:
    """Return what to look for; names only where all that somebody wrote goes."""
    names = [whose.author[1]] if whose.author and whose.authors else []
    return Quotes(doomed, names, authors=whose.authors)


def free(place: Place, saying: Saying, done: Done, now: datetime, *, deep: bool) -> None:
    """Free our own texts and files of what posts said; it must still be known to be found."""
    quotes, erased = saying.quotes, saying.erased
    for table in FREED:
        last = None
        while True:
            with place.store.read() as tx:
                rows = tx.texts.rows(table, last)
                quoting = tx.texts.quoted(table, rows, quotes, erased)
            if quoting:
                with place.store.begin(thorough=True) as tx:
                    again = tx.texts.rows(table, last)
                    done.texts += tx.texts.free(table, again, quotes, erased)
            if not rows:
                break
            last = rows[-1][: len(rows[-1]) - len(FREED[table])]
    texts = saying.texts
    for home in (place.home, *(files.asides(place.home) if deep else ())):
        lines = files.rejected(home, quotes, saying.source)
        files.drop_rejected(home, lines)
        done.rejects += len(lines)
        dropped = files.examples_of(home, quotes, texts)
        _classifiers(place, home, texts | {near(text) for text in dropped}, done, now, deep=deep)
        # Only now: where it is cut short before, the same examples still tell which classifiers learnt.
        files.drop_examples(home, dropped)
        done.examples += len(dropped)
    with place.store.read() as tx:
        for one in tx.texts.quoting(quotes, named=True):
            done.named.add(f"{one.table} {'/'.join(map(str, one.key))}: {one.column}")


def _classifiers(
    place: Place, home: Home, texts: set[int], done: Done, now: datetime, *, deep: bool
) -> None:
    from classify import shelf

    folder = home.classifiers
    found = shelf.taught_by(folder, texts, place.labels)
    if not deep:
        # Whoever is in use goes once another has taken its place: see `refitting.renew`.
        found = [one for one in found if one not in shelf.condemned(folder)]
    if place.is_main:
        lines = [written.Line(now, "asked", classifier=one) for one in found]
        written.write(place.home.erased, lines)
    for one in found:
        shelf.condemn(folder, one, now)
        if deep or one != shelf.in_use(folder):
            shelf.remove(folder, one)
    done.classifiers += found


def free_exports(place: Place, incidents: set[int], done: Done, *, deep: bool) -> None:
    """Delete exports in the home that may hold posts of these incidents, and name those out of reach."""
    there = copies.of(place, incidents)
    # Whoever keeps backups needs them; what is gone is erased again in what one brings back.
    mine = [one for one in files.inside(place.home, there) if deep or one.what != "backup"]
    if mine:
        files.delete(place.home, mine)
    done.deleted += [one.path for one in mine]
    kept = [one.path for one in there if one not in mine]
    done.outside += [path for path in kept if path not in done.outside]
