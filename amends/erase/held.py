"""
All that is held about one author, for people who ask what it is.

Nothing of it is shortened: their posts with everything beside them, texts of ours that quote or name them,
rejected lines, examples, classifiers that learnt from them, and files that may hold more.
"""

from __future__ import annotations

from typing import Any

import msgspec

from amends.erase import copies, files
from amends.erase.erase import CHUNK
from amends.erase.place import Place
from amends.erase.quoted import quotes_of
from classify import shelf
from models.store.erasure import Whose


class Held(msgspec.Struct, kw_only=True):
    """
    What is held; `quoted` and `named` say in which table, row and column, with the text.

    `naming` are the numbers of posts of others that name them.
    """

    source: str
    author: str
    posts: list[dict[str, Any]] = []
    quoted: list[dict[str, Any]] = []
    named: list[dict[str, Any]] = []
    rejects: list[str] = []
    examples: list[str] = []
    classifiers: list[str] = []
    files: list[str] = []
    naming: list[int] = []


def held_about(place: Place, source: str, author: str) -> Held:
    """Gather all that is held about an author."""
    whose = Whose(author=(source, author), authors=True)
    held = Held(source=source, author=author)
    with place.store.read() as tx:
        ids, _ = tx.erasure.ids(whose, held=True)
        parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
        texts: set[int] = set()
        for part in parts or [[]]:
            doomed = tx.erasure.read(part)
            held.posts += tx.dossiers.of(part)
            quotes = quotes_of(doomed, whose)
            texts |= {one.near for one in doomed}
            for wanted, found in ((False, held.quoted), (True, held.named)):
                found += [
                    {
                        "table": one.table,
                        "row": list(one.key),
                        "column": one.column,
                        "text": one.text,
                    }
                    for one in tx.texts.quoting(quotes, named=wanted)
                ]
            held.rejects += [
                one.decode("utf-8", "replace") for one in files.rejected(place.home, quotes, None)
            ]
            held.examples += files.examples_of(place.home, quotes, texts)
        seen = tx.erasure.incidents(ids)
        held.naming = tx.erasure.naming(whose)
    held.classifiers = shelf.taught_by(place.home.classifiers, texts, place.labels)
    held.files = [one.path for one in copies.of(place, seen)] + copies.schemas(place)
    return held
