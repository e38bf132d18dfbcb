"""Who speaks: names as pages print them, freed from verbs, roles and punctuation."""

from __future__ import annotations

import re

from ingest.sources.thread_page.furniture import is_end, is_furniture, is_heading
from models.post import clean

LONGEST = 60
"""Characters of a name; what is longer is a sentence."""

VERBS = (
    r"(?:said|says|wrote|writes|commented|comments|posted|replied|replies|responded|adds|added"
    r"|schrieb|sagt|sagte|meint|antwortete|kommentierte|escribió|dijo|dice|comentó|respondió"
    r"|a\ écrit|dit|écrit|napisał\(a\)|napisała|napisał|pisze|mówi|ha\ scritto|scrive|disse|schreef|zegt)"
)
"""What stands between a name and its words, as a pattern."""

_VERB = re.compile(rf"(?:^|\s){VERBS}\s*(?:[:,….]|\bon\b)*\s*$", re.IGNORECASE)
_BY = re.compile(
    r"^(?:(?:comment|posted|written|submitted|left|reply|review|response|message|sent|added)"
    r"\s*)?(?:#?\d+\s*)?\bby\b\s*:?\s*",
    re.IGNORECASE,
)
_TO = re.compile(r"\s+(?:[>→▶↪➜]|(?:replied|in reply|replying|responded) to)\s+.*$", re.IGNORECASE)
_ROLE = re.compile(
    r"\s*[(\[]\s*(guest|gast|not verified|unverified|unregistered|visitor|registered|verified|member"
    r"|new|op|user|(?:post |article )?author|staff|official|employee|admin(?:istrator)?"
    r"|moderator|mod)\s*[)\]]$",
    re.IGNORECASE,
)
_BARE_ROLE = re.compile(r"\s+(?:·|•|\||-)?\s*(post author|staff member)$", re.IGNORECASE)
_OFFICIAL = re.compile(r"author|staff|official|employee|admin", re.IGNORECASE)
_LABELS = re.compile(
    r"(?:joined|registered|posts?|location|(?:last )?(?:updated?|edited|seen|modified|active|reply|post)"
    r"|(?:edited|updated|published|written|created|posted|modified|started|closed|date|time|when|tags?|since|until)"
    r"|member since|published on|date posted|originally posted)(?: (?:on|at|by))?\s*:?",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"\s(?:said|says|wrote|will|was|were|is|are|has|have)\s")
_DANGLING = frozenset(
    ["by", "until", "since", "from", "before", "after", "of", "in", "the", "a", "to", "and", "for"]
)
_PRONOUNS = frozenset(
    [
        "he",
        "she",
        "they",
        "it",
        "we",
        "you",
        "i",
        "who",
        "which",
        "that",
        "and",
        "but",
        "as",
        "so",
        "then",
    ]
)
_EDGES = ' \t|:,;-–—•·…"“”»«>*~#/'


def who(raw: str | None) -> tuple[str | None, bool]:
    """Return the bare name (None if it isn't one), and whether it says it is the owner or staff."""
    name = " ".join(clean((raw or "")[:400]).split())
    name = _BY.sub("", _VERB.sub("", _TO.sub("", name))).strip(_EDGES)
    official = False
    while role := _ROLE.search(name) or _BARE_ROLE.search(name):
        official = official or bool(_OFFICIAL.search(role[1]))
        name = name[: role.start()].strip(_EDGES)
    name = name.removeprefix("@").strip()
    return (name if plausible(name) else None), official


def plausible(name: str) -> bool:
    """Whether this can be a name: short, few words, no sentence, no address."""
    return (
        0 < len(name) <= LONGEST
        and len(name.split()) <= 8
        and any(c.isalnum() for c in name)
        and ("://" not in name or " " not in name)
        and not name.endswith(("?", "!!"))
        and not re.search(r"[.!?] +[A-Z]?[a-z]{2,} +[a-z]{2,}", name)
    )


def is_speaker(text: str, longest: int = 6) -> bool:
    """Whether this can stand before “said:”; “But as one customer” can't, that is prose."""
    words = text.split()
    prose = len(words) > 2 and sum(word[0].islower() for word in words) * 2 > len(words)
    first, last = (words[0].lower(), words[-1].lower()) if words else ("", "")
    loose = first in _PRONOUNS or (len(words) > 1 and last in _DANGLING) or _WITHIN.search(text)
    name, _ = who(text)
    return (
        len(words) <= longest
        and not (prose or loose)
        and name is not None
        and plausible(text.strip())
        and not (_LABELS.fullmatch(name) or is_end(name) or is_heading(name))
    )


def is_name(text: str) -> bool:
    """Whether this can be a name that stands alone, so it is no button either."""
    return is_speaker(text, longest=8) and not is_furniture(who(text)[0] or "")
