"""
Whether posts are still at their source: those that wait longest are asked about, and what came is kept.

Posts are asked about long before their last proof is as old as it may be, so that a source that is down
for most of that age still tells in time. A question that takes its source long is remembered and gone on
with in later rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from amends.erase import Place
from amends.visit import Checked, Visit
from ingest.again import AsksAgain
from ingest.source import Request, Source
from ingest.walk import Asker
from models.incident import WatchRow
from models.store import Transaction
from models.store.verified import Due

AGE = timedelta(hours=24)
"""How old the last proof may be that a post is still at its source."""

MOST = 1_000
"""Posts of a source looked at in one go, unless it takes more at once."""

QUESTIONS = 50
"""Questions asked of a source in one round, besides those that follow from an answer."""

FAILURES = 3
"""Places of their own that may fail in one round before the rest of them aren't asked."""


LONG = timedelta(minutes=1)
"""How long a source may be asked in one round: listening must go on."""


class Verifier:
    """Asks sources about posts. `age` is how old a proof may get; `agreed`: paid reads need no limit."""

    def __init__(
        self,
        place: Place,
        asker: Asker,
        clock: Callable[[], datetime],
        *,
        age: timedelta = AGE,
        questions: int = QUESTIONS,
        agreed: bool = False,
    ) -> None:
        self._place, self._asker, self._clock = place, asker, clock
        self._age, self._questions, self._agreed = age, questions, agreed

    def verify(
        self, source: Source, incident_id: int | None = None
    ) -> Iterator[tuple[WatchRow, Checked]]:
        """Ask a source about what is due, of one incident or of all; yield by watch what came of it."""
        if not isinstance(source, AsksAgain):
            return
        yield from self._go_on(source, incident_id)
        with self._place.store.read() as tx:
            rows = tx.verified.askers(source.name)
            due = self._due(tx, source, incident_id)
            saw = tx.verified.saw(due)
        for row, some in _by_asker(rows, saw, due):
            if row.again_at is None or row.again_at <= self._clock():
                yield row, self._ask(row, source, some)

    def _due(self, tx: Transaction, source: Source, incident_id: int | None) -> list[Due]:
        assert isinstance(source, AsksAgain)  # noqa: S101  the caller looked
        now, share = self._clock(), self._age / _often(source.again)
        asked, most = now - self._age / 8, max(MOST, source.again)
        if not tx.verified.due(source.name, now - share, asked, 1, incident_id):
            return []
        # All that would be due in a while go along: seldom and many, not often and few.
        return tx.verified.due(source.name, now - share / 2, asked, most, incident_id)

    def _go_on(self, source: Source, incident_id: int | None) -> Iterator[tuple[WatchRow, Checked]]:
        """Go on with what was asked before and is to be answered by now."""
        with self._place.store.read() as tx:
            rows = {row.id: row for row in tx.verified.askers(source.name)}
            waiting = [
                (one, rows[one.watch_id], tx.verified.of(one.posts))
                for one in tx.verified.remembered(source.name)
                if incident_id in (None, rows[one.watch_id].incident_id)
            ]
        for one, row, due in waiting:
            if max(one.not_before, row.again_at or one.not_before) > self._clock():
                yield row, Checked(waits=True)
                continue
            visit = self._visit(row, source, one.began)
            if self._clock() - one.began > self._age:
                visit.give_up(due)
                continue
            request = msgspec.json.decode(one.request, type=Request)
            yield row, visit.follow(request, {each.external_id: each for each in due}, resumed=True)

    def _ask(self, row: WatchRow, source: Source, due: Sequence[Due]) -> Checked:
        began, failures = self._clock(), 0
        visit = self._visit(row, source, began)
        left = {one.external_id: one for one in due}
        for _ in range(self._questions):
            if not left or visit.checked.waits or self._clock() - began > LONG:
                break
            asking = visit.choose(list(left.values()))
            if asking is None:
                break
            some = {one: left.pop(one) for one in asking.ids if one in left}
            if not some:
                break
            if asking.request is None:
                visit.cant_tell(some)
                continue
            trouble = visit.checked.trouble
            visit.follow(asking.request, some, apart=asking.apart)
            if visit.checked.trouble != trouble:
                failures += 1
                if not asking.apart or failures == FAILURES:
                    break
        return visit.checked

    def _visit(self, row: WatchRow, source: Source, began: datetime) -> Visit:
        return Visit(
            self._place, self._asker, self._clock, row, source, began=began, agreed=self._agreed
        )


def _often(again: int) -> int:
    """Return how often posts are asked about while a proof gets as old as it may: what is cheap, oftener."""
    return 16 if again >= MOST else 8 if again > 1 else 2


def _by_asker(
    rows: Sequence[WatchRow], saw: Mapping[int, WatchRow], due: Sequence[Due]
) -> Iterator[tuple[WatchRow, list[Due]]]:
    """Yield who asks about which posts: best a watch that listens there still, for the same incident."""
    best: dict[int, WatchRow] = {}
    for watch_id, one in saw.items():
        # A file brings posts of places it can't be asked about: any watch of their source can.
        fit = [row for row in rows if row.source != one.source or row.address == one.address]
        if fit:
            best[watch_id] = max(fit, key=partial(_fitness, one.incident_id))
    groups: dict[int, list[Due]] = {}
    for each in due:
        if each.watch_id in best:
            groups.setdefault(best[each.watch_id].id or 0, []).append(each)
    known = {row.id: row for row in rows}
    for number, some in groups.items():
        yield known[number], some


def _fitness(incident_id: int, row: WatchRow) -> tuple[bool, bool, bool, bool]:
    own = row.incident_id == incident_id
    return own, row.removed_at is None, not row.once, row.reads_a_day is not None
