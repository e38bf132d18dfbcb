"""The first sentences of a digest: what a person in a hurry reads."""

from __future__ import annotations

from datetime import timedelta

from amends.digest.offered import came
from amends.digest.snapshot import THANKS, TO_ANSWER
from amends.digest.value import Digest, Fate, Listening
from amends.digest.words import (
    clock,
    joined,
    length,
    long_day,
    moment,
    more_or_less,
    number,
    rough,
    several,
    stretch,
    together,
    widest,
)

WIDE = 3
"""Posts from which a text passed on is worth a sentence."""

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
    return (
        *said,
        *_deaf_now(digest),
        *_astray(digest),
        *_widest(digest),
        *_busiest(digest),
        *_missing(digest),
        *_estimated(digest),
        *_apart(digest),
    )


def _numbers(digest: Digest) -> str:
    posts = digest.posts
    if not posts.posts:
        found = "no posts were seen"
        return f"{found}, {more_or_less(posts)}" if posts.before else found
    first = together(digest.voiced, more_or_less(posts), at_least=posts.at_least)
    labels = {label.name: label.count for label in digest.labels}
    parts = [
        several(labels[name].posts, *_WORDS[name])
        for name in (*TO_ANSWER, *THANKS)
        if name in labels
    ]
    if not parts:
        return first
    return f"{first}; {'at least ' if posts.at_least else ''}{joined(parts)}"


def _astray(digest: Digest) -> list[str]:
    """Tell of mails that said what wasn't offered: nothing else asks for an answer sooner."""
    tz = digest.incident.tz
    told = digest.offers.told if digest.offers else ()
    return [
        f"{several(one.voices, 'voice says', 'voices say')} {one.worth}, which wasn't offered"
        f"{came(one.origin, one.first_at, tz)}."
        for one in told
        if one.origin is not None and one.origin.named
    ]


def _widest(digest: Digest) -> list[str]:
    spread = digest.voiced.widest
    return [] if spread is None or spread.posts < WIDE else [f"{widest(spread)}."]


def _busiest(digest: Digest) -> list[str]:
    most = max(digest.hours, key=lambda hour: hour.posts, default=None)
    if most is None or digest.posts.posts < len(digest.hours):
        return []
    when = stretch(most.span, digest.incident.tz)
    said = f"{'at least ' if most.at_least else ''}{several(most.posts, 'post', 'posts')}"
    return [f"The busiest hour was {when} with {said}."]


def _missing(digest: Digest) -> list[str]:
    deaf = [one for one in digest.listening if one.missing]
    said: list[str] = []
    if deaf:
        parts = []
        for source in sorted({one.source for one in deaf}):
            # Of two watches on a source the one that heard less is named.
            most = max((one for one in deaf if one.source == source), key=_lacking)
            parts.append(f"{source} ({length(_lacking(most))}{_for_good(most)})")
        said.append(f"“At least”, because a stretch is missing from {joined(parts)}.")
    if digest.before_deaf and digest.posts.before:
        said.append("The day before has missing stretches too, so the change is rough.")
    if all(one.backfilled for one in digest.listening):
        said.append("No watch listens for this incident, so nobody knows what was missed.")
    return said


def _lacking(one: Listening, *fates: Fate) -> timedelta:
    return sum(
        (part.span.length for part in one.missing if not fates or part.fate in fates), timedelta()
    )


def _for_good(one: Listening) -> str:
    lost = _lacking(one, "lost")
    if not lost:
        return ""
    return ", for good" if lost == _lacking(one) else f", {length(lost)} of it for good"


def _estimated(digest: Digest) -> list[str]:
    sources = [sample.source for sample in digest.sampled]
    said: list[str] = []
    for sample in digest.sampled:
        alone = sources.count(sample.source) == 1
        name = sample.source if alone else f"{sample.source} ({sample.aim})"
        found = several(sample.counted, "post", "posts")
        where = f"{name} counted {found} in the stretches it was too dear to read in full"
        labels = {label.name: label for label in sample.labels}
        parts = []
        for label in (labels[name] for name in (*TO_ANSWER, *THANKS) if name in labels):
            posts, low, high = rough(label, sample.counted)
            parts.append(f"{posts} ({low} to {high}) are {_WORDS[label.name][1]}")
        about = f"about {joined(parts)}" if parts else f"{number(sample.read)} were read"
        said.append(f"{where}; of those {about}.")
    return said


def _deaf_now(digest: Digest) -> list[str]:
    blind = sorted({one.source for one in digest.listening if one.state == "blind"})
    return [f"Right now we can't hear {joined(blind)}."] if blind else []


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
