"""The workers, through Dask: on this machine by default, or those of a scheduler elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import dask
import distributed

from classify.archive.keep import Note
from classify.archive.pieces import Piece
from classify.archive.score import Work, score
from models.errors import SetupError

MEMORY = "1GiB"
"""What a worker on this machine may take before it is ended and its piece tried again."""

_BEFORE = "distributed.nanny.pre-spawn-environ"
_MALLOC = {
    f"{_BEFORE}.MALLOC_TRIM_THRESHOLD_": 128 * 1024 * 1024,
    f"{_BEFORE}.MALLOC_MMAP_THRESHOLD_": 32 * 1024 * 1024,
}
"""By Dask's own 64 KiB a batch's memory goes back to the system after each; a quarter of the time did too."""

_WAIT = 30
"""Seconds to wait for a scheduler, and for its first worker."""

_TRIES = 3


@contextmanager
def crew(scheduler: str | None, workers: int) -> Iterator[distributed.Client]:
    """
    Give a client of the scheduler at an address, else of as many worker processes here.

    Those here listen on the loopback alone. SetupError if nobody answers or nobody works there.
    """
    with ExitStack() as stack:
        if scheduler is None:
            logging.getLogger("distributed").setLevel(logging.CRITICAL)
            stack.enter_context(dask.config.set(_MALLOC))
            cluster = distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                dashboard_address=None, memory_limit=MEMORY, silence_logs=logging.CRITICAL,
                preload=["classify.archive.deaf"],
            )  # fmt: skip
            where: Any = stack.enter_context(cluster)
        else:
            where = scheduler
        try:
            client = stack.enter_context(distributed.Client(where, timeout=_WAIT))
            client.wait_for_workers(1, timeout=_WAIT)
        except (OSError, ValueError, TimeoutError) as error:
            message = f"no worker at {scheduler or 'this machine'}: {error}"
            remedy = "check the address; start workers by dask worker ADDRESS --preload amends"
            raise SetupError(message, remedy) from error
        yield client


def spread(
    client: distributed.Client, work: Work, pieces: Sequence[Piece], tell: Callable[[Note], None]
) -> tuple[list[tuple[Piece, str]], int]:
    """
    Let the workers score the pieces; `tell` hears of each that is done, in whatever order.

    Return those that failed again and again, with the reason, and how many tries were in vain: of
    a worker that died, or of a storage that said no. Only a few pieces wait at each worker.
    """
    topic = f"amends-{uuid4().hex}"
    waiting = iter(pieces)
    asked: dict[Any, Piece] = {}
    failed: list[tuple[Piece, str]] = []
    running = distributed.as_completed()

    def ask() -> None:
        piece = next(waiting, None)
        if piece is not None:
            future = client.submit(_try, piece, work, topic, pure=False, retries=_TRIES - 1)
            asked[future] = piece
            running.add(future)

    for _ in range(2 * max(1, sum(client.nthreads().values())) + 1):
        ask()
    done = 0
    for future in running:
        piece = asked.pop(future)
        if future.status == "finished":
            tell(future.result())
            done += 1
        else:
            failed.append((piece, _why(future)))
        ask()
    tried = len(client.get_events(topic))
    # A scheduler remembers so many events and no more.
    return failed, max(0, tried - done - len(failed))


def _try(piece: Piece, work: Work, topic: str) -> Note:
    distributed.get_worker().log_event(topic, piece.id)
    return score(piece, work)


def _why(future: Any) -> str:
    if future.status == "cancelled":
        return "cancelled at the scheduler"
    error = future.exception()
    if isinstance(error, distributed.KilledWorker):
        return "every worker that tried it died, for want of memory perhaps"
    return " ".join(f"{error}".split())[:300] or type(error).__name__
