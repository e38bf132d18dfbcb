"""
A thread as read from one page, and the comments on their way to becoming posts.

Every route, markup or pasted text, ends in `gather`, so that the same words by the same name at
the same time are the same post however they were found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from ingest.source import Reject
from ingest.sources.thread_page.furniture import is_furniture, without_buttons
from ingest.sources.thread_page.names import VERBS, who
from ingest.sources.thread_page.stamps import read
from models.post import Post, clean, identity
from models.post import plausible as plausible_time

SOURCE = "thread_page"

_INTRO = re.compile(rf"@?(?P<name>.{{1,60}}?)\s+{VERBS}\s*(?:[:…]|\.\.\.)", re.IGNORECASE)
_CITED = re.compile(
    r"(?:On|Am|Le|El)\b.{5,120}\b(?:wrote|schrieb.{0,60}|a écrit|escribió)\s*:"
    r"|(?:quote|zitat|originally posted by|quote from|quoting)\b.{0,100}"
    r"|.{1,60} wrote(?: on .{5,40})?:\s*↑.{0,40}",
    re.IGNORECASE,
)
_CITED_INLINE = re.compile(
    rf"@?(?P<name>.{{1,60}}?)\s+{VERBS}\s*:\s*[\"“„«](?P<words>[^\"”“»]{{4,2000}})[\"”“»]"
    r"[\s,.–—-]*(?P<own>\S.*)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_MARKS = " \"'“”„«»‹›"
_SHORTEST_QUOTE = 20
"""Characters a repeated line must have to count as a quotation; “Same here” is nobody's."""

_SIGNATURE = re.compile(r"--|__{4,}")
_SIGNATURE_LINES = 5


class Comment(msgspec.Struct, kw_only=True):
    """A comment as found: `text` in lines, `stamp` as printed, `parent` an index in the same list."""

    text: str
    author: str | None = None
    stamp: str = ""
    native: str | None = None
    link: str | None = None
    parent: int | None = None
    official: bool = False


class Thread(msgspec.Struct, kw_only=True):
    """
    The posts of one page in its own order, and what the page says of the rest.

    `further` are addresses of other pages of the same thread, `claimed` how many comments the page
    says there are; `open` tells that it has a place for comments, even if there are none yet.
    """

    posts: list[Post] = msgspec.field(default_factory=list)
    further: list[str] = msgspec.field(default_factory=list)
    rejects: list[Reject] = msgspec.field(default_factory=list)
    claimed: int | None = None
    open: bool = False


class _Said:
    """What was said so far in a thread, to know a quotation when it comes."""

    def __init__(self) -> None:
        self.pieces: set[str] = set()
        self.texts: dict[str, list[str]] = {}

    def add(self, author: str | None, lines: Iterable[str]) -> None:
        text = []
        for line in lines:
            self.pieces.update(_pieces(line))
            text.append(line)
        if author:
            self.texts.setdefault(author.casefold(), []).append("\n".join(text))

    def quotes(self, line: str) -> bool:
        """Whether this line only repeats what somebody said before."""
        if len(line) < _SHORTEST_QUOTE:
            return False
        return line.strip(_MARKS) in self.pieces or all(p in self.pieces for p in _pieces(line))

    def knows(self, author: str) -> bool:
        """Whether this author spoke before."""
        return author.strip(_MARKS).casefold() in self.texts

    def by(self, author: str, words: str) -> bool:
        """Whether these words were said before by this author."""
        words = words.strip(_MARKS).removesuffix("…").removesuffix("...").rstrip()
        texts = self.texts.get(author.strip(_MARKS).casefold(), ())
        return bool(words) and any(words in text for text in texts[:20])


def _pieces(line: str) -> list[str]:
    bare = line.strip(_MARKS)
    return [bare, *(p.strip(_MARKS) for p in _SENTENCE.split(bare)[:200])]


def _is_quoted(line: str, said: _Said) -> bool:
    if line.startswith(("> ", ">>")) or line == ">" or _CITED.fullmatch(line):
        return True
    intro = _INTRO.match(line)
    if intro and said.knows(intro["name"]):
        return said.by(intro["name"], line[intro.end() :])
    return said.quotes(line)


def _answered(line: str, said: _Said) -> str:
    # “Cleo said: "My card is gone." - mine too”: only what follows is this commenter's.
    cited = _CITED_INLINE.match(line)
    if cited is None or not said.knows(cited["name"]):
        return ""
    return cited["own"] if said.by(cited["name"], cited["words"]) else ""


def own_words(text: str, said: _Said) -> list[str]:
    """Return the lines a commenter wrote: no furniture, no quotation, no signature."""
    bare = (" ".join(line.split()) for line in clean(text).split("\n"))
    spoken = [line for line in bare if line]
    # A comment that is all “+1” or “Like” is somebody's, however little it says.
    lines = [without_buttons(line) for line in spoken if not is_furniture(line)] or spoken
    for at, line in enumerate(lines):
        if at and _SIGNATURE.fullmatch(line) and len(lines) - at <= _SIGNATURE_LINES:
            lines = lines[:at]
            break
    own: list[str] = []
    quoted = ""
    for line in lines:
        intro = _INTRO.fullmatch(line)
        if intro and said.knows(intro["name"]):
            # It only leads in a quotation, which markup may have kept apart already.
            quoted = intro["name"]
        elif cited := _answered(line, said):
            own.append(cited)
        elif not (quoted and said.by(quoted, line)) and not _is_quoted(line, said):
            own.append(line)
            quoted = ""
    return own or lines


def gather(
    comments: Sequence[Comment], url: str, now: datetime, tz: str, *, claimed: int | None = None
) -> Thread:
    """Make posts of comments; what can't be one becomes a Reject beside them."""
    thread = Thread(claimed=claimed)
    thread_id = url.partition("#")[0] or None
    ids: list[str | None] = []
    taken: set[str] = set()
    said = _Said()
    for number, comment in enumerate(comments, start=1):
        ids.append(None)
        author, staff = who(comment.author)
        lines = own_words(comment.text, said)
        text = clean("\n".join(lines))
        if not text:
            thread.rejects.append(
                Reject(where=f"comment {number}", reason="it has no text", raw=comment.text[:500])
            )
            continue
        said.add(author, lines)
        posted_at = plausible_time(read(comment.stamp, tz), now)
        external_id = comment.native or identity(author, posted_at, text)
        ids[-1] = external_id
        if external_id in taken:
            continue
        taken.add(external_id)
        parent = None
        if comment.parent is not None and 0 <= comment.parent < number - 1:
            parent = ids[comment.parent]
        thread.posts.append(
            Post(
                source=SOURCE,
                external_id=external_id,
                text=text,
                url=comment.link or thread_id,
                author=author,
                posted_at=posted_at,
                as_of=now,
                kind="reply" if parent else "post",
                parent_id=parent,
                thread_id=thread_id,
                official=comment.official or staff,
            )
        )
    return thread
