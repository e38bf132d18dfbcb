"""What is held of a batch of posts before and after it is written, and what has come of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from models.ready import Ready


class Held(NamedTuple):
    """A post that is kept: its id, the fingerprint of its words, its last charge and its age."""

    post_id: int
    near: int
    charged_at: int | None
    version: int
    as_of: int


Holding = Mapping[tuple[str, str], Held]
"""Posts that are kept, by source and external id."""


class Written(NamedTuple):
    """A post as it was written just now."""

    post_id: int
    new: bool


def changed(known: Holding, held: Holding) -> list[int]:
    """Return which of the posts that were known no longer say what they said."""
    return [was.post_id for key, was in known.items() if held[key][:3] != was[:3]]


def written(
    posts: Sequence[Ready], known: Holding, held: Holding
) -> Iterator[tuple[Written, Ready]]:
    """Yield the posts that were written: new ones, and newer than what was kept."""
    newest: dict[tuple[str, str], Ready] = {}
    for post in posts:
        other = newest.get(post.key)
        if other is None or post.age > other.age:
            newest[post.key] = post
    for key, post in newest.items():
        was, now = known.get(key), held[key]
        if was is None or was[3:] != now[3:]:
            yield Written(now.post_id, new=was is None), post
