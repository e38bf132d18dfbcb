"""What an erasure would take, before anything goes: posts, rows, texts, files, and copies out of reach."""

from __future__ import annotations

from collections import Counter

import msgspec

from amends.erase import copies, files
from amends.erase.erase import CHUNK
from amends.erase.place import Place
from amends.erase.quoted import quotes_of
from classify import shelf
from models.store.erasure import Whose
from models.voice import near


class Plan(msgspec.Struct, kw_only=True):
    """
    What would go, in numbers. `rows` counts them by table, `texts` by table those that quote it.

    `named` are settings that name somebody and are never changed; `outside` are copies out of reach;
    `naming` are posts of others that name the author.
    """

    posts: int = 0
    held: int = 0
    sources: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    named: list[str] = []
    rejects: int = 0
    examples: int = 0
    classifiers: list[str] = []
    inside: list[str] = []
    outside: list[str] = []
    aside: dict[str, int] = {}
    naming: list[int] = []


def planned(place: Place, whose: Whose) -> Plan:
    """Look for all that would go; nothing is changed."""
    plan = Plan(sources=Counter(), rows=Counter(), texts=Counter())
    texts: set[int] = set()
    seen: set[int] = set()
    with place.store.read() as tx:
        ids, plan.held = tx.erasure.ids(whose)
        plan.naming = tx.erasure.naming(whose)
        parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
        for part in parts or ([[]] if whose.author or whose.source else []):
            doomed = tx.erasure.read(part)
            numbers = [one.id for one in doomed]
            plan.posts += len(doomed)
            plan.sources.update(one.source for one in doomed)
            plan.rows.update(tx.erasure.counts(numbers))
            seen |= tx.erasure.incidents(numbers)
            quotes = quotes_of(doomed, whose)
            plan.texts.update(found.table for found in tx.texts.quoting(quotes, named=False))
            plan.named += sorted(
                {f"{one.table} {'/'.join(map(str, one.key))}: {one.column}"
                 for one in tx.texts.quoting(quotes, named=True)} - {*plan.named}
            )  # fmt: skip
            mine = {one.near for one in doomed}
            dropped = files.examples_of(place.home, quotes, mine)
            plan.rejects += len(files.rejected(place.home, quotes, whose.bare_source))
            plan.examples += len(dropped)
            texts |= mine | {near(text) for text in dropped}
    plan.classifiers = shelf.taught_by(place.home.classifiers, texts, place.labels)
    there = copies.of(place, seen)
    mine_ = list(files.inside(place.home, there))
    plan.inside = [one.path for one in mine_]
    plan.outside = [one.path for one in there if one not in mine_]
    with place.asides() as asides:
        plan.aside = {str(one.home.path): planned(one, whose).posts for one in asides}
    plan.outside += copies.schemas(place)
    return plan
