"""Sending again and again, beside the collecting: digests that are due, and whatever waits in the outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from amends.digest.snapshot import Styled
from amends.outputs.digests import send_what_is_due
from amends.outputs.event import title_of
from amends.outputs.news import tell_news
from amends.outputs.sending import Sent, Ways, send_due
from amends.outputs.settings import read
from amends.truth.vocabulary import vocabulary
from models.errors import AmendsError
from models.home import Home
from models.store import Store

PAUSE = 15.0
"""Seconds from one look at the outbox to the next."""


class Dispatch:
    """
    Makes digests when they are due, gathers news, and sends what waits; `outputs.toml` is read anew every time.

    Whatever goes wrong in it is said once and stays here: it never keeps the collecting from going on.
    """

    def __init__(
        self,
        store: Store,
        home: Path,
        labels: Callable[[], Sequence[Styled]],
        ways: Callable[[], AbstractContextManager[Ways]],
        clock: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._store, self._home, self._labels, self._ways = store, home, labels, ways
        self._clock, self._say = clock, say
        self._said = ""
        self.stop = threading.Event()

    def start(self) -> threading.Thread:
        """Go on in a thread of its own until `stop` is set."""
        thread = threading.Thread(target=self.run, name="outputs", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Look again and again."""
        while not self.stop.is_set():
            self.once()
            self.stop.wait(PAUSE)

    def once(self) -> list[Sent]:
        """Look once; return what became of what was due."""
        sent: list[Sent] = []
        try:
            outputs = read(self._home)
            if outputs.plan or outputs.plans:
                truth = vocabulary(Home(self._home).truth)
                due = send_what_is_due(self._store, outputs, self._labels(), self._clock(), truth)
                for made in due:
                    self._say(f"{made.title} goes to {', '.join(made.to)}")
            if outputs.routes:
                for news in tell_news(self._store, outputs, self._labels(), self._clock()):
                    self._say(f"news for the outputs: {title_of(news.value)}")
            with self._store.read() as tx:
                waits = bool(tx.outbox.destinations(self._clock()))
            if waits:
                with self._ways() as ways:
                    sent = send_due(self._store, outputs, ways, self._clock, self._goes_on)
        except AmendsError as error:
            self._trouble(f"{error.message}: {error.remedy}")
        except Exception as error:  # noqa: BLE001  the collecting goes on, and says what is wrong here
            self._trouble(f"{type(error).__name__}: {error}")
        else:
            self._said = ""
        for one in sent:
            self._say(f"{one.destination}: {one.title}: {one.state}" + _why(one))
        return sent

    def _goes_on(self) -> bool:
        return not self.stop.is_set()

    def _trouble(self, said: str) -> None:
        if said != self._said:
            self._say(f"trouble with the outputs: {said}; trying again")
        self._said = said


def _why(one: Sent) -> str:
    return f" ({one.said})" if one.said else ""
