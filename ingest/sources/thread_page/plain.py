"""
A thread from plain text: a page that somebody selected, copied and pasted into a file.

Which lines are headers is decided for the whole thread at once: the shape that explains most of
it wins, so that a byline, a list of recent posts or a quoted “Cleo said:” doesn't.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from ingest.sources.thread_page.furniture import claim, is_end, is_furniture, is_heading, is_ping
from ingest.sources.thread_page.headers import Header, Shape, bare_stamp, header
from ingest.sources.thread_page.names import who
from ingest.sources.thread_page.stamps import find
from ingest.sources.thread_page.thread import Comment, Thread, gather
from models.post import clean

_SPACES = re.compile(r"[\s\u200b\u200e\u200f\u2028\ufeff]+")
_DIGITS = re.compile(r"\d+")
_SIGNED = re.compile(r"[—–-]{1,2}\s*(?P<name>\S.{0,59})")
_LONGEST_FURNITURE = 40
_LEAST_REPEATS = 3
_MARKS = " \"'“”„«»"
_SHORTEST_QUOTE = 8
LONGEST_PAGE = 8_000_000
"""Characters read of one page."""


def read_plain(text: str, url: str, now: datetime, tz: str = "UTC") -> Thread:
    """
    Read a pasted thread; `url` is its address if known, times without an offset are in `tz`.

    At least two headers make a thread, or one where the page says that it has one comment.
    """
    lines, gaps = _lines(text)
    headings = [i for i, line in enumerate(lines) if is_heading(line)]
    found = _headers(lines, headings)
    best = _best(found, lines)
    chosen = [h for h in found if _fits(h.shape, best)]
    start = _start(headings, chosen)
    if start >= 0:
        chosen = [h for h in chosen if h.at > start]
    chosen = _without_byline(chosen, marked=start >= 0)
    chosen = _dated_above(lines, chosen)
    claimed = _claimed(lines, headings, start, chosen)
    if len(chosen) < 2 and not (chosen and claimed == 1):
        return Thread(claimed=claimed, open=bool(headings))
    if _signed_below(lines, chosen, start):
        comments = _signed(lines, chosen, start)
    else:
        comments = _headed(lines, gaps, chosen)
    comments = [c for c in comments if c.text]
    thread = gather(_without_repeats(comments), url, now, tz, claimed=claimed)
    thread.open = True
    return thread


def _lines(text: str) -> tuple[list[str], list[int]]:
    lines: list[str] = []
    gaps: list[int] = []
    gap = 0
    for raw in clean(text, LONGEST_PAGE).split("\n"):
        line = _SPACES.sub(" ", raw).strip()
        if line:
            lines.append(line)
            gaps.append(gap)
        gap = 0 if line else gap + 1
    return lines, gaps


def _headers(lines: Sequence[str], headings: Sequence[int]) -> list[Header]:
    found: list[Header] = []
    known = set(headings)
    at = 0
    while at < len(lines):
        one = None if at in known else header(lines, at)
        if one is not None:
            found.append(one)
        at = one.body if one is not None else at + 1
    return found


def _best(found: Sequence[Header], lines: Sequence[str]) -> Shape:
    by_shape: dict[Shape, list[Header]] = defaultdict(list)
    for one in found:
        by_shape[one.shape].append(one)
    scores: dict[Shape, float] = {}
    for shape, same in by_shape.items():
        ends = [h.at for h in same[1:]] + [len(lines)]
        spoken = sum(
            bool(h.rest) or any(not is_furniture(x) for x in lines[h.body : min(end, h.body + 8)])
            for h, end in zip(same, ends, strict=True)
        )
        scores[shape] = spoken * shape.weight * (1 if spoken > 1 else 0.3)
    return max(scores, key=lambda shape: scores[shape], default=Shape())


def _fits(shape: Shape, best: Shape) -> bool:
    if shape == best or (shape.inline and best.inline and shape.verb and best.verb):
        return True
    # Nested replies often lose their number, and some headers their “says”; both keep the date.
    return bool(
        best.dated
        and shape.dated
        and shape.inline == best.inline
        and shape.by == best.by
        and shape.name_first == best.name_first
        and (shape.stop == ">") == (best.stop == ">")
        and (shape.verb == best.verb or shape.dated == best.dated or shape.ordinal == best.ordinal)
    )


def _start(headings: Sequence[int], chosen: Sequence[Header]) -> int:
    half = len(chosen) / 2
    for at in reversed(headings):
        if sum(h.at > at for h in chosen) >= max(half, 1):
            return at
    return -1


def _without_byline(chosen: list[Header], *, marked: bool) -> list[Header]:
    # An article's own “By Ana | March 3, 2026” gives a day only, where its comments give a time.
    def timed(one: Header) -> bool:
        stamp = find(one.stamp)
        return bool(stamp and (":" in stamp.iso or not stamp.iso))

    if len(chosen) > 2 and not marked and not timed(chosen[0]) and all(map(timed, chosen[1:])):
        return chosen[1:]
    return chosen


def _dated_above(lines: Sequence[str], chosen: list[Header]) -> list[Header]:
    # Some sites print the date first, then “Cleo says:” on the next line.
    above = [bare_stamp(lines[h.at - 1]) if h.at and not h.stamp else "" for h in chosen]
    if not all(above):
        return chosen
    dated = zip(chosen, above, strict=True)
    return [h._replace(at=h.at - 1, stamp=stamp) for h, stamp in dated]


def _claimed(
    lines: Sequence[str], headings: Sequence[int], start: int, chosen: Sequence[Header]
) -> int | None:
    before = chosen[0].at if chosen else len(lines)
    order = [start, *reversed([h for h in headings if h < before]), *headings]
    counts = (claim(lines[at]) for at in order if at >= 0)
    return next((count for count in counts if count is not None), None)


def _speaks(line: str) -> bool:
    return not is_furniture(line) and not is_heading(line)


def _signed_below(lines: Sequence[str], chosen: Sequence[Header], start: int) -> bool:
    """Whether names stand below their words (“Posted by: Cleo | March 3, 2026 at 10:12 AM”)."""
    shape = chosen[0].shape
    if shape.verb or shape.inline or shape.dated == "next" or not shape.dated:
        return False
    after = lines[chosen[-1].body :]
    if not any(_speaks(x) for x in after[:1]) or is_end(after[0], last=True):
        return start >= 0 or shape.by or not any(_speaks(x) for x in after)
    return shape.by and start >= 0 and any(map(_speaks, lines[start + 1 : chosen[0].at]))


def _signed(lines: Sequence[str], chosen: Sequence[Header], start: int) -> list[Comment]:
    comments = []
    top = start + 1
    if start < 0:
        # Without a heading nobody knows where the article ends and the first words begin.
        top, chosen = chosen[0].body, chosen[1:]
    for one in chosen:
        words = [x for x in lines[top : one.at] if not is_ping(x)]
        comments.append(Comment(text="\n".join(words), author=one.name, stamp=one.stamp))
        top = one.body
    return comments


def _headed(lines: Sequence[str], gaps: Sequence[int], chosen: Sequence[Header]) -> list[Comment]:
    comments: list[Comment] = []
    widest = 1
    said: defaultdict[str, str] = defaultdict(str)
    for number, one in enumerate(chosen):
        last = number + 1 == len(chosen)
        end = len(lines) if last else chosen[number + 1].at
        words = [one.rest] if one.rest else []
        stamp = one.stamp
        for at in range(one.body, end):
            line = lines[at]
            if (
                is_end(line, last=last)
                or is_ping(line)
                or (last and at > one.body and gaps[at] > widest)
            ):
                break
            if at > one.body and not last:
                widest = max(widest, gaps[at])
            words.append(line)
        if not last and words and words[-1] == who(chosen[number + 1].name)[0]:
            words.pop()
        if not stamp:
            stamp, words = _foot(words)
        if words and is_furniture(words[-1]):
            words = _without_profile(words, one.name)
        name = one.name
        if not name and words and (signed := _SIGNED.fullmatch(words[-1])):
            name = signed["name"]
            words.pop()
        speaker, _ = who(name)
        if name and speaker is None:
            continue
        author = (speaker or "").casefold()
        if not one.stamp and comments and not (stamp and comments[-1].stamp):
            first = words[0].strip(_MARKS) if words else ""
            if len(first) >= _SHORTEST_QUOTE and first in said[author]:
                comments[-1].text += "\n".join(["", *words])
                comments[-1].stamp = comments[-1].stamp or stamp
                continue
        said[author] += "\n".join(["", *words])[:20_000]
        comments.append(Comment(text="\n".join(words), author=name, stamp=stamp))
    return comments


def _foot(words: list[str]) -> tuple[str, list[str]]:
    # Some blogs print the time below the words.
    spoken = len(words)
    while spoken > 1 and is_furniture(words[spoken - 1]):
        spoken -= 1
    stamp = bare_stamp(words[spoken - 1]) if spoken > 1 else ""
    return (stamp, words[: spoken - 1]) if stamp else ("", words)


def _without_profile(words: list[str], name: str) -> list[str]:
    # Forums print the name again beside the words, with “Posts: 12” below it.
    spoken = len(words)
    while spoken and is_furniture(words[spoken - 1]):
        spoken -= 1
    return words[: spoken - 1] if spoken > 1 and words[spoken - 1] == name else words[:spoken]


def _without_repeats(comments: list[Comment]) -> list[Comment]:
    # A short line that ends (or begins) most comments is a button we have no name for.
    texts = [[x for x in c.text.split("\n") if x and not is_furniture(x)] for c in comments]
    often = max(_LEAST_REPEATS, len(comments) * 2 // 5)

    def common(places: slice) -> set[str]:
        counts = Counter(key for text in texts for key in {_key(x) for x in text[1:][places]})
        firsts = counts if places == slice(-2, None) else Counter(_key(t[0]) for t in texts if t)
        return {key for key, count in firsts.items() if key and count >= often}

    heads, feet = common(slice(0, 1)), common(slice(-2, None))
    for comment, text in zip(comments, texts, strict=True):
        while len(text) > 1 and _key(text[-1]) in feet:
            text.pop()
        while len(text) > 1 and _key(text[0]) in heads:
            text.pop(0)
        comment.text = "\n".join(text)
    return [c for c in comments if c.text]


def _key(line: str) -> str:
    # Whole sentences are somebody's, even if half the thread copies them.
    button = len(line) <= _LONGEST_FURNITURE and not line.endswith((".", "!", "?"))
    return _DIGITS.sub("#", line.casefold()) if button and len(line.split()) <= 5 else ""
