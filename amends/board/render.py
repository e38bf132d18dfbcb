"""Templates into pages: everything escaped, times in the reader's zone, links only to the web."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from amends.alarms.words import about
from amends.digest.words import length, number, plain

TEMPLATES = Path(__file__).parent / "templates"


def render(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page made from a template; `who` is the visitor in it, or None."""
    from amends.board.door import visitor

    values = {"who": visitor(request), "here": request.url.path, "request": request} | values
    return HTMLResponse(environment().get_template(template).render(values), status)


@cache
def environment() -> Environment:
    """Return what templates are read and filled with."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": number, "plain": plain, "link": link, "ago": ago, "clock": clock, "iso": iso,
        "alarm": about,
    }  # fmt: skip
    made.globals |= {"query": query}
    return made


def link(url: str | None) -> str:
    """Return an address only if it leads to the web; anything else is no link."""
    return url if url and url.startswith(("https://", "http://")) else ""


def ago(when: datetime | None, now: datetime) -> str:
    """Return how long ago something was, in words."""
    if when is None:
        return "never"
    return f"{length(max(now - when, timedelta()))} ago"


def clock(when: datetime | None, zone: Any) -> str:
    """Return a moment in a zone, such as `4 Mar 14:05`; the reader is told which zone elsewhere."""
    return "" if when is None else f"{when.astimezone(zone):%-d %b %H:%M}"


def iso(when: datetime | None) -> str:
    """Return a moment for programs."""
    return "" if when is None else when.astimezone(UTC).isoformat()


def query(current: dict[str, str], **changes: str | None) -> str:
    """Return the query of an address with some of its parts changed; None takes one out."""
    merged = {**current, **changes}
    return urlencode({name: value for name, value in merged.items() if value})
