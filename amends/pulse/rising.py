"""
What rises: words and pairs of words that people use now and didn't before.

Each author counts once for each phrase, so that one who repeats it moves nothing. Phrases are ordered
by how much larger a share of the authors uses them now: log-odds with half an author added on each
side, divided by their standard error. There are many phrases, so chance alone moves some; only those
count that a test of the likelihoods finds far from chance. Pure.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec

from models.store.pulse import Saying

FEWEST = 3
"""Authors without whom nothing is a phrase of the public's."""

SURE = 4.0
"""How far from chance a rise must be, in standard deviations: one in thirty thousand goes so far by itself."""

SAME = 0.7
"""Two phrases whose authors are the same by this share are one."""

BACKGROUND = 20
"""Authors of before that are needed to tell what rises; with fewer it is what most say."""

_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

STOP = frozenset(
    """
    a about above after again against ain't all also am an and any anyone anything are aren't as at
    back be because been before being below between both but by can can't cannot could couldn't did
    didn't do does doesn't doing don't done down during each even ever every few for from further get
    gets getting go goes going gonna got had hadn't has hasn't have haven't having he her here hers him
    his how i i'd i'll i'm i've if in into is isn't it it's its itself just know let let's like lol
    make many maybe me more most much must my myself need never no nor not now of off oh ok okay on once
    one only or other our ours out over own please pls really right said same say says see she should
    shouldn't so some someone something still such take than thank thanks that that's the their theirs
    them then there there's these they they're they've thing things think this those though through
    time to today too try trying under until up us use used using very via want was wasn't way we we're
    we've well were weren't what what's when where which while who why will with won't would wouldn't
    yeah yes yet you you're you've your yours
    aber alle als am an auch auf aus bei bin bis da das dass dem den der des die doch ein eine einen
    einer es euch für habe haben hat ich ihr im in ist ja jetzt kann kein keine man mal mehr mein mich
    mir mit nach nicht noch nur oder schon sie sind so um und uns von war was wenn wie wieder wir zu zum
    al como con de del el en es esta está la las lo los más me mi muy no nos para pero por que qué se si
    sin su te un una y ya
    à au aux avec ce ces c'est dans de des du elle en et il ils j'ai je la le les leur mais me mes mon ne
    nous on ou où par pas plus pour qu que qui sa se ses son sur tu un une vous
    """.split()  # noqa: SIM905  (a list of 300 quoted words reads worse)
)


class Rise(msgspec.Struct, frozen=True, kw_only=True):
    """
    A phrase that rises: who says it now, in `posts` by `authors`, and how many authors did before.

    `share` is the part of all authors of now that says it. `first` is the earliest post with it, and `example` the one that says it shortest.
    """

    phrase: str
    posts: int
    authors: int
    before: int
    share: float
    first: datetime
    example: Saying
    sure: float


class _Use(msgspec.Struct):
    """Who used a phrase: voices, posts by their place, and how it was written."""

    voices: set[str]
    posts: list[int]
    forms: Counter[str]


_Key = tuple[str, ...]


def rising(
    now: Sequence[Saying], before: Sequence[Saying], most: int = 6, leave_out: Iterable[str] = ()
) -> list[Rise]:
    """
    Return the phrases that rise, the surest first; without enough to compare with, what most say.

    `leave_out` are words that say nothing here, such as the company's name.
    """
    stop = STOP | {word for name in leave_out for word in _words(name.casefold())}
    used, earlier = _uses(now, stop), _uses(before, stop)
    voices, voices_before = (len({_voice(one) for one in part}) for part in (now, before))
    enough = voices_before >= BACKGROUND
    ranked = []
    for key, use in used.items():
        count = len(use.voices)
        if count < FEWEST or (not enough and len(key) < 2):
            continue
        known = earlier.get(key)
        count_before = 0 if known is None else len(known.voices)
        sure = _sure(count, voices, count_before, voices_before) if enough else float(count)
        if not enough or _far(count, voices, count_before, voices_before) >= SURE:
            ranked.append((sure, len(key), count, key))
    chosen: list[tuple[_Key, float]] = []
    for sure, _, _, key in sorted(ranked, reverse=True):
        if not any(_one(used[key], used[other]) for other, _ in chosen):
            chosen.append((key, sure))
        if len(chosen) == most:
            break
    return [_rise(key, round(sure, 2), voices, now, before, used, earlier) for key, sure in chosen]


def _rise(
    key: _Key,
    sure: float,
    voices: int,
    now: Sequence[Saying],
    before: Sequence[Saying],
    used: dict[_Key, _Use],
    earlier: dict[_Key, _Use],
) -> Rise:
    use, known = used[key], earlier.get(key)
    mine = [now[place] for place in use.posts]
    firsts = [*mine, *(before[place] for place in (known.posts if known else ()))]
    return Rise(
        phrase=_longest(key, use, used),
        posts=len(mine),
        authors=len(use.voices),
        before=0 if known is None else len(known.voices),
        share=len(use.voices) / voices,
        first=min(one.at for one in firsts),
        example=min(mine, key=lambda one: (len(one.text), one.post_id)),
        sure=sure,
    )


def _longest(key: _Key, use: _Use, used: dict[_Key, _Use]) -> str:
    """Return a phrase as most write it, made longer by a pair that nearly all of its authors use."""
    words = _form(use).split()
    for other, more in used.items():
        if len(other) != 2 or other == key or not _mutual(use, more):
            continue
        form = _form(more).split()
        if other[0] == key[-1]:
            return " ".join([*words[:-1], *form])
        if other[1] == key[0]:
            return " ".join([*form[:-1], *words])
    return " ".join(words)


def _mutual(use: _Use, other: _Use) -> bool:
    both = len(use.voices & other.voices)
    return both >= SAME * max(len(use.voices), len(other.voices))


def _form(use: _Use) -> str:
    return max(use.forms.items(), key=lambda form: (form[1], form[0]))[0]


def _one(use: _Use, other: _Use) -> bool:
    """Return whether two phrases are said by the same people: one thing in other words."""
    return len(use.voices & other.voices) >= SAME * min(len(use.voices), len(other.voices))


def _sure(count: int, among: int, count_before: int, among_before: int) -> float:
    parts = (count, among - count, count_before, among_before - count_before)
    yes, no, yes_before, no_before = (part + 0.5 for part in parts)
    odds = math.log(yes / no) - math.log(yes_before / no_before)
    return odds / math.sqrt(1 / yes + 1 / no + 1 / yes_before + 1 / no_before)


def _far(count: int, among: int, count_before: int, among_before: int) -> float:
    """Return how far from chance a rise is: the root of the likelihood ratio, 0 for a fall."""
    if count * among_before <= count_before * among:
        return 0.0
    seen = (count, among - count, count_before, among_before - count_before)
    yes, every = count + count_before, among + among_before
    parts = ((yes, among), (every - yes, among), (yes, among_before), (every - yes, among_before))
    pairs = zip(seen, (part * whole / every for part, whole in parts), strict=True)
    return math.sqrt(max(2 * sum(n * math.log(n / wanted) for n, wanted in pairs if n), 0.0))


def _voice(one: Saying) -> str:
    return one.voice or f"post {one.post_id}"


def _words(text: str) -> list[str]:
    return _WORD.findall(_NOISE.sub(" ", text))


def _uses(said: Sequence[Saying], stop: AbstractSet[str]) -> dict[_Key, _Use]:
    found: dict[_Key, _Use] = {}
    for place, one in enumerate(said):
        voice = _voice(one)
        for key, form in _phrases(_words(one.text), stop).items():
            use = found.get(key)
            if use is None:
                use = found[key] = _Use(set(), [], Counter())
            use.voices.add(voice)
            use.posts.append(place)
            use.forms[form] += 1
    return found


def _phrases(words: list[str], stop: AbstractSet[str]) -> dict[_Key, str]:
    """Return the words of a text as keys, and its pairs with at most one stop word between."""
    found: dict[_Key, str] = {}
    last, before = -9, ""
    for place, word in enumerate(words):
        key = word.casefold().replace("’", "'")
        if key in stop or (len(key) < 3 and not word.isupper()) or key.isdecimal():
            continue
        found[(key,)] = word
        if place - last <= 2:
            found.setdefault((before, key), " ".join(words[last : place + 1]))
        last, before = place, key
    return found
