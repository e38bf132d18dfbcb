"""Campaigns within one transaction."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlmodel import Session, col, select

from models.campaign import HOWS, CampaignRow, Terms
from models.errors import Conflict, SetupError
from models.phase import Course, course_of
from models.post import clean
from models.worth import worth_of

LONGEST, LONGEST_NAME = 5_000, 80
MOST_PLANS, MOST_BATCHES, MOST_DAYS = 20, 200, 366
FIRST_YEAR, LAST_YEAR = 1990, 2990
LARGEST = 2**31 - 1
"""The largest id a campaign can have, and the most mails of a batch."""


def checked(terms: Terms) -> Terms:
    """Return terms as they are kept; SetupError for what can't be meant."""
    if terms.how not in HOWS:
        message = f"“{terms.how}” is no way to get a credit"
        raise SetupError(message, f"use one of {', '.join(HOWS)}")
    text, who = clean(terms.text), clean(terms.who)
    if not text or max(len(text), len(who)) > LONGEST:
        message = f"a campaign needs its words, up to {LONGEST:,} characters"
        raise SetupError(message, "give what customers were told")
    automatic = terms.how == "automatic"
    if automatic and (terms.days is not None or terms.opens_at is not None or terms.once):
        message = "an automatic credit isn't claimed, so it has no window"
        raise SetupError(message, "leave the window out, or say link, form or call")
    if terms.days is not None and not 1 <= terms.days <= MOST_DAYS:
        message = f"a window is between 1 and {MOST_DAYS} days long"
        raise SetupError(message, "leave it out if claims never close")
    times = [terms.announced_at, terms.opens_at, *(batch.at for batch in terms.batches)]
    years = [one.year for one in (*times, terms.bill_by) if one is not None]
    if any(not FIRST_YEAR <= year <= LAST_YEAR for year in years):
        message = "a campaign can't be at that time"
        raise SetupError(message, f"give a time between {FIRST_YEAR} and {LAST_YEAR}")
    if len(terms.batches) > MOST_BATCHES or any(
        batch.mails is not None and not 0 <= batch.mails <= LARGEST for batch in terms.batches
    ):
        message = f"a campaign has at most {MOST_BATCHES} batches, each of a number of mails"
        raise SetupError(message, "put batches together")
    return msgspec.structs.replace(
        terms, text=text, who=who, offers=_offers(terms.offers),
        batches=tuple(sorted(terms.batches, key=lambda batch: batch.at)),
    )  # fmt: skip


def _offers(offers: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    kept: dict[str, tuple[str, ...]] = {}
    for name, worths in offers.items():
        plan = " ".join(clean(name).split())
        found = dict.fromkeys([*kept.get(plan, ()), *(str(worth_of(one)) for one in worths)])
        kept[plan] = tuple(found)
        if len(plan) > LONGEST_NAME or len(found) > MOST_PLANS:
            message = "a plan has a short name, and few things it is offered"
            raise SetupError(message, f"name it with up to {LONGEST_NAME} characters")
    if not any(kept.values()) or len(kept) > MOST_PLANS:
        message = f"a campaign offers something, to at most {MOST_PLANS} plans"
        raise SetupError(message, "say what: 3 %, $5, 24 cents, 1 month")
    return {plan: worths for plan, worths in sorted(kept.items()) if worths}


class Campaigns:
    """What the company offered, by incident."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, incident_id: int, terms: Terms, by: str, now: datetime) -> CampaignRow:
        """Keep a new one; SetupError if it can't be meant."""
        row = CampaignRow(incident_id=incident_id, text="", how="", by=by, recorded_at=now)
        row.take(checked(terms))
        self._session.add(row)
        self._session.flush()
        return row

    def of(self, incident_id: int) -> list[CampaignRow]:
        """Return an incident's campaigns in the order they were written down."""
        return list(
            self._session.exec(
                select(CampaignRow)
                .where(CampaignRow.incident_id == incident_id, col(CampaignRow.removed_at).is_(None))
                .order_by(col(CampaignRow.id))
            )
        )  # fmt: skip

    def get(self, campaign_id: int, incident_id: int | None = None) -> CampaignRow:
        """Return a campaign, of this incident if one is named; SetupError if there is none."""
        row = self._session.get(CampaignRow, campaign_id) if campaign_id <= LARGEST else None
        if row is None or row.removed_at or incident_id not in (None, row.incident_id):
            message = f"there is no campaign {campaign_id}"
            raise SetupError(message, "amends campaign list INCIDENT shows them with their ids")
        return row

    def edit(self, campaign_id: int, version: int, terms: Terms, by: str) -> CampaignRow:
        """Give a campaign other terms; Conflict if somebody changed it first."""
        row = self._as_seen(campaign_id, version)
        row.take(checked(terms))
        row.by, row.version = by, row.version + 1
        self._session.flush()
        return row

    def remove(self, campaign_id: int, version: int, now: datetime) -> CampaignRow:
        """Take away one that was written down by mistake; Conflict if somebody changed it first."""
        row = self._as_seen(campaign_id, version)
        row.removed_at = now
        self._session.flush()
        return row

    def courses(self, incident_id: int, tz: str) -> dict[int, Course]:
        """Return the courses of those that aren't only planned, by their ids."""
        found = ((row.id or 0, course_of(row.terms, tz)) for row in self.of(incident_id))
        return {key: course for key, course in found if course is not None}

    def _as_seen(self, campaign_id: int, version: int) -> CampaignRow:
        self.get(campaign_id)
        row = self._session.get_one(
            CampaignRow, campaign_id, with_for_update=True, populate_existing=True
        )
        if row.version != version or row.removed_at:
            message = f"{row.by} has changed campaign {row.id}"
            raise Conflict(message, "read it once more, then decide", by=row.by, at=None)
        return row
