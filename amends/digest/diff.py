"""
What has changed between two digests of the same day: its numbers, said in words.

Only what posts themselves change is compared: what somebody has answered since, or how a source feels
today, makes no new version of a day that is over. No word of any post is kept for it.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec

from amends.digest.value import Digest
from amends.digest.words import length, number, several


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """
    The numbers of a day: posts, voices, distinct complaints, by label, by source, by hour.

    `missing` are the seconds that weren't heard.
    """

    posts: int
    voices: int
    complaints: int
    official: int
    labels: tuple[tuple[str, str, int], ...]
    sources: tuple[tuple[str, int], ...]
    hours: tuple[int, ...]
    missing: int


def facts_of(digest: Digest) -> Facts:
    """Return the numbers of a digest."""
    return Facts(
        posts=digest.posts.posts,
        voices=digest.voiced.voices,
        complaints=digest.voiced.complaints,
        official=digest.official,
        labels=tuple((label.name, label.title, label.count.posts) for label in digest.labels),
        sources=tuple((one.source, one.count.posts) for one in digest.sources if one.count.posts),
        hours=tuple(one.posts for one in digest.hours),
        missing=sum(int(gap.length.total_seconds()) for gap in digest.gaps),
    )


def print_of(facts: Facts) -> str:
    """
    Return a print that is the same exactly while the numbers of posts are.

    What a label is called makes no difference, nor how much was heard: a watch added today hasn't heard
    yesterday, and that corrects nothing.
    """
    labels = tuple((name, "", posts) for name, _, posts in facts.labels if posts)
    told = msgspec.structs.replace(facts, labels=labels, missing=0)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


def changes(old: Facts, new: Facts) -> tuple[str, ...]:
    """Return in words what became of the old numbers; nothing exactly if they are the same."""
    said = [_moved("All posts", old.posts, new.posts)]
    had = {name: posts for name, _, posts in old.labels}
    has = {name: posts for name, _, posts in new.labels}
    titles = {name: title for name, title, _ in (*old.labels, *new.labels)}
    said += [_moved(titles[name], had.get(name, 0), has.get(name, 0)) for name in titles]
    said += [
        _moved("Voices", old.voices, new.voices),
        _moved("Distinct complaints", old.complaints, new.complaints),
        _moved("By the company", old.official, new.official),
    ]
    before, after = dict(old.sources), dict(new.sources)
    said += [
        _moved(f"From {name}", before.get(name, 0), after.get(name, 0))
        for name in sorted({**before, **after})
    ]
    said.append(_heard(old.missing, new.missing))
    found = tuple(filter(None, said))
    if not found and old != new:
        hours = sum(a != b for a, b in zip(old.hours, new.hours, strict=False)) or 1
        found = (
            f"The same posts, but in {several(hours, 'hour', 'hours')} not as many as before.",
        )
    return found


def _moved(name: str, old: int, new: int) -> str:
    if old == new:
        return ""
    way = "more" if new > old else "fewer"
    return f"{name}: {number(old)} → {number(new)} ({number(abs(new - old))} {way})."


def _heard(old: int, new: int) -> str:
    if old == new:
        return ""
    if not new:
        return "What was missing has been read: the day is complete now."
    now = length(timedelta(seconds=new))
    before = f", where it was {length(timedelta(seconds=old))}" if old else ""
    return f"Not heard of the day: {now}{before}."
