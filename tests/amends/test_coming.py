"""What comes next in a digest: promises, windows and what waits, as they stood when the day ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from amends import digest
from amends.digest import Digest
from models.campaign import ActRow, Batch, Terms
from models.day import day_window
from models.incident import IncidentRow
from models.store import Store
from tests.factories import an_incident

TZ = "America/Chicago"
DAY = date(2026, 3, 5)
WINDOW = day_window(DAY, TZ)
HOUR = timedelta(hours=1)


def morning(hours: float) -> datetime:
    """Return a moment of the day, in hours after its midnight."""
    return WINDOW.since + hours * HOUR


def told(store: Store, *acts: tuple[str, str, float], now: datetime | None = None) -> Digest:
    """Return the digest of a day on which 3 % was mailed at eleven and a half of it at three."""
    with store.begin() as tx:
        row: IncidentRow = tx.incidents.add(
            an_incident(tz=TZ, began=WINDOW.since - 40 * HOUR, opened_at=WINDOW.since)
        )
        key = row.id or 0
        for kind, text, hours in acts:
            at = morning(hours)
            tx.acts.add(
                ActRow(incident_id=key, kind=kind, text=text, by="ana", at=at, recorded_at=at)
            )
        tx.campaigns.add(key, Terms(
            text="Sorry.", how="link", offers={"": ("3 %",)}, days=7, once=True,
            batches=(Batch(morning(11), 1_120_000), Batch(morning(15), 980_000)),
            bill_by=date(2026, 3, 13),
        ), "bo", morning(11))  # fmt: skip
    with store.read() as tx:
        facts = digest.snapshot(tx, row, DAY, now or WINDOW.until + HOUR, ())
    return digest.build(facts)


@pytest.mark.parametrize("hours", [1, 300])
def test_the_window_the_bill_and_the_mails_of_the_day(store: Store, hours: float) -> None:
    """Seen days later it is still told as it stood when the day ended."""
    said = told(store, now=WINDOW.until + hours * HOUR)

    assert said.ahead == (
        "The window for 3 % closes 13 March 2026, 00:00 CDT.",
        "By 2026-03-13 3 % should be on the bill.",
    )
    text = " ".join(digest.as_text(said).split())
    assert "inside the window" in text
    assert "Mails of the day: 11:00 CST (1,120,000) and 15:00 CST (980,000)." in text


def test_promises_due_overdue_and_kept(store: Store) -> None:
    """The overdue one comes first; the window a mail promises is told by the offer already."""
    said = told(
        store,
        ("status_update", "We are on it. Next update 9:15.", 7),
        ("statement", "Everyone can log in again. Discs leave by tonight.", 9.5),
        ("mail_batch", "3 % off. Click the link within 7 days.", 11),
        ("statement", "We will tell you more by Friday noon.", 18.5),
        ("statement", "Next update 14:40.", 30),
    )
    assert said.ahead[:3] == (
        "Promised by 6 March 2026, 00:00 CST: “Discs leave by tonight” (said 09:30 CST).",
        "Promised by 6 March 2026, 12:00 CST: “We will tell you more by Friday noon” (said 18:30 CST).",
        "Our next word came 09:30 CST late, it was due 09:15 CST; promised was “Next update 9:15” (said 07:00 CST).",
    )
    assert len(said.ahead) == 5


def test_what_is_broken_comes_first(store: Store) -> None:
    """Until somebody keeps it."""
    said = told(store, ("status_update", "Next update 9:15. Credits come within 3 days.", 7))

    assert said.ahead[0] == "Overdue since 09:15 CST: “Next update 9:15” (said 07:00 CST)."


def test_a_day_that_goes_on_knows_nothing_of_its_evening(store: Store) -> None:
    """What isn't out yet has promised nothing."""
    said = told(store, ("statement", "Next update 20:40.", 18.5), now=morning(13))

    assert not any("20:40" in line for line in said.ahead)
