"""Rules of the processes: they collect, at once or slowly, die, sleep, wake, and leave."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from models.hole import MOST
from models.lease import LASTS
from tests.amends.machine.base import TEXTS, Base, some, step, texts
from tests.amends.machine.places import MINUTE, SECOND, Place

ana_or_bo = st.integers(0, 1)
whiles = st.sampled_from((SECOND, LASTS + SECOND))


class Collecting(Base):
    """The processes."""

    @step(process=ana_or_bo, after=whiles, in_turn=st.booleans())
    def a_round(self, process: int, after: timedelta, in_turn: bool) -> None:
        """Collect what is due, and keep it."""
        self.week.clock.true += after
        self.round(process, in_turn=in_turn)

    def round(self, number: int, *, in_turn: bool = False) -> None:
        """Do a round, unless the process is asleep."""
        process = self.week.processes[number]
        if process.asleep is None:
            self.week.whole_round(process, in_turn=in_turn)

    @step(process=ana_or_bo, seconds=st.integers(1, 90), text=texts)
    def a_slow_round(self, process: int, seconds: int, text: str) -> None:
        """While it asks, time passes and people go on speaking."""

        def meanwhile(place: Place) -> None:
            self.week.clock.true += seconds * SECOND
            if place.asked.total() % 2:
                now = self.week.clock.true
                place.says("cards", text, now, now)

        one = self.week.processes[process]
        if one.asleep is None:
            self.week.weigh()
            self.week.keeps(one, self.week.asks(one, meanwhile))
            self.week.weigh(whole=True)

    @precondition(lambda self: not self.besieged)
    @step(process=ana_or_bo, walks=st.sampled_from((2, 3, MOST + 1)))
    def a_siege(self, process: int, walks: int) -> None:
        """Walk after walk is turned away after its first answer, and leaves a hole."""
        self.besieged = True
        place = self.week.places["stream"]
        for _ in range(walks):
            self.speak("stream", "cards", 4, TEXTS[0], 7 * SECOND, 0)
            place.moods.clear()
            place.minds(2, "wait")
            self.round(process)
            self.week.look()
            self.week.clock.true += 2 * MINUTE

    @step(process=ana_or_bo, after=whiles, kept=st.lists(some, min_size=1, max_size=3),
          torn=st.booleans(), in_turn=st.booleans())  # fmt: skip
    def kills(
        self, process: int, after: timedelta, kept: list[int], torn: bool, in_turn: bool
    ) -> None:
        """Die after some outcomes, or in the middle of keeping one; and soon after that again."""
        for number in kept:
            self.week.clock.true += after
            self.week.is_killed(self.week.processes[process], number, torn=torn, in_turn=in_turn)

    @step(process=ana_or_bo, after=whiles, kept=some, in_turn=st.booleans())
    def one_falls_asleep(self, process: int, after: timedelta, kept: int, in_turn: bool) -> None:
        """A laptop's lid is closed in the middle of a round."""
        self.week.clock.true += after
        if self.week.processes[process].asleep is None:
            self.week.falls_asleep(self.week.processes[process], kept, in_turn=in_turn)

    @step(process=ana_or_bo, kept=some, in_turn=st.booleans(), wakes=st.booleans())
    def one_sleeps_too_long(self, process: int, kept: int, in_turn: bool, wakes: bool) -> None:
        """And another one takes over."""
        one = self.week.processes[process]
        if not any(each.asleep for each in self.week.processes):
            self.week.falls_asleep(one, kept, in_turn=in_turn)
            self.week.clock.true += LASTS
            self.round(1 - process, in_turn=in_turn)
            if wakes and one.asleep:
                self.week.wakes(one)

    @precondition(lambda self: any(each.asleep for each in self.week.processes))
    @step()
    def one_wakes(self) -> None:
        """And goes on as if nothing had happened."""
        self.week.wakes(next(each for each in self.week.processes if each.asleep))

    @step(process=ana_or_bo)
    def one_leaves(self, process: int) -> None:
        """Give the lease back."""
        one, turn = self.week.processes[process], self.week.ought.turn
        if one.lease is not None and one.asleep is None:
            with one.store.begin() as tx:
                tx.leases.give_back(one.lease, self.week.clock.ours)
            if one.lease.token == turn.token:
                turn.until = self.week.clock.ours
            one.lease = None
