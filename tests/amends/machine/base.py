"""What all rules stand on: a week, a look at every row after each step, and its end in calm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from itertools import islice
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.walk import walk
from tests.amends.machine.calm import calm_down
from tests.amends.machine.ground import ARCHIVE, Ground
from tests.amends.machine.ought import Ought
from tests.amends.machine.places import SECOND
from tests.amends.machine.processes import Line
from tests.amends.machine.week import Week

TEXTS = (
    "still no payments", "Still NO payments!", "my card is refused", "card refused again",
    "where is my credit?", "works again here",
)  # fmt: skip

names = st.sampled_from(("stream", "stream", "ledger", "window"))
texts = st.sampled_from(TEXTS)
some, any_post = st.integers(0, 12), st.integers(0, 999)


def step(**said: st.SearchStrategy[Any]) -> Callable[[Any], Any]:
    """Make a rule whose failure keeps the machine from looking at its end too."""

    def mark(do: Callable[..., None]) -> Any:
        @wraps(do)
        def marked(self: Base, **drawn: Any) -> None:
            self.well = False
            do(self, **drawn)
            self.week.tally["steps"] += 1

        return rule(**said)(marked)

    return mark


class Base(RuleBasedStateMachine):
    """A week; `saved` is what ought to be in its backup."""

    def __init__(self, ground: Ground, tally: Counter[str]) -> None:
        super().__init__()
        tally["examples"] += 1
        self.week = Week(ground, tally)
        self.well = True
        self.besieged = False
        self.saved: Ought | None = None

    @invariant()
    def all_is_as_it_ought_to_be(self) -> None:
        """Look at every row."""
        self.week.look()
        self.well = True

    def teardown(self) -> None:
        """Calm down, and see that nothing is missing."""
        try:
            if self.well:
                calm_down(self.week, lambda: self.backfill(None))
        finally:
            self.week.close()

    def speak(
        self, name: str, term: str, posts: int, text: str, apart: timedelta, late: int
    ) -> None:
        """Say the same a few times, so many seconds apart; it comes to light so many seconds late."""
        place, clock = self.week.places[name], self.week.clock
        # What has scrolled out of a window before it came to light could never be named.
        delay = late * SECOND if name != "window" else timedelta()
        for _ in range(posts):
            place.says(term, text, clock.true, clock.true + delay)
            clock.true += apart

    def backfill(self, most: int | None, *, torn: bool = False) -> None:
        """Read a stretch of the stream once, or go on in it, up to so many answers."""
        week = self.week
        desk = week.processes[2]
        with desk.store.read() as tx:
            watch = tx.watches.get(week.watches[ARCHIVE]).as_watch()
        source, line = week.sources["stream"], Line(week.places)
        outcomes = walk(watch, source, line, lambda: week.clock.ours, most=None)
        week.keeps(desk, islice(outcomes, most))
        outcome = next(outcomes, None) if torn else None
        if outcome is not None:
            week.tears(desk, outcome)
        week.weigh()
