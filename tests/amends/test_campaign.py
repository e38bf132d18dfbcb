"""`amends campaign`: what was offered, who asks for it, what people say of it."""

from __future__ import annotations

import json

import pytest

from amends.terms import batches_of, last_day, offers_of
from models.errors import SetupError
from tests.amends.conftest import Amends
from tests.factories import NOW


def add(amends: Amends, incident: str, *more: str) -> None:
    """Offer 3 % by a mailed link."""
    said = amends("campaign", "add", incident, "Click within 7 days", "--offer", "3 %", "--offer",
                  "24 cents", "--offer", "Streaming: $5", "--how", "link", "--mail",
                  "2026-03-04T09:00=12000", "--days", "7", "--once", *more)  # fmt: skip
    assert said.code == 0, said.err


def listed(amends: Amends, incident: str) -> list[dict[str, object]]:
    """Return the campaigns as programs get them."""
    found: list[dict[str, object]] = json.loads(
        amends("campaign", "list", incident, "--as", "json").out
    )
    return found


def test_a_campaign_is_written_down_changed_and_removed(amends: Amends, incident: str) -> None:
    """Only what is named changes; days are Chicago's."""
    add(amends, incident, "--bill-by", "2026-04-30", "--who", "all who waited")

    (one,) = listed(amends, incident)
    assert one["offers"] == "3 %, 24 cents; Streaming: $5"
    assert (one["how"], one["days"], one["once"], one["who"]) == ("link", 7, True, "all who waited")
    assert (one["starts"], one["closes"]) == ("2026-03-04T15:00:00Z", "2026-03-12T05:00:00Z")
    assert one["batches"] == ["2026-03-04T15:00:00Z = 12000"]

    said = amends("campaign", "edit", "1", "--version", "0", "--days", "8", "--bill-by", "none")
    assert said.code == 0, said.err
    (changed,) = listed(amends, incident)
    assert changed == one | {"days": 8, "bill_by": None, "closes": "2026-03-13T05:00:00Z",
                             "version": 1, "phase": changed["phase"]}  # fmt: skip
    assert amends("campaign", "edit", "1", "--version", "0", "--days", "9").code == 1
    assert amends("campaign", "remove", "1", "--version", "1").code == 0
    assert listed(amends, incident) == []


def test_what_people_say_of_it(amends: Amends, incident: str) -> None:
    """A pasted file is read at once; the worst comes first."""
    add(amends, incident)
    said = json.loads(amends("campaign", "said", incident, "--as", "json").out)
    assert said == []
    asked = amends("campaign", "requests", incident, "--as", "json")
    assert json.loads(asked.out) == [] and "now: " in asked.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--offer", "a lot"), 2, "isn't an offer"),
        (("--offer", "3 %", "--how", "pigeon"), 2, "no way to get a credit"),
        (("--offer", "3 %", "--days", "3"), 2, "isn't claimed"),
        (("--offer", "3 %", "--bill-by", "soon"), 2, "isn't a day"),
        (("--offer", "3 %", "--mail", "now=many"), 2, "isn't a batch"),
        ((), 2, "offers something"),
    ],
)  # fmt: skip
def test_what_cant_be_meant(
    amends: Amends, incident: str, words: tuple[str, ...], code: int, told: str
) -> None:
    """One sentence, a remedy, and nothing is kept."""
    said = amends("campaign", "add", incident, "Sorry", *words)
    assert (said.code, told in said.err, "Traceback" in said.err) == (code, True, False)
    assert listed(amends, incident) == []


def test_what_people_write_of_terms() -> None:
    """A plan stands before the last colon; what is empty is nothing."""
    assert offers_of(["3 %", "a: b: $5", "", "a: b: 1 month"]) == {
        "": ("3 %",), "a: b": ("$5", "1 month")}  # fmt: skip
    assert batches_of(["", " "], NOW, "UTC") == () and last_day(" ") is None
    with pytest.raises(SetupError):
        last_day("2026-02-30")
