"""What an effect says of itself, in words for people who don't read statistics."""

from __future__ import annotations

from amends.digest.words import LONGEST_NAME, moment, number, plain, several
from amends.effect.value import Effect

NEAREST = 4
"""Other acts that are named beside one, those nearest to it in time."""

_FAR = 9.0


def sentence(effect: Effect) -> str:
    """Return the verdict on an effect in a sentence."""
    if effect.verdict == "no detectable effect":
        return f"No detectable effect of {act(effect)} on {voices(effect)}: {_numbers(effect)}; {_between(effect)}."
    fewer = effect.verdict == "fewer"
    low, high, size = (
        abs(one) for one in (effect.low or 0.0, effect.high or 0.0, effect.change or 0.0)
    )
    least, most = sorted((low, high))
    whole = voices(effect)
    return (
        f"{whole[:1].upper()}{whole[1:]} {'fell' if fewer else 'rose'} by {_cent(size)} ({_bare(least)} to"
        f" {_cent(most)}) {_when(effect)}; {_numbers(effect)}."
    )


def unsaid(effect: Effect, why: str) -> str:
    """Return that nothing can be said, and why."""
    return f"It can’t be said what {act(effect)} did to {voices(effect)}, because {why}."


def act(effect: Effect) -> str:
    """Return the act as a sentence names it: the apology, the mailing in 3 batches."""
    if len(effect.batches) > 1:
        return f"the mailing in {len(effect.batches)} batches"
    return f"the {plain(effect.kind.replace('_', ' '), LONGEST_NAME)}"


def voices(effect: Effect) -> str:
    """Return what is counted: credit requests."""
    named = plain(effect.label.replace("_", " "), LONGEST_NAME)
    return f"{named}s" if named.endswith(("complaint", "request")) else f"voices of {named}"


def band(low: float | None, high: float | None) -> str:
    """Return both ends of a change: −50 % to −24 %."""
    return f"{_signed(low)} to {_signed(high)}"


def notes(effect: Effect) -> list[str]:
    """Return what else to know before believing it, a sentence each."""
    found = []
    if effect.beside and effect.change is not None:
        near = sorted(effect.beside, key=lambda one: (abs(one.at - effect.at), one.at))[:NEAREST]
        what = ", ".join(
            f"{one.what}{f' {one.act}' if one.act else ''} ({moment(one.at, effect.tz)})"
            for one in sorted(near, key=lambda one: one.at)
        )
        if len(effect.beside) > len(near):
            what += f" and {number(len(effect.beside) - len(near))} more"
        found.append(f"Within these hours fell also {what}; what that did can’t be told apart.")
    dates, rang = effect.placebo.dates, effect.placebo.found
    if effect.change is not None and dates:
        said = (
            f"Tried at {several(dates, 'other hour', 'other hours')} at which nothing happened, the same test"
            f" found something at {number(rang) if rang else 'none'}"
        )
        if effect.wider > 1:
            said += f"; they scatter, so the interval was made {effect.wider:.2f} times as wide"
        found.append(f"{said}.")
    elif effect.change is not None:
        found.append("There was no hour without an act at which the test could be tried.")
    if effect.left_out:
        found.append(f"Left out, for they weren’t read throughout: {', '.join(effect.left_out)}.")
    if len(effect.batches) > 1:
        shares = ", ".join(
            f"act {one.act} {one.share:.0%}".replace("%", " %") for one in effect.batches
        )
        found.append(f"Batches, and the share each reached: {shares}.")
    return found


def _when(effect: Effect) -> str:
    if len(effect.batches) > 1:
        return f"over {act(effect)}"
    if effect.lag is None:
        return f"within 3 h of {act(effect)}"
    return (
        f"from about {effect.lag} h after {act(effect)}"
        if effect.lag
        else f"at once after {act(effect)}"
    )


def _numbers(effect: Effect) -> str:
    low, high = effect.expected_low or 0, effect.expected_high or 0
    return (
        f"without it about {number(effect.expected or 0)} voices ({number(low)} to {number(high)}) were to be"
        f" expected, {number(effect.came or 0)} came"
    )


def _between(effect: Effect) -> str:
    return f"anything from {_signed(effect.low)} to {_signed(effect.high)} would fit"


def _signed(change: float | None) -> str:
    value = change or 0.0
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{_cent(abs(value))}"


def _cent(share: float) -> str:
    return f"{_bare(share)} %" if share <= _FAR else f"{share + 1:,.0f} times"


def _bare(share: float) -> str:
    return f"{share * 100:.0f}" if share <= _FAR else f"{share + 1:,.0f} times"
