"""
A million posts into clusters on one core, beside the stock way on fewer of them, in the same run.

`python -m tests.bench.voices [POSTS]`: posts of which about a third are passed on as they are, a fifth with
small changes, and the rest say the same things in other words.
"""

from __future__ import annotations

import argparse
import platform
import random
import resource
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np

from classify.examples import CORPUS, read
from classify.labels import Labels
from models.copies import BATCH, Numbers, gather
from models.likeness import Sketch
from models.store import Store
from models.store.copies import Copies
from models.store.posts import Unscored
from models.voice import near, words
from tests.factories import NOW, a_post, a_watch

POSTS = 1_000_000
STOCK = 20_000
"""Posts for the stock way, which takes them one by one."""

KEPT = 100_000
"""Posts that go into a database as well."""

PERMUTATIONS = 128
"""As many as it uses if nothing is said."""


class Sorted:
    """Keys in their order, and beside each its text."""

    def __init__(self) -> None:
        self.keys = np.zeros(0, dtype=np.int64)
        self.texts = np.zeros(0, dtype=np.int64)

    def put(self, keys: Numbers, texts: Numbers) -> None:
        """Put more among them."""
        order = np.argsort(keys, kind="stable")
        keys, texts = keys[order], texts[order]
        at = np.searchsorted(self.keys, keys, "right")
        self.keys, self.texts = np.insert(self.keys, at, keys), np.insert(self.texts, at, texts)

    def find(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Return all with these keys."""
        first = np.searchsorted(self.keys, keys)
        many = np.searchsorted(self.keys, keys, "right") - first
        at = np.repeat(first, many) + np.arange(many.sum())
        at -= np.repeat(np.cumsum(many) - many, many)
        return self.keys[at], self.texts[at]


class Memory:
    """Originals as packed as they can be."""

    LOOSE = 200_000

    def __init__(self) -> None:
        self._old, self._new = Sorted(), Sorted()
        self._features: dict[int, bytes] = {}

    def holders(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Return those of these keys under which texts were put, and beside each its text."""
        old, new = self._old.find(keys), self._new.find(keys)
        return np.append(old[0], new[0]), np.append(old[1], new[1])

    def features(self, texts: Collection[int]) -> Mapping[int, bytes]:
        """Return the features of these texts."""
        return {text: self._features[text] for text in texts}

    def put(self, texts: Mapping[int, Sketch], keys: Sequence[int], names: Sequence[int]) -> None:
        """Put new texts there."""
        for text, sketch in texts.items():
            self._features[text] = sketch.features
        self._new.put(np.array(keys, dtype=np.int64), np.array(names, dtype=np.int64))
        if len(self._new.keys) > self.LOOSE:
            self._old.put(self._new.keys, self._new.texts)
            self._new = Sorted()


def posts(many: int, seed: int = 3) -> Iterator[str]:
    """Yield invented posts: mixed from parts of ours, passed on, or passed on with changes."""
    chance = random.Random(seed)
    said = [one.text for one in read(sorted(CORPUS.glob("*.jsonl")), Labels.load())]
    parts = [part.split() for text in said for part in text.split(". ") if len(part.split()) > 3]
    sent: list[str] = []
    for _ in range(many):
        kind = chance.random() if sent else 1.0
        if kind < 0.35:
            yield f"RT @user{chance.randrange(99)}: {chance.choice(sent[-20_000:])}"
        elif kind < 0.55:
            yield _changed(chance, chance.choice(sent[-20_000:]))
        else:
            picked = [chance.choice(parts) for _ in range(chance.randrange(2, 5))]
            text = " ".join(word for part in picked for word in part[: chance.randrange(3, 14)])
            sent.append(text)
            yield text


def _changed(chance: random.Random, text: str) -> str:
    kind, each = chance.randrange(4), text.split()
    if kind == 0:
        return text[: int(len(text) * chance.uniform(0.6, 0.95))]
    if kind == 1:
        return f"{chance.choice(['so true', 'this', 'my neighbour says', 'wow just wow'])}: {text}"
    if kind == 2:
        each[chance.randrange(len(each))] = chance.choice(["really", "teh", "now", "again"])
        return " ".join(each)
    return f"{text} {chance.choice(['please share', '#down', 'same in our street', 'pls help'])}"


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield them a batch at a time."""
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def clustered(texts: Iterable[str]) -> tuple[float, int, int]:
    """Return seconds of CPU, different texts and clusters; the texts themselves are made outside the clock."""
    memory, seen, alone, took = Memory(), set[int](), 0, 0.0
    for batch in batches(texts):
        begun = time.process_time()
        fresh = {mark: text for text in batch if (mark := near(text)) not in seen}
        seen |= fresh.keys()
        found = gather(fresh, memory)
        alone += sum(mark == of for mark, of in found.items())
        took += time.process_time() - begun
    return took, len(seen), alone


def stock(texts: Sequence[str]) -> tuple[float, int]:
    """Return seconds and clusters of datasketch: MinHash, LSH, and its own estimate of likeness."""
    from datasketch import MinHash, MinHashLSH

    shelf = MinHashLSH(threshold=0.5, num_perm=PERMUTATIONS)
    clusters, begun = 0, time.process_time()
    known: dict[str, MinHash] = {}
    for number, text in enumerate(texts):
        said = words(text)
        mark = MinHash(num_perm=PERMUTATIONS)
        mark.update_batch({" ".join(said[at : at + 2]).encode() for at in range(len(said))})
        if not any(mark.jaccard(known[other]) >= 0.5 for other in shelf.query(mark)):
            clusters += 1
            known[str(number)] = mark
            shelf.insert(str(number), mark)
    return time.process_time() - begun, clusters


def kept(texts: Iterable[str], folder: Path) -> tuple[float, float, int]:
    """Return seconds to keep posts and seconds to take them into clusters, in SQLite, and the clusters."""
    store = Store.open(f"sqlite:///{folder / 'voices.db'}")
    watch = a_watch(store)
    keeping = taking = 0.0
    for batch in batches(texts):
        with store.begin(refetchable=True) as tx:
            begun = time.process_time()
            ids = tx.posts.add(watch, [a_post(text=text) for text in batch], NOW).ids
            keeping += time.process_time() - begun
            rows = [Unscored(n, text, NOW, near(text))
                    for n, text in zip(ids.values(), batch, strict=True)]  # fmt: skip
            begun = time.process_time()
            Copies(tx.session).take_in(rows)
        taking += time.process_time() - begun
    with store.read() as tx:
        clusters = len(tx.voices.widest(watch.incident_id, [], 10**9, undated=False))
    store.close()
    return keeping, taking, clusters


def main() -> None:
    """Measure, and print what was measured."""
    asked = argparse.ArgumentParser()
    asked.add_argument("posts", nargs="?", type=int, default=POSTS)
    many = asked.parse_args().posts
    print(f"{platform.platform()}, Python {platform.python_version()}, numpy {np.__version__}")
    before = peak()
    took, texts, clusters = clustered(posts(many))
    print(f"{many:,} posts, {texts:,} different texts, {clusters:,} clusters: {took:.1f} s on one core, "
          f"{many / took:,.0f} posts/s, peak memory {peak():,.0f} MB ({before:,.0f} before)")  # fmt: skip
    few = list(posts(min(many, STOCK)))
    took_few, _, clusters = clustered(few)
    print(f"{len(few):,} posts: {len(few) / took_few:,.0f} posts/s, {clusters:,} clusters")
    if find_spec("datasketch") is None:
        print("datasketch isn't installed, so there is nothing to compare with")
    else:
        took_stock, clusters = stock(few)
        print(f"{len(few):,} posts, datasketch ({PERMUTATIONS} permutations): {len(few) / took_stock:,.0f} "
              f"posts/s, {clusters:,} clusters; ours takes {took_stock / took_few:.1f} x fewer seconds")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        keeping, taking, _ = kept(posts(min(many, KEPT)), Path(folder))
        print(
            f"{min(many, KEPT):,} posts into SQLite: {keeping:.1f} s to keep, {taking:.1f} s more to cluster"
        )


def peak() -> float:
    """Return the most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
