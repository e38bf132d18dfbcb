"""
What one text says somebody was told, and where: “chat told me there is no credit”. Pure, and linear in the text.

A channel, a word of saying and what was said must stand close together in one sentence. Built for precision:
what is asked, feared, denied or said by a friend is none, and “all is well” only if the writer disagrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from typing import NamedTuple

from amends.truth.text import sentences
from amends.truth.vocabulary import Finder, Hit, Vocabulary

MOST = 6
"""Things told that are kept of one text."""

MOST_NAMED = 8
"""Channels, words of saying and things said that are looked at in one sentence, the first ones."""

NEAR, FAR, BEHIND = 45, 70, 25
"""Characters at most between who and the saying, between it and what is said, and if that stands first."""

DIFFERS = "differs"
DISBELIEVED = ("nothing_wrong", "nothing_shown", "your_side", "done")
"""What is only told otherwise if the writer doesn't believe it."""

_FILLS = re.compile(
    r"(?:[\s:=\"'(-]|is|are|was|still|all|now|being|just|stays?|remains?|at|it's|that|everything|completely"
    r"|totally|100%|has|had|been|happily|looks|as|marked|like|also|the|for|hours|day|says|whole|time|stuck|on)*"
)
_THERE = re.compile(r" (?:at all )?(?:listed |shown |posted )?(?:on|in) (?:your |the |their )?")
_BY = re.compile(r" (?:\w+ )?(?:by|on|over|in|via|through|from|at) (?:\w+ ){0,2}")
_THEY = re.compile(
    r"(?:and |so |but |then )*(?:they|he|she|it|the guy|the lady|who|said|says|told)\b"
)
_JOINS = re.compile(r"[,;:]\s|\b(?:but|and)\b")
_VALUE = re.compile(
    r"(?<![\w.])(?P<many>\d{1,4}(?:[.,]\d{1,2})?(?:\s?(?:-|to)\s?\d{1,3})?|one|two|three|four|five|six|seven|eight|nine"
    r"|ten|a few|a couple of|a)\s?(?P<unit>%|percent|per cent|dollars?|bucks|cents?"
    r"|(?:business |working )?(?:minute|hour|day|week|month)s?)(?!\w)"
    r"|(?P<sign>[$€£])\s?(?P<money>\d{1,4}(?:[.,]\d{2})?)"
)


class Told(NamedTuple):
    """
    What was said in a channel, by the names of the vocabulary.

    `values` are what two channels said of one thing, “Phone: 2 weeks; Mail: 7 days”. `elsewhere` is the
    channel that said otherwise in the same text; both are empty if there is none.
    """

    channel: str
    says: str
    values: str = ""
    elsewhere: str = ""


def told(text: str, known: Vocabulary) -> list[Told]:
    """Return what a text says was told otherwise, each channel and thing once, up to `MOST`."""
    said = sentences(text)
    if not any(known.channels.has(one) for one in said):
        return []
    found: list[Told] = []
    last = ""
    for sentence in said:
        channels = _channels(sentence, known)
        found += _in(sentence, channels, last, known)
        people = [
            _named(one, channels, known) for one in channels if known.words.channel[one.name].person
        ]
        last = people[-1] if people else ""
    return list(_kept(found, said, known))[:MOST]


def _kept(found: list[Told], said: list[str], known: Vocabulary) -> Iterator[Told]:
    whole = " ".join(said)
    agrees, doubts = _stance(whole, {one.says for one in found}, known)
    credit = [one.channel for one in found if one.says == "credit"]
    seen = set()
    for one in found:
        if one.says == "credit" or one[:2] in seen or (agrees and one.says != DIFFERS):
            continue
        disbelieved = one.says in DISBELIEVED
        if disbelieved and (not doubts or (one.channel, "") in seen):
            continue
        seen |= {one[:2], (one.channel, "" if disbelieved else one.says)}
        other = next((name for name in credit if name != one.channel), "")
        yield one._replace(elsewhere=other) if one.says == "no_credit" else one


def _stance(whole: str, says: set[str], known: Vocabulary) -> tuple[bool, bool]:
    """Return whether the writer goes along with what was said, and whether they doubt it."""
    doubts = known.disputes.all(whole)
    claims = [one for one in _claims(whole, known) if one.name in says]
    agrees = [one for one in known.agrees.all(whole) if not _overlaps(one, doubts)]
    fails = [one for one in known.symptoms.all(whole) if not _overlaps(one, claims)]
    return bool(agrees), bool(fails or [one for one in doubts if not _overlaps(one, claims)])


def _in(sentence: str, channels: list[Hit], last: str, known: Vocabulary) -> Iterator[Told]:
    sayings = known.sayings.all(sentence)[:MOST_NAMED]
    if not channels and last and _THEY.match(sentence):
        channels = [Hit(last, 0, 0)]
    asked = sentence.endswith("?") and known.asks.match(sentence) is not None
    if not channels or asked:
        return
    claims = _claims(sentence, known)
    found = []
    for claim in known.claims_itself.all(sentence):
        near = [one for one in channels if one.end <= claim.start <= one.end + NEAR]
        if near and not _taken_back(sentence, near[-1].start, known):
            found.append(Told(_named(near[-1], channels, known), claim.name))
    for claim in claims:
        for who in _who(sentence, claim, channels, sayings, known):
            if not known.words.says[claim.name].shows or known.words.channel[who.name].shows:
                found.append(Told(_named(who, channels, known), claim.name))
                break
    yield from found
    if all(one.says != DIFFERS for one in found):
        yield from _differ(channels, claims, known)
    yield from _split(sentence, channels, sayings, known)


def _who(
    sentence: str, claim: Hit, channels: list[Hit], sayings: list[Hit], known: Vocabulary
) -> Iterator[Hit]:
    """Yield the channels that may have said it, the nearest first."""
    for who in reversed(channels):
        if _taken_back(sentence, who.start, known):
            if who.end <= claim.start:
                # Who stands before them is not who said it.
                return
            continue
        if who.end <= claim.start:
            between = sentence[who.end : claim.start]
            shows = known.words.channel[who.name].shows and _FILLS.fullmatch(between)
            if shows or between.strip() in (":", '"', ': "'):
                yield who
                continue
        if any(_said(sentence, who, one, claim, known) for one in sayings):
            yield who
        there = _THERE.fullmatch(sentence[claim.end : who.start]) is not None
        if there and known.words.channel[who.name].shows:
            yield who


def _said(sentence: str, who: Hit, saying: Hit, claim: Hit, known: Vocabulary) -> bool:
    """Return whether they stand as in “chat told me …”, “I was told by chat …” or “…, says the chat”."""
    if _overlaps(saying, [claim, who]):
        return False
    if claim.end <= saying.start <= claim.end + BEHIND:
        return saying.end <= who.start <= saying.end + 8
    if _taken_back(sentence, saying.start, known):
        return False
    if who.end <= saying.start:
        return saying.start <= who.end + NEAR and saying.end <= claim.start <= saying.end + FAR
    by = _BY.match(sentence, saying.end)
    return by is not None and by.end() >= who.start and who.end <= claim.start <= who.end + FAR


def _differ(channels: list[Hit], claims: list[Hit], known: Vocabulary) -> Iterator[Told]:
    """Yield that two channels are said to differ, though not in what."""
    if len({one.name for one in channels}) < 2 or all(one.name != DIFFERS for one in claims):
        return
    first = next((one for one in channels if known.words.channel[one.name].person), channels[0])
    other = next(one.name for one in channels if one.name != first.name)
    yield Told(first.name, DIFFERS, elsewhere=other)


def _split(
    sentence: str, channels: list[Hit], sayings: list[Hit], known: Vocabulary
) -> Iterator[Told]:
    """Yield two channels that name different stretches of time, shares or sums."""
    heard: list[tuple[str, str, str]] = []
    for value in islice(_VALUE.finditer(sentence), MOST_NAMED):
        before = [one for one in channels if one.end <= value.start()]
        who = before[-1] if before else None
        if who is None or _taken_back(sentence, who.start, known):
            continue
        verbs = [one for one in sayings if who.end <= one.start and one.end <= value.start()]
        colon = sentence[who.end : value.start()].strip() == ":"
        if (verbs and not _taken_back(sentence, verbs[-1].start, known)) or colon:
            heard.append((_named(who, channels, known), *_value(value)))
    for one, other in combinations(heard, 2):
        if one[0] != other[0] and one[1] == other[1] and one[2] != other[2]:
            person = known.words.channel[one[0]].person or not known.words.channel[other[0]].person
            first, second = (one, other) if person else (other, one)
            values = "; ".join(
                f"{known.title('channel', who)}: {value}" for who, _, value in (first, second)
            )
            yield Told(first[0], DIFFERS, values, second[0])
            return


def _value(one: re.Match[str]) -> tuple[str, str]:
    """Return what a value measures, and how it is written."""
    if one["sign"]:
        return "money", one["sign"] + one["money"]
    unit = one["unit"]
    if unit in ("%", "percent", "per cent"):
        return "share", f"{one['many']} %"
    if unit.rstrip("s") in ("dollar", "buck", "cent"):
        return "money", f"{one['many']} {unit}"
    return "time", f"{one['many']} {unit}"


def _claims(sentence: str, known: Vocabulary) -> list[Hit]:
    return _without(known.claims.all(sentence), known.no_claims, sentence)[:MOST_NAMED]


def _channels(sentence: str, known: Vocabulary) -> list[Hit]:
    return _without(known.channels.all(sentence), known.no_channels, sentence)[:MOST_NAMED]


def _named(who: Hit, channels: Iterable[Hit], known: Vocabulary) -> str:
    """Return where somebody spoke: a “rep” who stands beside a phone is on the phone."""
    if who.name != "agent":
        return who.name
    beside = [
        one.name
        for one in channels
        if one.name != "agent" and known.words.channel[one.name].person
        and min(abs(one.start - who.end), abs(who.start - one.end)) <= NEAR
    ]  # fmt: skip
    return beside[0] if beside else who.name


def _taken_back(sentence: str, at: int, known: Vocabulary) -> bool:
    """Return whether one of the four words before, in its clause, says that nobody said it, or only might."""
    before = _JOINS.split(sentence[max(at - 60, 0) : at])[-1]
    return known.never.has(" ".join(before.split()[-4:]))


def _without(hits: list[Hit], nots: Finder, sentence: str) -> list[Hit]:
    other = nots.all(sentence) if hits else []
    return [
        one
        for one in hits
        if not any(
            no.name == one.name and no.start <= one.start and one.end <= no.end for no in other
        )
    ]


def _overlaps(one: Hit, others: Iterable[Hit]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)
