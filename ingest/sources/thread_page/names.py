"""Who speaks: names as pages print them, freed from verbs, roles and punctuation."""

from __future__ import annotations

import re

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
        and "://" not in name
        and not name.endswith(("?", "!!"))
        and not re.search(r"[.!?] +[A-Z]?[a-z]{2,} +[a-z]{2,}", name)
    )
