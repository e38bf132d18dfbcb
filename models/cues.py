"""The words that tell an offer from a battery level, a price, a grade, a crowd or a wish."""

from __future__ import annotations

import re


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


SPAN, NEAR = 8, 3
STOPS = frozenset(".!?;")
_CUES = (*"%\u066a\uff05$\u20ac\u00a3\u00a2", "cent", "pct", "free", "worth", "credit", "refund", "dollar",
         "buck", "euro", "pound", "pence", "quid", "usd", "gbp", " on us")  # fmt: skip
_RARER_CUES = re.compile(r"\boff\b|\d\s?[cp]\b")


def worth_a_look(folded: str) -> bool:
    """Return whether a folded text may mention an offer at all; most don't, and this is quick."""
    return any(cue in folded for cue in _CUES) or _RARER_CUES.search(folded) is not None


CREDIT = _these(
    "off credit credits credited crediting refund refunds refunded rebate rebates rebated discount "
    "discounts discounted compensation compensate compensated compensating comp comped reimburse "
    "reimbursed reimbursement goodwill offer offers offered offering voucher vouchers coupon coupons "
    "deduct deducted deduction apology redeem bill back claim claimed waived"
)
GAVE = _these(
    "gave give gives given giving got get gets getting receive received promised promise promising "
    "promises announced saying says said told"
)
SCORN = _these(
    "just only lousy measly whole wow lol miserable stinking stupid pathetic insulting mere tiny "
    "generous crummy puny big"
)
NOISE = _these(
    "battery charge humidity rain chance sure download downloaded downloading upload uploaded loading "
    "loaded buffering buffered complete done cpu memory ram disk stock stocks shares market uptime "
    "alcohol abv vote votes interest apr tax tip test exam grade score raise hike increase inflation "
    "left brightness volume zoom accuracy odds probability turnout polls milk cotton"
)
CROWD = _these(
    "people users customers subscribers us you them members folks time population traffic everyone "
    "households homes viewers requests outages"
)
PAID = _these(
    "pay pays paying paid cost costs costing charge charged charging charges price priced spend "
    "spent spending buy bought sold lost fee fees owing raise raised hike donate donated bet"
)
PERIOD = _these("month mo year yr week day night hour hr gallon share piece m")
MANY = _these("k m b million billion trillion thousand grand mil")
WISH = _these(
    "want wants wanted deserve deserves demand demands demanding should ought owe owes owed expect "
    "expecting need needs hope wish please least"
)
TOLD = _these(
    "told said says saying promised offered offering offers got received gave given gives credited "
    "heard email emailed mail mailed announced announcement refunded apparently hearing"
)
WHO_GIVES = _these("they will did to it you'll they'll reps company that")
CREDIT_OF = _these("credit credits service subscription refund my the fees free money")
NOT_FREE = _these("- ad ads stress hassle debt sugar gluten error smoke care feel are")
CARD = _these("card cards score scores union report request requests hours check")
ITS = _these("my the your our next this bill your a every")
HAD = _these("have had has")
FOR = _these("for")
PAID_BACK = _these("credit credited refund refunded")
