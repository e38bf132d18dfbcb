"""What people say on X when a service breaks down: 10,000 posts in ten minutes, a few around them."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

BREAKS = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
"""When the service breaks down, and the peak begins."""

PEAK = timedelta(minutes=10)
POSTS = 10_000
BEFORE, AFTER = 50, 50
"""Posts in the hour before the peak, and in the half hour after it."""

LATEST = 300.0
"""Seconds after which the last of the late posts can be found."""

_FIRST = datetime.fromtimestamp(1_288_834_974.657, UTC)
_TEXTS = (
    "lumabank logs me out again and again, number {}",
    "card payment refused at the till thanks to lumabank ({})",
    "is lumabank down for everyone or just me? asking for the {}th time",
    "third time lucky with the lumabank app? no. attempt {}",
    "@lumabank I want a credit for this, case {}",
)


class Said(NamedTuple):
    """A post as X has it: its id, from when X finds it, and what it tells of it and its author."""

    id: int
    at: datetime
    known: datetime
    post: bytes
    user: bytes

    @property
    def late(self) -> bool:
        """Whether X finds it later than it was posted."""
        return self.known > self.at


def id_at(when: datetime) -> int:
    """Return the smallest id that can have been given out at `when`."""
    return max((when - _FIRST) // timedelta(milliseconds=1), 0) << 22


def time_of(post_id: int) -> datetime:
    """Return when an id was given out, to the millisecond."""
    return _FIRST + timedelta(milliseconds=post_id >> 22)


def storm(seed: int, *, late: float = 0.05, ties: float = 0.2) -> list[Said]:
    """
    Return the posts of one breakdown, oldest first.

    A share of `ties` has the very millisecond of another and the id beside it; a share of `late`
    is found one second to five minutes after it was posted.
    """
    dice = random.Random(f"storm {seed}")
    length = int(PEAK / timedelta(milliseconds=1))
    hour = 3_600_000
    # Steep at first: people notice together, and tire one by one.
    moments = [int(dice.triangular(0, length, length // 4)) for _ in range(int(POSTS * (1 - ties)))]
    moments += [dice.choice(moments) for _ in range(POSTS - len(moments))]
    moments += [dice.randrange(-hour, 0) for _ in range(BEFORE)]
    moments += [dice.randrange(length, length + hour // 2) for _ in range(AFTER)]
    said: dict[int, Said] = {}
    for number, moment in enumerate(sorted(moments)):
        at = BREAKS + timedelta(milliseconds=moment)
        post_id = id_at(at) + dice.randrange(1, 1 << 21)
        if said and (before := next(reversed(said))) >> 22 == post_id >> 22:
            post_id = before + 1
        is_late = dice.random() < late
        known = at + timedelta(seconds=dice.uniform(1.0, LATEST)) if is_late else at
        said[post_id] = a_said(at, number, post_id=post_id, known=known)
    return list(said.values())


def a_said(
    at: datetime, number: int = 0, *, post_id: int | None = None, known: datetime | None = None
) -> Said:
    """Return a post of that moment; X finds it from `known` on, or else at once."""
    post_id = id_at(at) + number if post_id is None else post_id
    known = known or at
    post = {
        "id": str(post_id), "text": _TEXTS[number % len(_TEXTS)].format(number),
        "author_id": str(1000 + number), "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "conversation_id": str(post_id), "edit_history_tweet_ids": [str(post_id)], "lang": "en",
        "public_metrics": {"like_count": number % 7, "reply_count": 0, "retweet_count": 0},
    }  # fmt: skip
    user = {"id": str(1000 + number), "username": f"cleo_{number}"}
    return Said(post_id, at, known, json.dumps(post).encode(), json.dumps(user).encode())
