"""
What all nouns of the API share: the shapes of requests, answers and faults, and how a door is opened.

Requests with a word we don't know are refused, so that a typo never passes for a wish.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Path
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from amends.board.door import COOKIE, Door, Visitor
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction

MOST = 200
"""Lines in one answer at most."""

LARGEST = 2**53 - 1
"""The largest whole number every program reads exactly."""


class In(BaseModel):
    """What a program sends."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What a program gets."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


Shown = TypeVar("Shown", bound=Out)


class Leaf(Out, Generic[Shown]):
    """A part of a list; `next` is the `after` of the part behind it, null at the end."""

    items: list[Shown]
    next: str | None


class Fault(BaseModel):
    """What went wrong, and what to do about it."""

    error: str
    remedy: str = ""


class Taken(Fault):
    """Somebody else was faster: who, and when (empty if that isn't known)."""

    by: str
    at: str


def faults(*more: int) -> dict[int | str, dict[str, Any]]:
    """Return what every route may answer beside what it is for; 409 only where somebody may be faster."""
    said = {
        400: "It can't be done like that.",
        401: "Nobody we know asks, or their token is no good any more.",
        403: "The role or the token's scope isn't enough.",
        404: "There is no such thing.",
        409: "Somebody else was faster.",
        413: "More was sent than is taken.",
        422: "The request can't be read.",
        503: "The database is busy or full; try again.",
    }
    return {
        code: {"model": Taken if code == 409 else Fault, "description": words}
        for code, words in said.items()
        if code != 409 or code in more
    }


_PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Words = Annotated[str, StringConstraints(min_length=1, max_length=5_000, pattern=_PLAIN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PLAIN)]
"""Text without control characters: a paragraph, or a name."""

Link = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\x00-\x20\x7f]+$")]
Instant = AwareDatetime
"""A time that says its zone."""

Many = Annotated[int, Field(ge=1, le=MOST, description="How many lines at most.")]
After = Annotated[
    str | None,
    Field(max_length=200, description="Where the list goes on: the `next` of the part before."),
]
Slug = Annotated[
    str,
    Path(max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$", description="The incident's slug or id."),
]
PostId = Annotated[int, Path(ge=1, le=LARGEST)]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


def open_door(noun: str) -> Door:
    """Return the door of a noun: by a token, or by the cookie of a page that is open."""
    keys = (
        HTTPBearer(auto_error=False, description="A token: `amends user token add`."),
        APIKeyCookie(name=COOKIE, auto_error=False, description="Somebody logged in on the board."),
    )
    return Door(tags=[noun], dependencies=[Depends(key) for key in keys], responses=faults())


def known(label: str, names: tuple[str, ...]) -> str:
    """Return a label's name; SetupError if there is none of that name."""
    if label not in names:
        message = f"there is no label “{label}”"
        raise SetupError(message, f"the labels are {', '.join(names)}")
    return label


def signed(who: Visitor) -> str:
    """Return who the audit trail says did something; no person's name has a colon in it."""
    return f"token:{who.name}" if who.by_token else who.name


def incident_of(tx: Transaction, slug: str) -> tuple[IncidentRow, int]:
    """Return an incident and its id; SetupError if there is none."""
    row = tx.incidents.find(slug)
    return row, row.id or 0


def _said(text: str) -> str:
    if not text.strip():
        message = "it says nothing"
        raise ValueError(message)
    return text


Said = Annotated[Words, AfterValidator(_said)]
"""Words that aren't only spaces."""
