"""A week of an installation: its places, its processes, and how they collect, keep, sleep and die."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, islice

from ingest.collector import collect
from ingest.keep import keep
from ingest.walk import Outcome
from models.budget import day_of
from models.errors import FencedOut
from models.incident import Watch, WatchRow
from models.lease import Lease
from models.store import Store, Transaction
from models.store.posts import Kept
from tests.amends.machine.ground import Ground
from tests.amends.machine.look import Heard, Rows, account, compare
from tests.amends.machine.ought import Key, Ought
from tests.amends.machine.places import Clock, Place
from tests.amends.machine.processes import Asking, Line, Process, in_order
from tests.amends.machine.sources import Newest, Oldest, Plain, Window

JOB = "collecting for cards-down"


class Torn(Exception):
    """Killed in the middle of a transaction."""


class Week:
    """
    One example's world.

    `unkept` counts, by address, the questions that were asked and whose answers nobody kept; `ids`
    are the stored posts' own.
    """

    def __init__(self, ground: Ground, tally: Counter[str]) -> None:
        self.ground, self.tally = ground, tally
        self.clock = Clock()
        self.places = {
            name: Place(name, self.clock, newest_first=name != "ledger", holds=holds)
            for name, holds in (("stream", 2), ("ledger", 3), ("window", 8))
        }
        self.sources: dict[str, Plain] = {
            "stream": Newest("stream", charges=True), "ledger": Oldest("ledger"),
            "window": Window("window"),
        }  # fmt: skip
        self.url = ground.fresh()
        self.processes = [Process(name, self.url) for name in ("ana", "bo", "cleo")]
        with self.store.read() as tx:
            self.incident = tx.incidents.every()[0].id or 0
            rows = tx.watches.of(self.incident, once=None)
        self.watches = {row.address or "": row.id or 0 for row in rows}
        self.ought = Ought()
        self.unkept: Counter[str] = Counter()
        self.ids: dict[Key, int] = {}
        self.askings: list[Asking] = []

    @property
    def store(self) -> Store:
        """The store of Cleo, who doesn't collect."""
        return self.processes[2].store

    def close(self) -> None:
        """Leave nothing behind, no thread that waits for its answer to be kept either."""
        for asking in self.askings:
            asking.cut()
        for process in self.processes:
            process.stop()
        self.ground.tidy()

    def look(self) -> list[Heard]:
        """Hold every row against what ought to be there, and account for all time."""
        rows = Rows.read(self.store)
        compare(rows, self.ought)
        self.ids = {(row[1], row[2]): row[0] for row in rows.posts}
        listening = [heard for heard in rows.heard() if heard.source in self.places]
        for heard in listening:
            account(heard, self.ought, self.places[heard.source])
        return listening

    def listens(self) -> list[str]:
        """Return how each watch says it listens: live or quiet only if nothing is open or wrong."""
        with self.store.read() as tx:
            found = tx.watches.standing(self.incident, self.clock.ours)
        for each in found:
            self.tally["most holes open"] = max(self.tally["most holes open"], len(each.holes))
            whole = not (each.holes or each.row.chain or each.row.trouble or each.row.paused_at)
            assert whole or each.state.state not in ("live", "quiet"), f"{each} says it hears all"
        return [each.state.state for each in found]

    def takes_turn(self, process: Process) -> bool:
        """Return whether it is a process's turn to collect."""
        ours, turn = self.clock.ours, self.ought.turn
        with process.store.begin() as tx:
            row = tx.leases.take(JOB, process.name, ours)
        wanted = turn.would_go_to(process.name, ours)
        assert row.holder == wanted, f"it is {wanted}'s turn, not {row.holder}'s"
        if row.holder != process.name:
            self.tally["stood by"] += 1
            return False
        turn.taken(process.name, row.token, ours)
        process.lease = Lease(job=JOB, token=row.token)
        return True

    def due(self, process: Process) -> list[Watch]:
        """Return what is due; nothing that is paused, or whose source asked to be left alone."""
        ours = self.clock.ours
        with process.store.read() as tx:
            found = tx.watches.due(self.incident, ours)
        process.limits = dict(self.ought.limits)
        for watch in found:
            assert watch.id not in self.ought.paused, f"{watch} is paused"
            until = self.ought.alone.get(watch.id, ours)
            assert until <= ours, f"{watch} was asked to be left alone until {until}"
        return found

    def collects(self, process: Process, *, in_turn: bool = False) -> list[Outcome]:
        """Ask everybody who is due at once, if it is the process's turn."""
        if not self.takes_turn(process):
            return []
        line = Line(self.places)
        asked = collect(self.due(process), self.sources, line, lambda: self.clock.ours)
        return in_order(asked, in_turn=in_turn)

    def whole_round(self, process: Process, *, in_turn: bool = False) -> None:
        """Collect and keep; afterwards no question may be missing, and nobody claims to hear what he doesn't."""
        self.weigh()
        self.keeps(process, self.collects(process, in_turn=in_turn))
        self.weigh(whole=True)
        self.listens()

    def asks(
        self,
        process: Process,
        meanwhile: Callable[[Place], None] | None = None,
        *,
        in_turn: bool = False,
    ) -> Asking:
        """Begin a round that may end anywhere."""
        line = Line(self.places, meanwhile)
        due = self.due(process) if self.takes_turn(process) else []
        walks = [
            collect(
                [w for w in due if w.source == name], self.sources, line, lambda: self.clock.ours
            )
            for name in self.places
        ]
        self.askings.append(Asking(walks, line, in_turn=in_turn))
        return self.askings[-1]

    def keeps(self, process: Process, outcomes: Iterable[Outcome]) -> None:
        """Keep outcomes one by one; FencedOut, and nothing is changed, if somebody took over."""
        for outcome in outcomes:
            before = self._spent_today(outcome.watch.id)
            keep(process.store, outcome, self.clock.ours, lease=process.lease)
            if process.lease is not None:
                self.ought.turn.renewed(self.clock.ours)
            self.ought.keep(outcome, self.clock.ours)
            limit = process.limits.get(outcome.watch.id)
            spent = self._spent_today(outcome.watch.id)
            assert limit is None or spent == before or spent <= limit, f"{spent} spent of {limit}"
            self._count(outcome)

    def tears(self, process: Process, outcome: Outcome) -> None:
        """Die within the transaction that keeps an outcome."""
        if outcome.answer is None:
            return
        try:
            keep(process.store, outcome, self.clock.ours, _die, lease=process.lease)
        except Torn:
            self.tally["torn transactions"] += 1

    def falls_asleep(self, process: Process, kept: int, *, in_turn: bool) -> None:
        """Stop after some outcomes, with another one in hand."""
        asking = self.asks(process, in_turn=in_turn)
        outcomes = iter(asking)
        self.keeps(process, islice(outcomes, kept))
        outcome = next(outcomes, None)
        if outcome is not None:
            process.asleep = (outcome, outcomes, asking)
        self.weigh()

    def wakes(self, process: Process) -> None:
        """Go on where a process fell asleep, unless somebody has taken over meanwhile."""
        assert process.asleep is not None and process.lease is not None
        (outcome, outcomes, asking), process.asleep = process.asleep, None
        if process.lease.token == self.ought.turn.token:
            self.tally["woke in time"] += 1
            self.keeps(process, chain([outcome], outcomes))
        else:
            before = Rows.read(self.store)
            try:
                keep(process.store, outcome, self.clock.ours, lease=process.lease)
            except FencedOut:
                self.tally["fenced out"] += 1
            else:
                message = f"{process.name} slept through a takeover, and wrote"
                raise AssertionError(message)
            assert Rows.read(self.store) == before, "who is fenced out changes nothing"
            asking.cut()
        self.weigh()

    def is_killed(self, process: Process, kept: int, *, torn: bool, in_turn: bool) -> None:
        """Die with an outcome in hand, or in the middle of keeping it; start again."""
        if process.asleep is None:
            asking = self.asks(process, in_turn=in_turn)
            outcomes = iter(asking)
            self.keeps(process, islice(outcomes, kept))
            outcome = next(outcomes, None)
            if torn and outcome is not None:
                self.tears(process, outcome)
            asking.cut()
        process.stop()
        process.start()
        self.tally["kills"] += 1
        self.weigh()

    def weigh(self, *, whole: bool = False) -> None:
        """
        Hold the questions the places saw against those the store knows of.

        After a `whole` round no answer is missing but those that were before.
        """
        for address, watch_id in self.watches.items():
            spent = sum(n for (each, _), n in self.ought.spent.items() if each == watch_id)
            asked = sum(place.asked[address] for place in self.places.values())
            unkept = asked - spent
            assert unkept >= 0, f"{address} was asked {asked} times, and the store says {spent}"
            known = self.unkept[address]
            assert not whole or unkept == known, (
                f"{unkept - known} questions to {address} forgotten"
            )
            self.unkept[address] = unkept

    def change(self, address: str, change: Callable[[WatchRow], None]) -> None:
        """Change a watch, as a person does."""
        with self.store.begin() as tx:
            row = tx.watches.get(self.watches[address])
            change(row)
            if row.not_before is None:
                self.ought.alone.pop(row.id or 0, None)
            tx.watches.save(row)

    def resume(self, address: str) -> None:
        """Let a watch be asked again."""
        self.ought.paused.discard(self.watches[address])
        self.change(address, _resumed)

    def budget(self, address: str, requests: int | None, reads: int | None = None) -> None:
        """Give a watch a budget, as `amends watch change` does."""

        def change(row: WatchRow) -> None:
            row.requests_a_day, row.reads_a_day = requests, reads
            if row.trouble_kind == "spent":
                row.trouble = row.trouble_kind = row.trouble_since = row.not_before = None

        self.change(address, change)
        self.ought.limits[self.watches[address]] = requests

    def _spent_today(self, watch_id: int) -> int:
        return self.ought.spent[watch_id, day_of(self.clock.ours)]

    def _count(self, outcome: Outcome) -> None:
        self.tally["answers kept"] += outcome.answer is not None
        self.tally["answers that filled a hole"] += outcome.filling and outcome.answer is not None
        self.tally["holes given up"] += outcome.gone
        self.tally["errors kept"] += outcome.error is not None


def _die(tx: Transaction, kept: Kept) -> None:
    raise Torn


def _resumed(row: WatchRow) -> None:
    row.paused_at = row.not_before = None
    row.trouble = row.trouble_kind = row.trouble_since = None
