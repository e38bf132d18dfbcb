"""
What nobody may be sorted by: traits people didn't tell us for that, and whether they are short of money.

Platforms forbid it, and so does decency. Labels' names and titles are held to it, and views of the
queue that are kept; anybody may look for a word once. English words only.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")

_UNSAID = {
    "health": """
        disability disabled handicap handicapped health ill illness sick disease cancer hiv aids
        diabetes diabetic autism autistic psychiatric suicidal alcoholic mental depression
        depressed addict addiction pregnant pregnancy genetic biometric
    """,
    "politics": """
        politics political democrat democrats republican republicans leftist socialist communist
        fascist maga voter voters
    """,
    "religion": """
        religion religious muslim muslims islam islamic christian christians catholic catholics
        jewish jew jews judaism hindu hindus buddhist sikh mormon atheist belief faith mosque
        synagogue
    """,
    "ethnicity": """
        race racial ethnic ethnicity hispanic latino roma gypsy arab asian african indigenous
        nationality immigrant immigrants migrant migrants immigration refugee refugees
    """,
    "sexuality": """
        gender sex female male transgender trans nonbinary gay lesbian bisexual homosexual queer
        lgbt lgbtq orientation sexuality sexual
    """,
    "union": """
        union unions unionised unionized unionist striker strikers
    """,
    "crime": """
        crime criminal criminals conviction convict convicted felon felony offender offenders
        prison prisoner jail arrested fraudster fraudsters
    """,
    "hardship": """
        poor poverty hardship debt debtor debtors debts bankrupt bankruptcy insolvent insolvency
        unemployed unemployment jobless income salary wages welfare homeless homelessness
        eviction evicted foreclosure foodbank vulnerable
    """,
    "age and family": """
        age elderly senior seniors teenager marital divorced widowed veteran veterans
    """,
}

UNSAID = frozenset(word for words in _UNSAID.values() for word in words.split())
"""Words no label's name and no kept view may hold."""


def guesses(said: str) -> str | None:
    """Return the first word by which people would be sorted by what they didn't say; None if there is none."""
    return next((word for word in _WORD.findall(said.casefold()) if word in UNSAID), None)
