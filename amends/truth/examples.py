"""Which posts stand for a group: the earliest of each voice, and of each text."""

from __future__ import annotations

from collections.abc import Iterable

from models.store.complaints import Utterance

EXAMPLES = 3
"""Posts that are shown of a group."""

MOST_IDS = 50
"""Posts that are named of a group."""


def first_of(posts: Iterable[Utterance]) -> list[Utterance]:
    """Return a group's posts from the earliest on, those that repeat a text or a voice behind the others."""
    texts: set[int] = set()
    voices: set[str] = set()
    fresh: list[Utterance] = []
    again: list[Utterance] = []
    for one in sorted(set(posts), key=lambda one: (one.at, one.post_id)):
        new = one.near not in texts and one.voice not in voices
        (fresh if new else again).append(one)
        texts.add(one.near)
        voices.add(one.voice)
    return fresh + again
