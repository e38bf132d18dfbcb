"""The first sentences of a digest: what a person in a hurry reads."""

from __future__ import annotations

from datetime import timedelta

from amends.digest.snapshot import THANKS, TO_ANSWER
from amends.digest.value import Digest
from amends.digest.words import (
    clock,
    counted,
    joined,
    length,
    long_day,
    moment,
    more_or_less,
    several,
    stretch,
)

_WORDS = {
    "complaint": ("complaint", "complaints"),
    "credit_request": ("credit request", "credit requests"),
    "praise": ("thanks", "thanks"),
}


def lede(digest: Digest) -> tuple[str, ...]:
    """Return the sentences that open the sheet."""
    where = f"{long_day(digest.day)} ({digest.incident.tz})"
    if not digest.window.length:
        return (f"{where}: the clocks of this zone skipped this day, so it has no posts.",)
    if digest.made_at < digest.window.since:
        return (f"{where}: this day hasn't begun yet.",)
    said = [f"{where}: {_numbers(digest)}."]
    if not digest.over:
        at = clock(digest.made_at, digest.incident.tz)
        said.append(
            f"The day isn't over: this is what was known at {at}, "
            "beside the whole of the day before."
        )
    if digest.window.until <= digest.incident.began:
        began = moment(digest.incident.began, digest.incident.tz)
        said.append(f"The incident only began on {began}.")
    return (*said, *_busiest(digest), *_missing(digest), *_apart(digest))


def _numbers(digest: Digest) -> str:
    posts = digest.posts
    if not posts.posts:
        found = "no posts were seen"
        return f"{found}, {more_or_less(posts)}" if posts.before else found
    by = several(digest.voices, "voice", "voices")
    noun = "post" if posts.posts == 1 else "posts"
    first = f"{counted(posts)} {noun} by {by}, {more_or_less(posts)}"
    labels = {label.name: label.count for label in digest.labels}
    parts = [
        several(labels[name].posts, *_WORDS[name])
        for name in (*TO_ANSWER, *THANKS)
        if name in labels
    ]
    if not parts:
        return first
    return f"{first}; {'at least ' if posts.at_least else ''}{joined(parts)}"


def _busiest(digest: Digest) -> list[str]:
    most = max(digest.hours, key=lambda hour: hour.posts, default=None)
    if most is None or digest.posts.posts < len(digest.hours):
        return []
    when = stretch(most.span, digest.incident.tz)
    return [f"The busiest hour was {when} with {several(most.posts, 'post', 'posts')}."]


def _missing(digest: Digest) -> list[str]:
    deaf = [one for one in digest.listening if one.holes]
    said: list[str] = []
    if deaf:
        parts = []
        for source in sorted({one.source for one in deaf}):
            # Of two watches on a source the one that heard less is named.
            lost = max(
                sum((hole.length for hole in one.holes), timedelta())
                for one in deaf
                if one.source == source
            )
            parts.append(f"{source} ({length(lost)})")
        said.append(f"“At least”, because a stretch is missing from {joined(parts)}.")
    if digest.before_deaf and digest.posts.before:
        said.append("The day before has missing stretches too, so the change is rough.")
    if all(one.backfilled for one in digest.listening):
        said.append("No watch listens for this incident, so nobody knows what was missed.")
    return said


def _apart(digest: Digest) -> list[str]:
    said: list[str] = []
    if digest.unscored:
        wait = several(digest.unscored, "post hasn't", "posts haven't")
        said.append(f"{wait} been labelled yet; the labels will still change.")
    if digest.undated:
        carry = several(
            digest.undated,
            "post carries no time, so it counts in no day",
            "posts carry no time, so they count in no day",
        )
        said.append(f"{carry}.")
    return said
