"""What an offer is worth, as one normal form: 3 %, $5, 24 cents, one month. Pure, and linear in the text."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from models.errors import SetupError
from models.voice import without_addresses

PERCENT, CENTS, PLAIN = "%", "cent", "?"
"""Units beside currencies and stretches; `?` is a number without one, as in “5 off”."""

LONGEST = 20_000
"""Characters of a text that are read for offers; nobody offers anything behind them."""

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¢": CENTS}
MONEY = {
    "dollar": "USD", "dollars": "USD", "bucks": "USD", "buck": "USD", "usd": "USD", "euro": "EUR",
    "euros": "EUR", "eur": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "gbp": "GBP",
    "cent": CENTS, "cents": CENTS, "c": CENTS, "penny": CENTS, "pence": "p", "p": "p",
}  # fmt: skip
THINGS = {
    "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "mo": "month",
    "months": "month", "year": "year", "years": "year", "disc": "disc", "discs": "disc",
    "disk": "disc", "disks": "disc", "dvd": "disc", "dvds": "disc", "rental": "rental",
    "rentals": "rental", "movie": "movie", "movies": "movie",
}  # fmt: skip
UNITS = (PERCENT, "USD", "EUR", "GBP", CENTS, *dict.fromkeys(THINGS.values()), PLAIN)

_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: value for value, word in enumerate(_NAMES.split())}
_TEN = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_TOKEN = re.compile(r"\d[\d.,\u2044]*|\.\d+|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]|_")
_LONGEST_NUMBER = 9
_SHOWN = {"USD": "$", "EUR": "€", "GBP": "£"}


class Worth(NamedTuple):
    """So much of a unit; see `UNITS`. The amount has no needless noughts: 3, 0.24."""

    amount: Decimal
    unit: str

    def __str__(self) -> str:
        """Return it for people: 3 %, $5, 24 cents, 2 weeks."""
        if self.unit == PERCENT:
            return f"{self.amount} %"
        if self.unit == PLAIN:
            return str(self.amount)
        if self.unit in _SHOWN:
            cut = self.amount == self.amount.to_integral_value()
            return f"{_SHOWN[self.unit]}{self.amount if cut else f'{self.amount:.2f}'}"
        return f"{self.amount} {self.unit}{'' if self.amount <= 1 else 's'}"

    def equals(self, other: Worth) -> bool:
        """Return whether both say the same; cents are of any currency, a bare number of any unit."""
        if PLAIN in (self.unit, other.unit):
            return self.amount == other.amount
        return _minor(self) == _minor(other) or _minor(other, self.unit) == _minor(self, other.unit)


class Quantity(NamedTuple):
    """A number in a text: what it is, and the tokens it takes up."""

    value: Decimal
    start: int
    end: int


def worth(amount: Decimal, unit: str) -> Worth:
    """Return a worth in its normal form; pence are pounds."""
    if unit == "p":
        amount, unit = amount / 100, "GBP"
    return Worth(Decimal(f"{amount.normalize():f}"), unit)


def tokens(text: str) -> list[str]:
    """Return a text's numbers, words and signs, folded; addresses, handles and hashtags left out."""
    text = text[:LONGEST]
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)[:LONGEST]
    said = without_addresses(plain).casefold()
    return _TOKEN.findall(said.replace("’", "'").replace("٪", "%"))


def quantities(said: list[str]) -> list[Quantity]:
    """Return the numbers of a text, in figures or in words, in order."""
    found, at = [], 0
    while at < len(said):
        word = said[at]
        value, end = None, at + 1
        if word in _WORDS or word in _TEN:
            value, end = _in_words(said, at)
        elif not word[0].isalpha():
            value = _figures(word)
        if value is not None:
            found.append(Quantity(value, at, end))
        at = end
    return found


def percent_behind(said: list[str], at: int) -> int:
    """Return where “%”, “percent”, “per cent” or “pct” that begins at a token ends; 0 if none does."""
    here = said[at] if at < len(said) else ""
    if here == "-":
        return percent_behind(said, at + 1) if said[at + 1 : at + 2] != ["-"] else 0
    if here in ("%", "percent", "pct"):
        return at + 1
    return at + 2 if here == "per" and said[at + 1 : at + 2] == ["cent"] else 0


def worth_of(text: str) -> Worth:
    """Return what “3 %”, “$5”, “24 cents”, “a month” or “2 weeks” is worth; SetupError if unclear."""
    said = [one for one in tokens(text[:80]) if one not in ("free", "-")]
    if said[:1] in (["a"], ["an"]):
        said[0] = "one"
    sign = SIGNS.get(said[0]) if said else None
    numbers = quantities(said)
    if len(numbers) == 1 and numbers[0].value > 0:
        value, start, end = numbers[0]
        rest = said[end:]
        if sign and start == 1 and not rest:
            return worth(value, sign)
        if start == 0 and percent_behind(said, end) == len(said) and value <= 100:
            return worth(value, PERCENT)
        unit = {**SIGNS, **MONEY, **THINGS}.get(rest[0]) if len(rest) == 1 and start == 0 else None
        if unit:
            return worth(value, unit)
    message = f"“{text[:60]}” isn't an offer Amends understands"
    raise SetupError(message, "write 3 %, $5, 24 cents, 1 month, 2 weeks, 3 days or 1 disc")


def _minor(one: Worth, beside: str = "") -> tuple[Decimal, str]:
    """Return money in its hundredth part; cents take the currency they stand beside."""
    if one.unit in _SHOWN:
        return one.amount * 100, one.unit
    if one.unit == CENTS and beside in _SHOWN:
        return one.amount, beside
    return one.amount, one.unit


def _figures(text: str) -> Decimal | None:
    if not (text[0].isdigit() or (text[0] == "." and len(text) > 1)) or "\u2044" in text:
        return None
    text = text.rstrip(".,")
    if len(text) > _LONGEST_NUMBER + 3:
        return None
    mark = max(text.rfind("."), text.rfind(","))
    if mark >= 0:
        other = "," if text[mark] == "." else "."
        thousands = text[mark] == "," and len(text) - mark == 4
        whole, part = text[:mark].replace(other, ""), text[mark + 1 :]
        if thousands:
            text = whole.replace(",", "") + part
        elif "," in whole or "." in whole:
            return None  # a version, an address or a date
        else:
            text = f"{whole or 0}.{part}"
    value = Decimal(text)
    return value if value < 10**_LONGEST_NUMBER else None


def _in_words(said: list[str], at: int) -> tuple[Decimal, int]:
    if said[at] in _TEN:
        behind = at + (2 if said[at + 1 : at + 2] == ["-"] else 1)
        one = _WORDS.get(said[behind], 0) if behind < len(said) else 0
        if 0 < one < 10:
            return Decimal(_TEN[said[at]] + one), behind + 1
        return Decimal(_TEN[said[at]]), at + 1
    if said[at + 1 : at + 2] == ["hundred"]:
        return Decimal(_WORDS[said[at]] * 100), at + 2
    return Decimal(_WORDS[said[at]]), at + 1
