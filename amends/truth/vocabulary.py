"""
The words by which a text is read: data in `vocabulary.toml`, to which a `truth.toml` in the home adds.

A phrase becomes a piece of a regular expression without nested repeats, so reading is linear in the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from models.errors import SetupError

SHIPPED = Path(__file__).parent / "vocabulary.toml"

MOST_WORDS = 20_000
"""Words that a file may add."""

Phrases = tuple[str, ...]


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A thing that is told by its `words`, and what people call it.

    Of a channel: whether a `person` speaks there, or a page that `shows` things without a word of saying. Of
    what is said: whether only such a page `shows` it, and phrases that say `itself` that it was said. A
    `generic` component yields to any other.
    """

    title: str = ""
    words: Phrases = ()
    itself: Phrases = ()
    person: bool = False
    shows: bool = False
    generic: bool = False
    not_: Phrases = msgspec.field(name="not", default=())


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of saying, and those before them that take it back, or ask."""

    words: Phrases = ()
    never: Phrases = ()
    asks: Phrases = ()


class Dispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of who doesn't believe it, and of who does."""

    words: Phrases = ()
    agrees: Phrases = ()


class Fails(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of what isn't failing, and names of other companies' services."""

    not_: Phrases = msgspec.field(name="not", default=())
    others: Phrases = ()


class Every(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that mean all components."""

    words: Phrases = ()


class Gazetteer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places; `shy` ones count only behind a word of `behind`, and none before or behind one of `not`."""

    names: Phrases = ()
    shy: Phrases = ()
    behind: Phrases = ()
    not_: Phrases = msgspec.field(name="not", default=())
    also: dict[str, Phrases] = {}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a file."""

    channel: dict[str, Named] = {}
    saying: Saying = Saying()
    says: dict[str, Named] = {}
    dispute: Dispute = Dispute()
    symptom: dict[str, Named] = {}
    implied: dict[str, str] = {}
    component: dict[str, Named] = {}
    device: dict[str, Phrases] = {}
    device_means: dict[str, str] = {}
    fails: Fails = Fails()
    state: dict[str, Named] = {}
    everything: Every = Every()
    place: Gazetteer = Gazetteer()


class Hit(NamedTuple):
    """A thing of that name, and where it is named."""

    name: str
    start: int
    end: int


class Finder:
    """Finds the phrases of several things at once; of two that overlap the first, then that of the file's first."""

    def __init__(self, things: Mapping[str, Iterable[str]]) -> None:
        self._names = list(things)
        groups = [f"(?P<n{at}>{_any(things[name])})" for at, name in enumerate(self._names)]
        self._each = [re.compile(rf"(?<!\w)(?:{group})(?!\w)") for group in groups]
        self._one = re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)" if groups else r"(?!)")

    def has(self, text: str) -> bool:
        """Return whether anything is named."""
        return self._one.search(text) is not None

    def all(self, text: str) -> list[Hit]:
        """Return what is named, in the order of the text."""
        if not self.has(text):
            return []
        hits = [
            Hit(name, one.start(), one.end())
            for name, pattern in zip(self._names, self._each, strict=True)
            for one in pattern.finditer(text)
        ]
        kept: list[Hit] = []
        # Sorting keeps the file's order where two begin at one place.
        for hit in sorted(hits, key=lambda hit: hit.start):
            if not kept or kept[-1].end <= hit.start:
                kept.append(hit)
        return kept


class Vocabulary:
    """The words of a file, made ready to be found."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.channels = Finder({name: one.words for name, one in words.channel.items()})
        self.no_channels = Finder({name: one.not_ for name, one in words.channel.items()})
        self.sayings = Finder({"says": words.saying.words})
        self.never = Finder({"never": words.saying.never})
        self.asks = re.compile(rf"(?:{_any(words.saying.asks)})(?!\w)")
        self.claims = Finder({name: one.words for name, one in words.says.items()})
        self.claims_itself = Finder({name: one.itself for name, one in words.says.items()})
        self.no_claims = Finder({name: one.not_ for name, one in words.says.items()})
        self.disputes = Finder({"disputes": words.dispute.words})
        self.agrees = Finder({"agrees": words.dispute.agrees})
        self.symptoms = Finder({name: one.words for name, one in words.symptom.items()})
        self.components = Finder({name: one.words for name, one in words.component.items()})
        self.devices = Finder(words.device)
        self.fails_not = Finder({"not": words.fails.not_})
        self.others = Finder({"others": words.fails.others})
        self.states = Finder({name: one.words for name, one in words.state.items()})
        self.no_states = Finder({name: one.not_ for name, one in words.state.items()})
        self.everything = Finder({"everything": words.everything.words})
        self.places = _places(words.place)

    def title(self, kind: str, name: str) -> str:
        """Return what people call a channel, a component, a symptom, a state or what is said."""
        table: dict[str, Named] = getattr(self.words, kind)
        return (table[name].title if name in table else "") or name.replace("_", " ")


def vocabulary(own: Path | None = None) -> Vocabulary:
    """Return the shipped words and those of a file of one's own; SetupError says what is wrong with it."""
    stamp = own.stat().st_mtime_ns if own is not None and own.is_file() else 0
    return _ready(own if stamp else None, stamp)


@lru_cache(maxsize=8)
def _ready(own: Path | None, stamp: int) -> Vocabulary:  # noqa: ARG001  a file that changed is read anew
    tables = _tables(SHIPPED)
    if own is not None:
        _checked(own, _tables(own))
        tables = _merged(tables, _tables(own))
    return Vocabulary(_checked(own or SHIPPED, tables))


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise SetupError(message, "mend the file") from error


def _checked(path: Path, tables: dict[str, Any]) -> Words:
    try:
        words = msgspec.convert(tables, Words)
    except msgspec.ValidationError as error:
        message = f"{path}: {error}"
        raise SetupError(
            message, "mend the file; vocabulary.toml shows what it may hold"
        ) from error
    every = _phrases(tables)
    if any(not one.strip() or len(one) > 300 for one in every) or len(every) > MOST_WORDS:
        message = f"{path}: a phrase is empty or too long, or there are more than {MOST_WORDS:,}"
        raise SetupError(message, "give short phrases")
    return words


def _phrases(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _phrases(inner)]
    return [str(one) for one in value] if isinstance(value, list) else []


def _merged(base: Any, more: Any) -> Any:
    """Return both: tables by name, lists one behind the other; what is neither is taken from `more`."""
    if isinstance(base, dict) and isinstance(more, dict):
        both = {name: _merged(base[name], more[name]) for name in base.keys() & more.keys()}
        return {**base, **more, **both}
    return [*base, *more] if isinstance(base, list) and isinstance(more, list) else more


def _any(phrases: Iterable[str]) -> str:
    longest_first = sorted(set(phrases), key=lambda one: (-len(one), one))
    return "|".join(_phrase(one) for one in longest_first) or r"(?!)"


def _phrase(phrase: str) -> str:
    made, gap = "", ""
    for word in phrase.casefold().split():
        if word == "~":
            gap = r" (?:[^\s.!?]+ ){0,3}"
            continue
        each = [re.escape(one).replace(r"\*", r"[\w']*") for one in word.split("/")]
        made += (gap or (" " if made else "")) + (
            f"(?:{'|'.join(each)})" if len(each) > 1 else each[0]
        )
        gap = ""
    return made


def _places(said: Gazetteer) -> dict[tuple[str, ...], tuple[str, bool]]:
    """Return each place's words in small letters, with the name it is shown by and whether it is shy."""
    shy = set(said.shy)
    names = [(name, name) for name in (*said.names, *said.shy, *said.also)]
    names += [(other, name) for name, others in said.also.items() for other in others]
    return {tuple(written.casefold().split()): (name, name in shy) for written, name in names}
