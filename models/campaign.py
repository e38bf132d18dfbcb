"""Acts: what the company itself said or did in public. Campaigns: the credits it offered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal, cast

import msgspec
from sqlalchemy import JSON, Index, Text
from sqlmodel import Field, SQLModel

from models.columns import Instant, from_micros, to_micros

ActKind = Literal["apology", "status_update", "statement", "mail_batch", "credit_posted"]
ACT_KINDS: tuple[ActKind, ...] = (
    "apology",
    "status_update",
    "statement",
    "mail_batch",
    "credit_posted",
)


class ActRow(SQLModel, table=True):
    """
    One public act of the company. Without `at` it is a draft: not out yet.

    A draft is approved by another person than the one who wrote it (`by`); an edit, which makes
    `version` grow, takes the approval away.
    """

    __tablename__ = "act"
    __table_args__ = (Index("act_incident", "incident_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    kind: str
    text: str = Field(sa_type=Text)
    url: str | None = None
    by: str | None = None
    at: datetime | None = Field(default=None, sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 0
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=Instant)


How = Literal["automatic", "link", "form", "call"]
HOWS: tuple[How, ...] = ("automatic", "link", "form", "call")
"""How a credit comes: by itself, or claimed by a mailed link, by a form, or by a call."""


class Batch(msgspec.Struct, frozen=True):
    """Mails that went out, or are to go out, at one moment; how many, if that is known."""

    at: datetime
    mails: int | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is offered: for each plan what it is worth, plan "" being every one that isn't named.

    A plan may have several worths that say the same, such as 3 % and 24 cents. `days` is how long it can
    be claimed, `bill_by` the last local day on which it should show on the bill (`models/phase.py` says
    where days end). Without `announced_at`, `opens_at` and `batches` it is only planned.
    """

    text: str
    how: How
    offers: dict[str, tuple[str, ...]]
    who: str = ""
    announced_at: datetime | None = None
    batches: tuple[Batch, ...] = ()
    opens_at: datetime | None = None
    days: int | None = None
    once: bool = False
    bill_by: date | None = None


class CampaignRow(SQLModel, table=True):
    """
    A credit the company offered. `version` grows with every change.

    `offers` and `batches` are as in `Terms`, times in microseconds since 1970; `bill_by` is an ISO date.
    """

    __tablename__ = "campaign"
    __table_args__ = (Index("campaign_incident", "incident_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    text: str = Field(sa_type=Text)
    how: str
    offers: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    who: str = Field(default="", sa_type=Text)
    announced_at: datetime | None = Field(default=None, sa_type=Instant)
    batches: list[list[int | None]] = Field(default_factory=list, sa_type=JSON)
    opens_at: datetime | None = Field(default=None, sa_type=Instant)
    days: int | None = None
    once: bool = False
    bill_by: str | None = None
    by: str
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 0
    removed_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def terms(self) -> Terms:
        """What it offers, as a plain value."""
        return Terms(
            text=self.text, how=cast("How", self.how), who=self.who,
            offers={plan: tuple(worths) for plan, worths in self.offers.items()},
            announced_at=self.announced_at, opens_at=self.opens_at, days=self.days, once=self.once,
            batches=tuple(Batch(from_micros(at or 0), mails) for at, mails in self.batches),
            bill_by=date.fromisoformat(self.bill_by) if self.bill_by else None,
        )  # fmt: skip

    @property
    def offered(self) -> str:
        """What it offers, in words: 3 %, 24 cents; Streaming: $5."""
        return "; ".join(
            f"{plan}: {', '.join(each)}" if plan else ", ".join(each)
            for plan, each in sorted(self.offers.items())
        )

    @property
    def mailed(self) -> list[str]:
        """Its batches: 2026-03-04T15:00:00Z = 12000."""
        return [
            f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            + ("" if one.mails is None else f" = {one.mails}")
            for one in self.terms.batches
        ]

    def take(self, terms: Terms) -> None:
        """Hold these terms from now on."""
        self.text, self.how, self.who = terms.text, terms.how, terms.who
        self.offers = {plan: list(worths) for plan, worths in terms.offers.items()}
        self.announced_at, self.opens_at = terms.announced_at, terms.opens_at
        self.days, self.once = terms.days, terms.once
        self.batches = [[to_micros(one.at), one.mails] for one in terms.batches]
        self.bill_by = terms.bill_by.isoformat() if terms.bill_by else None
