"""
The line or lines that say who speaks and when: “12 Cleo Mar 3rd, 2026 at 4:52 pm”, “Dre said:”.

`header` looks at one place of a text and says which shape a header there has, if any; `plain`
decides which shape is the thread's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.sources.thread_page import stamps
from ingest.sources.thread_page.furniture import is_furniture, is_heading
from ingest.sources.thread_page.names import LONGEST, VERBS, is_name, is_speaker

_LONGEST = 170
"""Characters of a header line; what is longer is text."""

_ORDINAL = re.compile(
    r"^(?:(?:comment|post|reply|response|no\.?|nr\.?)\s*)?"
    r"(?:#\s?\d[\d.]{0,6}(?=[\s:|–—-]|$)|\(\d{1,5}\)|\d{1,5}(?:\.\d{1,3})*(?:[.):](?!\d)|(?=\s|$)))[\s|:.–—-]*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^postby\s+(?=\S)|^(?:(?:comment|commented|posted|written|submitted|left|reply|review|response|message|sent|added)"
    r"\s*(?:#?\d+\s*)?)?\b(?:by|(?<!^)from)\b\s*:?\s*(?=\S)|^(?:author|name|user|from|posted|sender)\s*:\s*(?=\S)",
    re.IGNORECASE,
)
_CONNECT = re.compile(
    rf"(?:[\s,|•·—–(\[:@/»>~-]|(?:^|(?<=\s))(?:on|at|posted|le|am|dnia|el|il|says,)(?=\s|$)"
    rf"|(?:^|(?<=\s))(?P<verb>{VERBS})(?=[\s,:]|$))+$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:posted|on|at|date|time|added|submitted|commented|written|am|le)\b[\s:]*)*[\s\[(]*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s)\]:.,|#…·•–—\[(«»-]|\b(?:permalink|permanent link|link|reply|quote|flag|report|edit(?:ed)?"
    r"|parent|root|context|prev|next|past|favorite|unvote|delete|share|like|hide|said|says|wrote|local time|\d{1,7}|\d+ (?:points?|likes?))\b)*",
    re.IGNORECASE,
)
_AFTER = re.compile(r"^[\s,:|)\]•·–—»-]*(?P<by>\bby\b|\bfrom\b)?\s*:?\s*", re.IGNORECASE)
_SAYS = re.compile(
    rf"^(?P<name>.{{1,150}}?)\s+(?P<verb>{VERBS})\s*(?P<stop>:|…|\.\.\.|,)?$", re.IGNORECASE
)
_ONLY_SAYS = re.compile(rf"{VERBS}\s*(?:on|at)?\s*[:….]*", re.IGNORECASE)
_INLINE = re.compile(
    rf"^(?P<name>[^:\n.]{{1,60}}?)\s+(?:{VERBS})\s*(?::|…|\.\.\.)\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_INLINE_DATED = re.compile(r"^\s*[)\]]?\s*(?::|[–—-]\s)\s*(?P<rest>\S.*)$")
_INLINE_NAMED = re.compile(r"^[\s\])|–—-]*(?P<name>[^:\n]{1,60}):\s+(?P<rest>\S.*)$")
_HANDLE = re.compile(
    r"@\S{1,40}|(?:guest|member|(?:senior|junior|new|registered) member|level \d+|author|staff|says:?"
    r"|posts?:? ?\d+|joined:?.{1,30}|location:?.{1,40}|registered:?.{1,30}|verified.{0,20}|[\d,.]+ posts?"
    r"|post author|moderator|admin(?:istrator)?|new user)",
    re.IGNORECASE,
)


class Shape(NamedTuple):
    """What headers of one thread have in common."""

    ordinal: bool = False
    verb: bool = False
    by: bool = False
    dated: str = ""
    """"" | "line": on the same line | "next": on a line of its own."""

    name_first: bool = True
    inline: bool = False
    stop: str = ""

    @property
    def weight(self) -> float:
        """How sure one header of this shape is one."""
        if self.stop == ">" or not (self.verb or self.by or self.dated):
            return 0.5
        sure = 3.0 * bool(self.dated) + 2.0 * self.verb + self.by + self.ordinal
        return sure / 3 if self.inline else sure


class Header(NamedTuple):
    """A header at line `at`; the words begin at line `body`, or on the same line with `rest`."""

    at: int
    body: int
    name: str
    stamp: str
    shape: Shape
    rest: str = ""


def header(lines: Sequence[str], at: int) -> Header | None:
    """Return the header that begins at this line, or None."""
    line = lines[at]
    ordinal = _ORDINAL.match(line)
    if ordinal and ordinal.end() == len(line) and at + 1 < len(lines):
        found = _plain(lines, at + 1, lines[at + 1], ordinal=True)
        return found._replace(at=at) if found and not found.shape.inline else None
    return _plain(lines, at, line, ordinal=False)


def bare_stamp(line: str) -> str:
    """Return the date if a line holds a date and nothing else that matters, or nothing."""
    if len(line) > _LONGEST:
        return ""
    found = stamps.find(line)
    if found is None or not _LEAD.match(line[: found.start].lstrip(" |•·—–-")):
        return ""
    return line[found.start : found.end] if _TAIL.fullmatch(line[found.end :]) else ""


def _plain(lines: Sequence[str], at: int, line: str, *, ordinal: bool) -> Header | None:
    if len(line) <= 1 or is_furniture(line) or is_heading(line):
        return None
    found = stamps.find(line[:_LONGEST])
    if found:
        one = _dated(at, line, found, ordinal=ordinal)
    else:
        below = lines[at + 1] if at + 1 < len(lines) else ""
        one = _undated(at, line, below, ordinal=ordinal)
    if one is None or (one.shape.weight < 1 and not one.rest):
        return _stacked(lines, at, line, ordinal=ordinal) or one
    return one if one.stamp or one.rest else _with_next(lines, one)


def _dated(at: int, line: str, found: stamps.Stamp, *, ordinal: bool) -> Header | None:
    before, after = line[: found.start], line[found.end :]
    stamp = line[found.start : found.end]
    numbered = _ORDINAL.match(before)
    if numbered:
        before, ordinal = before[numbered.end() :], True
    if _LEAD.match(before):
        if ordinal and _TAIL.fullmatch(after):
            # Some papers number and date a comment above, and name its author below it.
            return Header(at, at + 1, "", stamp, Shape(ordinal=True, dated="line", stop="—"))
        return _date_first(at, stamp, after, ordinal=ordinal, lead=before)
    by = _BY.match(before)
    name = before[by.end() :] if by else before
    connect = _CONNECT.search(name)
    name = name[: connect.start()] if connect else name
    verb = bool(connect and connect["verb"]) or bool(
        re.match(rf"\s*,?\s*{VERBS}\b", after, re.IGNORECASE)
    )
    inline = _INLINE_DATED.match(after)
    whole = len(line) <= _LONGEST and _TAIL.fullmatch(after) is not None
    if (
        not (whole or inline)
        or not is_speaker(name, longest=8)
        or (inline and not whole and not (verb or by or connect))
    ):
        return None
    shape = Shape(ordinal, verb, bool(by), "line", inline=not whole)
    return Header(at, at + 1, name, stamp, shape, "" if whole or not inline else inline["rest"])


def _date_first(at: int, stamp: str, after: str, *, ordinal: bool, lead: str) -> Header | None:
    glue = _AFTER.match(after)
    name = after[glue.end() :] if glue else after
    says = _SAYS.match(name)
    if (
        says
        and lead.lower().startswith("on")
        and says["verb"].lower() in ("wrote", "schrieb", "a écrit")
    ):
        # Nearly always somebody else's words follow; only a thread of nothing else is read so.
        shape = Shape(ordinal, verb=True, dated="line", name_first=False, stop=">")
        return Header(at, at + 1, says["name"], stamp, shape)
    inline = None if says else _INLINE_NAMED.match(name)
    by = bool(glue and glue["by"])
    if inline and is_name(inline["name"]):
        shape = Shape(ordinal, verb=False, by=by, dated="line", name_first=False, inline=True)
        return Header(at, at + 1, inline["name"], stamp, shape, inline["rest"])
    separated = bool(glue and glue[0].strip()) or bool(says)
    name = says["name"] if says else name.rstrip(" :")
    if not separated or not is_name(name) or len(name.split()) > 5:
        return None
    return Header(at, at + 1, name, stamp, Shape(ordinal, bool(says), by, "line", name_first=False))


def _undated(at: int, line: str, below: str, *, ordinal: bool) -> Header | None:
    numbered = _ORDINAL.match(line)
    if numbered and len(line) <= _LONGEST:
        line, ordinal = line[numbered.end() :], True
    says = _SAYS.match(line) if len(line) <= _LONGEST else None
    if says and (says["stop"] or ordinal) and is_speaker(says["name"]):
        stop = "" if says["stop"] in (None, ":", ",") else "…"
        return Header(at, at + 1, says["name"], "", Shape(ordinal, verb=True, stop=stop))
    if says and says["stop"] and len(says["name"]) > LONGEST and bare_stamp(below):
        # Another site's headline “says”: nobody's comment, but where the one before it ends.
        return Header(at, at + 1, says["name"], "", Shape(ordinal, verb=True))
    by = _BY.match(line)
    if by and by[0].lower().strip(": ") != "by" and is_name(line[by.end() :]):
        return Header(at, at + 1, line[by.end() :], "", Shape(ordinal, by=True))
    inline = _INLINE.match(line)
    if inline and is_speaker(inline["name"]):
        shape = Shape(ordinal, verb=True, inline=True)
        return Header(at, at + 1, inline["name"], "", shape, inline["rest"])
    if (
        ordinal
        and is_name(line)
        and len(line.split()) <= 4
        and not line.endswith((".", ":", ",", "!"))
    ):
        return Header(at, at + 1, line, "", Shape(ordinal))
    return None


def _stacked(lines: Sequence[str], at: int, line: str, *, ordinal: bool) -> Header | None:
    # A name on a line of its own, then (a role or handle and) “says:” or a date, each on its own.
    numbered = _ORDINAL.match(line)
    if numbered:
        line, ordinal = line[numbered.end() :], True
    if not is_name(line) or len(line.split()) > 6 or line.endswith((".", "!", ",", ";")):
        return None
    following = at + 1
    for _ in range(3):
        if following >= len(lines):
            return None
        below = lines[following]
        if _ONLY_SAYS.fullmatch(below):
            head = Header(at, following + 1, line, "", Shape(ordinal, verb=True))
            return _with_next(lines, head)
        if stamp := bare_stamp(below):
            head = Header(at, following + 1, line, stamp, Shape(ordinal, dated="next"))
            return _with_clock(lines, head)
        if not (is_furniture(below) or _HANDLE.fullmatch(below)):
            return None
        following += 1
    return None


def _with_next(lines: Sequence[str], found: Header) -> Header:
    for below in range(found.body, min(found.body + 3, len(lines))):
        if stamp := bare_stamp(lines[below]):
            shape = found.shape._replace(dated="next")
            return _with_clock(lines, found._replace(body=below + 1, stamp=stamp, shape=shape))
        if not (is_furniture(lines[below]) or _HANDLE.fullmatch(lines[below])):
            break
    return found


def _with_clock(lines: Sequence[str], found: Header) -> Header:
    # “March 3, 2026”, and “10:12 am” on the next line.
    if ":" in found.stamp or found.body >= len(lines):
        return found
    clock = bare_stamp(lines[found.body])
    if not clock[:1].isdigit() or ":" not in clock[:3]:
        return found
    return found._replace(body=found.body + 1, stamp=f"{found.stamp} {clock}")
