"""Promises in what the company said become clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.campaign import ActRow
from models.promise import MOST, clocks, promises

TZ = "America/Chicago"
AT = datetime(2026, 3, 4, 18, 5, tzinfo=UTC)
"""A Wednesday, 12:05 in Chicago."""


def local(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    """Return a moment in Chicago's winter as UTC; from 8 March on clocks are an hour ahead."""
    ahead = 5 if (month, day, hour) >= (3, 8, 3) else 6
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) + timedelta(hours=ahead)


@pytest.mark.parametrize(
    ("text", "aim", "due"),
    [
        ("We are on it. Next update 14:40.", "update", local(4, 14, 40)),
        ("The next update will be at 2:40 pm", "update", local(4, 14, 40)),
        ("More news by 9 am.", "update", local(5, 9)),
        ("Expect an update at 12:05", "update", local(5, 12, 5)),
        ("We will post again within two hours.", "update", AT + timedelta(hours=2)),
        ("An update comes in 30 minutes", "update", AT + timedelta(minutes=30)),
        ("You get a 5 % credit in the next few days.", "credit", local(8)),
        ("Your credit shows on the bill within 7 days", "credit", local(12)),
        ("Refunds take 3 business days: within 3 business days you have it", "credit", local(10)),
        ("Click the link within 7 days, once.", "claim", local(12)),
        ("All discs ship by Friday.", "other", local(7)),
        ("We will tell you more by Friday noon.", "update", local(6, 12)),
        ("All discs ship by tomorrow at noon", "other", local(5, 12)),
        ("All discs ship by tomorrow", "other", local(6)),
        ("It is fixed by the end of the week.", "other", local(9)),
        ("We mail you in a week", "other", local(12)),
    ],
)  # fmt: skip
def test_what_is_promised(text: str, aim: str, due: datetime) -> None:
    """Days end with the last one, in the incident's zone, the short one of March among them."""
    assert [(one.aim, one.due) for one in promises(text, AT, TZ)] == [(aim, due)]


@pytest.mark.parametrize(
    "text",
    ["Update 14:40: we know why.", "We are sorry.", "It was down for three hours.", "Version 2.10 is out.",
     "In 2010 we said so.", "Since 9:30 all is well.", "No disc in the last 7 days.", "Next update 25:99"],
)  # fmt: skip
def test_what_isnt_promised(text: str) -> None:
    """What was, and what an update is dated with."""
    assert promises(text, AT, TZ) == []


def act(number: int, text: str, hours: float, kind: str = "status_update") -> ActRow:
    """Return an act that went out so many hours after the first."""
    at = AT + timedelta(hours=hours)
    return ActRow(id=number, incident_id=1, kind=kind, text=text, at=at, recorded_at=at)


def states(*acts: ActRow, hours: float) -> list[str]:
    """Return how promises stand so many hours after the first act."""
    return [clock.state for clock in clocks(acts, AT + timedelta(hours=hours), TZ)]


def test_due_overdue_and_kept() -> None:
    """By the moment: what is said at the very moment it is due is in time."""
    first = act(1, "Next update within 2 hours.", 0)
    assert states(first, hours=2) == ["due"]
    assert states(first, hours=2.001) == ["overdue"]
    assert states(first, act(2, "Fixed.", 2), hours=9) == ["kept"]
    assert states(first, act(2, "Fixed.", 3), hours=9) == ["kept late"]
    assert states(first, act(2, "Fixed.", 3), hours=2.5) == ["overdue"]
    draft = ActRow(
        id=2, incident_id=1, kind="apology", text="Within 2 hours more news", recorded_at=AT
    )
    assert states(first, draft, hours=3) == ["overdue"]


def test_only_a_posted_credit_keeps_a_credit() -> None:
    """And how long customers may claim is over some day, never overdue."""
    first = act(1, "A credit comes within 2 days. Click within 3 days.", 0, "mail_batch")
    assert states(first, act(2, "Sorry again", 30), hours=100) == ["overdue", "over"]
    assert states(first, act(2, "It is there", 30, "credit_posted"), hours=31) == ["kept", "due"]


@given(
    st.text(
        alphabet="within the next few 0123456789:.days hours by friday update credit\n",
        max_size=300,
    )
)
def test_any_text_can_be_read(text: str) -> None:
    """And promises few things."""
    assert len(promises(text * 20, AT, "Pacific/Apia")) <= MOST
