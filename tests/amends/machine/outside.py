"""Rules of the world outside: people speak and edit, places behave badly, time passes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from tests.amends.machine.base import Base, any_post, names, step, texts
from tests.amends.machine.places import HOUR, MINUTE, SECOND, Mood

PASSES = (SECOND, 30 * SECOND, 130 * SECOND, 20 * MINUTE, 3 * HOUR, 11 * HOUR)
JUMPS = (-5 * MINUTE, -MINUTE, 10 * MINUTE, 2 * HOUR)
MOODS: tuple[Mood, ...] = ("wait", "down", "refused", "login", "last one")

terms = st.sampled_from(("cards", "cards", "app"))
with_tokens = st.sampled_from(("stream", "ledger"))


class Outside(Base):
    """The world outside."""

    @step(place=names, term=terms, posts=st.integers(1, 5), text=texts, apart=st.integers(0, 2),
          late=st.sampled_from((0, 0, 20, 60)))  # fmt: skip
    def people_speak(
        self, place: str, term: str, posts: int, text: str, apart: int, late: int
    ) -> None:
        """Some posts, in one second or a few apart; some come to light late."""
        self.speak(place, term, posts, text, apart * SECOND, late)

    @step(place=names, term=terms, posts=st.integers(9, 20), text=texts,
          mood=st.sampled_from((None, None, *MOODS)))  # fmt: skip
    def many_speak(self, place: str, term: str, posts: int, text: str, mood: Mood | None) -> None:
        """More than a few answers hold, and more than the place may like to give at once."""
        self.speak(place, term, posts, text, 7 * SECOND, 0)
        if mood is not None:
            self.week.places[place].minds(2, mood)

    @step(place=names, post=any_post, text=texts, repeats=st.booleans())
    def somebody_edits(self, place: str, post: int, text: str, repeats: bool) -> None:
        """Say it in other words, or the same; answers may bring the old ones once more."""
        posts = self.week.places[place].posts
        if posts:
            posts[-1 - post % min(len(posts), 6)].texts.append(text)
            self.week.places[place].repeats = repeats

    @step(place=names, behind=st.integers(0, 2))
    def old_versions_come_back(self, place: str, behind: int) -> None:
        """A cache lags by some edits."""
        self.week.places[place].behind = behind

    @step(place=names, nth=st.integers(1, 6), mood=st.sampled_from(MOODS))
    def a_place_minds(self, place: str, nth: int, mood: Mood) -> None:
        """A rate limit, an outage, a refusal, a login form."""
        self.week.places[place].minds(nth, mood)

    @step(place=with_tokens)
    def tokens_expire(self, place: str) -> None:
        """No chain can be gone on with."""
        self.week.places[place].expired = self.week.places[place].tokens

    @step(place=with_tokens, reach=st.sampled_from((None, HOUR / 2, 2 * HOUR)))
    def a_place_forgets(self, place: str, reach: timedelta | None) -> None:
        """What is older than that can't be had there."""
        self.week.places[place].reach = self.week.sources[place].reach = reach

    @step(length=st.sampled_from(PASSES))
    def time_passes(self, length: timedelta) -> None:
        """Nothing else happens."""
        self.week.clock.true += length

    @step(by=st.sampled_from(JUMPS))
    def our_clock_jumps(self, by: timedelta) -> None:
        """Only ours; it was never right."""
        self.week.clock.ahead += by
