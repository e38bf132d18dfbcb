"""
One watch's turn at asking whether posts are still there: its budget, its questions, what came of them.

What an answer says is kept before the next question. A question that its source answers only later is
remembered, and so is trouble: the source is left alone for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from amends.erase import Place, erase
from ingest.again import Again, Asked, Asking, AsksAgain
from ingest.keep import patience
from ingest.robots_txt import ignored
from ingest.source import Request, Source
from ingest.walk import SHORT, Asker, Purse
from models.asking import AskingRow
from models.budget import day_begins
from models.errors import AmendsError, BudgetSpent, SourceBusy
from models.incident import Watch, WatchRow
from models.post import Post
from models.store import Transaction
from models.store.erasure import Whose
from models.store.verified import Due

LATER = timedelta(minutes=15)
"""How long a source is left alone that refused, or answered what nobody understands."""


class Checked(msgspec.Struct, kw_only=True):
    """
    What came of asking again: posts that are there, those gone, those nobody can tell of.

    `outside` are files out of our reach that may hold what is gone.
    """

    there: int = 0
    gone: int = 0
    untold: int = 0
    requests: int = 0
    waits: bool = False
    trouble: str = ""
    outside: set[str] = set()

    @property
    def goes_on(self) -> bool:
        """Whether it came on and met no trouble, so that there may be more to ask at once."""
        return bool(self.there or self.gone or self.untold) and not (self.waits or self.trouble)

    def add(self, other: Checked) -> None:
        """Count another's as well."""
        self.there, self.gone = self.there + other.there, self.gone + other.gone
        self.untold, self.requests = self.untold + other.untold, self.requests + other.requests
        self.waits, self.trouble = self.waits or other.waits, self.trouble or other.trouble
        self.outside |= other.outside


class Visit:
    """One watch's turn. `began` is when its question was first asked; `agreed`: reads need no limit."""

    def __init__(
        self,
        place: Place,
        asker: Asker,
        clock: Callable[[], datetime],
        row: WatchRow,
        source: Source,
        *,
        began: datetime,
        agreed: bool,
    ) -> None:
        self._place, self._asker, self._clock = place, asker, clock
        self._row, self._source, self._began = row, source, began
        self.checked = Checked()
        with self._place.store.read() as tx:
            left = tx.watches.left(row.id or 0, self._clock())
        if source.price.per_post and left.reads is None and not agreed:
            # Asking again costs money at some: only who set a limit to it is taken to agree.
            left = msgspec.structs.replace(left, reads=0)
        self._purse = Purse(left)

    @property
    def _watch(self) -> Watch:
        return msgspec.structs.replace(self._row.as_watch(), left=self._purse.left)

    def choose(self, due: Sequence[Due]) -> Asking | None:
        """Let the source choose its next question; what nobody can be asked about is noted so."""
        assert isinstance(self._source, AsksAgain)  # noqa: S101  the caller looked
        try:
            asking = self._source.ask_again(
                self._watch, [_asked(one) for one in due], self._clock()
            )
        except AmendsError as error:
            self._stop(error)
            return None
        if asking is None:
            self.cant_tell({one.external_id: one for one in due})
        return asking

    def cant_tell(self, due: dict[str, Due]) -> None:
        """Note that nobody can say whether these are there."""
        with self._place.store.begin() as tx:
            tx.verified.untold([one.post_id for one in due.values()], self._clock())
        self.checked.untold += len(due)

    def give_up(self, due: Sequence[Due]) -> None:
        """Give up a question that was never answered: whatever it was about is asked anew."""
        with self._place.store.begin() as tx:
            tx.verified.forget(self._row.id or 0)
            tx.verified.asked([one.post_id for one in due], None)

    def follow(
        self,
        request: Request | None,
        due: dict[str, Due],
        *,
        resumed: bool = False,
        apart: bool = False,
    ) -> Checked:
        """Follow a question to its end, or until it has to wait, keeping what comes."""
        assert isinstance(self._source, AsksAgain)  # noqa: S101  the caller looked
        silent = dict(due)
        kept = resumed
        try:
            freely = ignored(self._watch)
            while request is not None:
                question = msgspec.structs.replace(request, page=request.page and not freely)
                self._purse.open(self._clock(), free=request.free)
                asked = [_asked(one) for one in due.values()]
                found = self._source.read_again(self._asker.ask(question, self._clock()), asked)
                waits = found.more is not None and found.wait > SHORT
                kept = self._keep(found, due, silent, waits=waits) or kept
                if waits:
                    self.checked.waits = True
                    return self.checked
                request = found.more
                # Also after the last answer: the next question may go to the same place.
                time.sleep(min(found.wait, SHORT))
        except AmendsError as error:
            self._failed(error, silent, kept=kept, apart=apart)
            return self.checked
        with self._place.store.begin() as tx:
            if kept:
                tx.verified.forget(self._row.id or 0)
            tx.verified.asked([one.post_id for one in silent.values()], self._clock())
            tx.verified.in_trouble(self._row.id or 0, None, None)
        return self.checked

    def _keep(
        self, found: Again, due: dict[str, Due], silent: dict[str, Due], *, waits: bool
    ) -> bool:
        """Keep an answer; return whether its question is remembered now. What is gone goes first."""
        now = self._clock()
        gone = [due[one].post_id for one in found.gone if one in due]
        if gone:
            done = erase(self._place, Whose(), "gone", now, by="amends", ids=gone, deep=False)
            self.checked.outside |= {*done.outside}
        shown = [post for post in found.posts if post.external_id in due]
        there = [due[one].post_id for one in found.there if one in due]
        seen = [due[post.external_id].post_id for post in shown]
        untold = [due[one].post_id for one in found.untold if one in due]
        with self._place.store.begin(thorough=True) as tx:
            charged = self._add(tx, shown, due, now)
            tx.watches.spend(self._row.id or 0, self._purse.told(), charged, now)
            tx.verified.there(there, found.as_of or now)
            tx.verified.there(seen, now)
            tx.verified.untold(untold, now)
            if found.resume is not None:
                self._remember(tx, found, silent, now, waits=waits)
        self._purse.pay(charged)
        for one in (
            *found.gone,
            *found.there,
            *found.untold,
            *(post.external_id for post in shown),
        ):
            silent.pop(one, None)
        for one in found.gone:
            due.pop(one, None)
        self.checked.requests += 1
        self.checked.gone += len(gone)
        self.checked.there += len(there) + len(seen)
        self.checked.untold += len(untold)
        return found.resume is not None

    def _add(
        self, tx: Transaction, posts: Sequence[Post], due: dict[str, Due], now: datetime
    ) -> int:
        """Keep posts as they are now, in no other incident than they were; return how many cost money."""
        charges = day_begins(now) if self._source.price.per_post else None
        by_watch: dict[int, list[Post]] = {}
        for post in posts:
            by_watch.setdefault(due[post.external_id].watch_id, []).append(post)
        charged = 0
        for watch_id, some in by_watch.items():
            charged += tx.posts.add(tx.watches.seen_by(watch_id), some, now, charges).charged
        return charged

    def _remember(
        self, tx: Transaction, found: Again, due: dict[str, Due], now: datetime, *, waits: bool
    ) -> None:
        ids = [one.post_id for one in due.values()]
        wait = timedelta(seconds=found.wait if waits else 0.0)
        tx.verified.remember(AskingRow(
            watch_id=self._row.id or 0, posts=ids, began=self._began, not_before=now + wait,
            request=msgspec.json.encode(found.resume).decode(),
        ))  # fmt: skip
        tx.verified.asked(ids, now)

    def _failed(
        self,
        error: AmendsError,
        silent: dict[str, Due],
        *,
        kept: bool,
        apart: bool,
    ) -> None:
        now = self._clock()
        with self._place.store.begin() as tx:
            tx.watches.spend(self._row.id or 0, self._purse.told(), 0, now)
            if apart:
                tx.verified.asked([one.post_id for one in silent.values()], now)
        if kept and not isinstance(error, SourceBusy):
            self.give_up(list(silent.values()))
        if apart:
            self.checked.trouble = error.message
        else:
            self._stop(error)

    def _stop(self, error: AmendsError) -> None:
        """Note what went wrong, and leave the source alone for a while."""
        now = self._clock()
        self.checked.trouble = error.message
        if isinstance(error, BudgetSpent):
            return
        wait = patience(error, LATER) if isinstance(error, SourceBusy) else LATER
        said = f"{error.message}: {error.remedy}" if error.remedy else error.message
        with self._place.store.begin() as tx:
            tx.verified.in_trouble(self._row.id or 0, said, now + wait)


def _asked(one: Due) -> Asked:
    return Asked(id=one.external_id, url=one.url, text=one.text, thread_id=one.thread_id)
