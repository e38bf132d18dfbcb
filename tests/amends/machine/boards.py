"""Rules of the people at their boards, of what comes another way, and of backups."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from amends.backup import back_up
from amends.restore import restore
from ingest.keep import keep
from ingest.source import Answer
from ingest.walk import Outcome
from models.post import Post
from models.tag import Tag, VerdictRow
from tests.amends.machine.base import Base, any_post, some, step
from tests.amends.machine.ground import APP, CARDS, FILE, LEDGER, WINDOW
from tests.amends.machine.ought import LABEL, MACHINE, Held, Key

watched = st.sampled_from((CARDS, APP, LEDGER, WINDOW))


class Boards(Base):
    """People at their boards."""

    @precondition(lambda self: self.week.ought.posts)
    @step(said=st.lists(st.tuples(any_post, st.booleans()), min_size=1, max_size=3),
          by=st.sampled_from(("ana", "bo")))  # fmt: skip
    def somebody_tags(self, said: list[tuple[int, bool]], by: str) -> None:
        """Say that posts are complaints, or aren't."""
        tags = [(self._post(number), LABEL, Held(put, by)) for number, put in said]
        with self.week.store.begin() as tx:
            rows = [Tag(post_id=self.week.ids[key], label=label, by=held.by, put=held.put)
                    for key, label, held in tags]  # fmt: skip
            tx.tags.put(rows, self.week.clock.ours)
        self.week.ought.put(tags)

    @precondition(lambda self: self.week.ought.posts)
    @step(post=any_post, decision=st.sampled_from(("reply", "dismiss")))
    def somebody_decides(self, post: int, decision: str) -> None:
        """A verdict."""
        key = self._post(post)
        with self.week.store.begin() as tx:
            tx.session.add(
                VerdictRow(incident_id=self.week.incident, post_id=self.week.ids[key],
                           decision=decision, by="cleo", at=self.week.clock.ours)
            )  # fmt: skip
        self.week.ought.verdicts.append((key, decision, "cleo"))

    @step()
    def the_classifier_scores(self) -> None:
        """Tag all that waits for it."""
        with self.week.store.begin() as tx:
            rows = tx.posts.unscored(10_000)
            keys = {key for key, post_id in self.week.ids.items()
                    if post_id in {row.post_id for row in rows}}  # fmt: skip
            assert keys == self.week.ought.unscored
            tags = [Tag(post_id=row.post_id, label=LABEL, by=MACHINE, score=0.7) for row in rows]
            tx.tags.put_scored(rows, tags, MACHINE, self.week.clock.ours)
        self.week.ought.score()

    @step(address=watched, for_long=st.booleans())
    def somebody_pauses(self, address: str, for_long: bool) -> None:
        """Pause a watch, or let it be asked again."""
        if not for_long:
            self.week.resume(address)
            return
        self.week.ought.paused.add(self.week.watches[address])
        ours = self.week.clock.ours
        self.week.change(address, lambda row: setattr(row, "paused_at", ours))

    @step(address=watched, requests=st.sampled_from((None, 3, 12)),
          reads=st.sampled_from((None, None, 8)))  # fmt: skip
    def a_budget(self, address: str, requests: int | None, reads: int | None) -> None:
        """Limit what a watch may spend in a day."""
        self.week.budget(address, requests, reads)

    @step(kept=some, torn=st.booleans())
    def a_backfill(self, kept: int, torn: bool) -> None:
        """Read a stretch of the stream once; killed after some answers, it goes on the next time."""
        self.backfill(kept, torn=torn)

    @precondition(lambda self: self.week.places["stream"].posts)
    @step(picks=st.lists(st.tuples(any_post, any_post), min_size=1, max_size=6))
    def a_file_redelivers(self, picks: list[tuple[int, int]]) -> None:
        """Some posts of the stream in any version and order, some of them twice."""
        posts = [self._redelivered(post, version) for post, version in picks]
        watch_id = self.week.watches[FILE]
        with self.week.store.read() as tx:
            watch = tx.watches.get(watch_id).as_watch()
        outcome = Outcome(watch, Answer(posts=tuple(posts)))
        keep(self.week.store, outcome, self.week.clock.ours)
        self.week.ought.keep(outcome, self.week.clock.ours)

    def _redelivered(self, post: int, version: int) -> Post:
        said = self.week.places["stream"].posts[post % len(self.week.places["stream"].posts)]
        version %= len(said.texts)
        return Post(source="stream", external_id=said.key, text=said.texts[version], author="cleo",
                    posted_at=said.at, as_of=self.week.clock.true, version=version, likes=0)  # fmt: skip

    @precondition(lambda self: self.week.ground.home is not None and self.saved is None)
    @step()
    def a_backup(self) -> None:
        """Made while everything runs."""
        week, home = self.week, self.week.ground.home
        assert home is not None
        file = home.path.parent / "backup"
        back_up(home, week.store, file, replace=True, now=week.clock.ours, tell=_quietly)
        self.saved = deepcopy(week.ought)

    @precondition(lambda self: self.saved is not None and not self.saved.restored)
    @step()
    def a_restore(self) -> None:
        """Put the backup back: every process is stopped before, and asks again for what is gone."""
        week, home = self.week, self.week.ground.home
        assert home is not None and self.saved is not None
        for process in week.processes:
            process.stop()
        now, file = week.clock.ours, home.path.parent / "backup"
        restore(home, week.url, file, replace=True, now=now, tell=_quietly)
        for process in week.processes:
            process.start()
        self.saved.restored = True
        week.ought = deepcopy(self.saved)
        week.tally["restores"] += 1
        week.weigh()

    def _post(self, number: int) -> Key:
        keys = sorted(self.week.ought.posts)
        return keys[number % len(keys)]


def _quietly(doing: str, done: int, total: int) -> None:
    """Hear how far it is, and say nothing."""
