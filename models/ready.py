"""
A post made ready: what the store keeps of it, worked out beforehand. Pure, so any process can do it.

That is most of the work of keeping a post; done while others may write, or somewhere else altogether, it
keeps nobody waiting for the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from models.columns import to_micros
from models.mention import Mention, mentions
from models.post import EARLIEST, Post
from models.pseudonym import Naming, Pseudonyms
from models.voice import near
from models.words import folded, line, under

if TYPE_CHECKING:
    from models.likeness import Sketch

COLUMNS = (*(field.name for field in msgspec.structs.fields(Post)), "near")
"""Columns of a post, in the order of `Ready.values`."""

_POSTED_AT = COLUMNS.index("posted_at")
_NAMING = tuple(COLUMNS.index(name) for name in Naming._fields)


class Foresight(NamedTuple):
    """
    What a classifier made of a text beforehand: who it is, its labels with their scores, the text's sketch.

    `unread`: it doesn't know the text's language.
    """

    by: str
    labels: Sequence[tuple[str, float]]
    unread: bool
    sketch: Sketch


class Ready(NamedTuple):
    """
    A post as the store takes it: the `values` of its columns, and what it says.

    `age` is its version and when the source said so (microseconds since 1970): the greater one wins.
    One that is `foreseen` is kept with its tags, if it is new.
    """

    source: str
    external_id: str
    age: tuple[int, int]
    values: tuple[Any, ...]
    text: str
    words: str
    mentions: Sequence[Mention]
    foreseen: Foresight | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Its identity."""
        return self.source, self.external_id

    @property
    def made(self) -> int | None:
        """When it was posted, in microseconds since 1970, if that is known."""
        made: int | None = self.values[_POSTED_AT]
        return made


class _Gist(NamedTuple):
    near: int
    folded: str
    mentions: Sequence[Mention]


def ready(posts: Iterable[Post]) -> list[Ready]:
    """Return a batch of posts made ready. What many say in the same words is worked out once."""
    gists: dict[str, _Gist] = {}
    found = []
    for post in posts:
        gist = gists.get(post.text)
        if gist is None:
            gist = gists[post.text] = _Gist(near(post.text), folded(post.text), mentions(post.text))
        found.append(_ready(post, gist))
    return found


def _ready(post: Post, gist: _Gist) -> Ready:
    as_of = to_micros(post.as_of or post.posted_at or EARLIEST)
    values = (
        post.source,
        post.external_id,
        post.text,
        post.url,
        post.author,
        post.author_id,
        post.author_followers,
        None if post.posted_at is None else to_micros(post.posted_at),
        as_of,
        post.version,
        post.kind,
        post.parent_id,
        post.thread_id,
        post.origin_id,
        post.lang,
        post.likes,
        post.replies,
        post.reposts,
        post.views,
        post.official,
        gist.near,
    )
    age, words = (post.version, as_of), line(gist.folded, post.author)
    return Ready(post.source, post.external_id, age, values, post.text, words, gist.mentions)


def covered(post: Ready, pseudonyms: Pseudonyms) -> Ready:
    """Return a post with a pseudonym in place of whoever wrote it."""
    said = pseudonyms.over(post.source, Naming(*(post.values[at] for at in _NAMING)))
    values = list(post.values)
    for at, value in zip(_NAMING, said, strict=True):
        values[at] = value
    words = under(post.words, said.author)
    return post._replace(external_id=said.external_id, values=tuple(values), words=words)
