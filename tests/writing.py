"""Another process that keeps batch after batch, as a collector in its worst hour does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

WRITES = """
import sys, time
from models.store import Store
from tests.factories import NOW, a_post
store, total = Store.open(sys.argv[1]), 0
with store.read() as tx:
    watch = tx.watches.of(1)[0].as_watch()
while True:
    with store.begin(refetchable=True) as tx:
        tx.posts.add(watch, [a_post(external_id=str(total + n)) for n in range(50)], NOW)
        total += 50
        tx.watches.went_on(watch.id, None, str(total), NOW)
    print(total, flush=True)
    time.sleep(0.02)
"""


@contextmanager
def writing(url: str) -> Iterator[None]:
    """
    Let another process write to watch 1 of the store at `url` for the length of a `with`.

    Each batch is 50 posts, and the bookmark says how many there are in all.
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITES, url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        yield
        assert writer.poll() is None, "it wrote to the end"
    finally:
        writer.kill()
        writer.communicate()
