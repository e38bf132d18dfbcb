"""Posts with words of all kinds, and looking for them by every way there is."""

from __future__ import annotations

from typing import Any

from models.incident import Watch
from models.store import Store, words_index
from models.store.queue import Sought
from models.store.search import Search
from models.store.soundness import faults
from models.store.views import Wanted
from models.store.walk import Limits
from tests.factories import NOW, a_post

TEXTS = (
    "Still no discs here", "no DISCS, still!", "The stream is down again", "discs: none", "stream_down",
    "Café crème über naïve Łódź smørrebrød straße", "cafe creme uber naive lodz smorrebrod strasse",
    "CAFE\u0301 with the accent apart", "don’t", "don't stop", "東京で配信が止まった", "配信 東京", "ดูไม่ได้",
    "ИВАН ёлка", "иван елка", "😡😡 no", "a\u00adb soft", "https://x.example/discs?id=7 #RokuDown @cleo_k",
    "100 % sure_ly", "x" * 90, "x" * 64, "ﬁne ﬁlm", "Ａｂｃ", "हिन्दी में", "- * \" ' ( ) OR AND NOT NEAR",
    "or and not near", "İstanbul ISTANBUL ıstanbul", "100%", "|", "a | b", "ß ẞ ss", "5 -5 1e5 3.14 1,000",
)  # fmt: skip
AUTHORS = ("cleo", "dre_asks", None, "Ève", "discs fan")
ROUTES = (Limits(), Limits(items=1, hits=10_000), Limits(items=1, hits=1, step=2))


def keep(store: Store, watch: Watch, *texts: str, **said: Any) -> list[int]:
    """Keep and tag posts with these texts; return their ids."""
    batch = [
        a_post(text=text, **({"author": AUTHORS[n % 5]} | said)) for n, text in enumerate(texts)
    ]
    with store.begin() as tx:
        kept = tx.posts.add(watch, batch, NOW)
        rows = tx.posts.unscored(len(batch))
        tx.tags.put_scored(rows, [], by="classifier:t", at=NOW)
    return [kept.ids[post.source, post.external_id] for post in batch]


def found(store: Store, search: str, *, names: bool = True) -> list[int]:
    """Return the posts a search finds, which are the same in the queue by each route, lists and exports."""
    sought = Sought(search=search, names=names, folded=False)
    wanted = Wanted(search=search, names=names)
    with store.read() as tx:
        connection = tx.session.connection()
        ways = [sorted(Search(connection, 1, sought, limits).keys(None, 500)) for limits in ROUTES]
        ways += [[Search(connection, 1, sought, limits).count(500).items] for limits in ROUTES]
        listed = sorted(one.id for one in tx.views.posts(1, wanted))
        exported = [one.id for one in tx.exports.posts(1, wanted)]
        count = tx.views.count(1, wanted)
    assert [*ways[:3], exported] == [listed] * 4
    assert [*ways[3:], [count]] == [[len(listed)]] * 4
    return listed


def sound(store: Store) -> bool:
    """Return whether index, words and posts agree."""
    with store.begin() as tx:
        connection = tx.session.connection()
        return not faults(connection)[1:] and not words_index.damaged(connection)
