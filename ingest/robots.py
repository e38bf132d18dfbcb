"""
The asker that reads a site's robots.txt before one of its pages, and stays out where it says so.

It stands in front of the web. Only requests for a `page` are its business: what a person would open
in a browser. Interfaces made for programs have their own rules, and say so in their answers.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx

from ingest.http import Web, shown
from ingest.robots_txt import LARGEST, forbids
from ingest.source import Request, Response
from models.errors import SourceRefused

AGENT = "amends"
"""What a robots.txt calls us."""

FRESH = timedelta(days=1)
"""How long a site's rules are remembered."""

SITES = 60
"""Sites whose robots.txt is remembered at a time; together they take 30 MB at most."""

BUSY = frozenset([408, 425, 429])
"""Answers below 500 that mean wait; any other from 400 on means that there is no robots.txt."""


class Robots:
    """An asker for the web that respects robots.txt; it remembers each site's for a day."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._known: dict[str, tuple[datetime, bytes]] = {}

    def ask(self, request: Request, now: datetime) -> Response:
        """Fetch one answer; a page that programs shan't read is SourceRefused."""
        if not request.page:
            return self._web.ask(request, now)
        return self._web.ask(request, now, lambda address: self._check(address, now))

    def _check(self, address: str, now: datetime) -> None:
        url = httpx.URL(address)
        site = url.copy_with(userinfo=b"", path="/robots.txt", query=None, fragment=None)
        rule = forbids(self._said(str(site), now), AGENT, url.raw_path.decode("ascii"))
        if rule:
            place = shown(address)
            message = f"{place} isn't for programs: its site's robots.txt says “{rule}”"
            remedy = "ask the site's owner; if they agree, watch it anew with --set robots=ignore"
            raise SourceRefused(message, remedy, url=place)

    def _said(self, site: str, now: datetime) -> bytes:
        learnt, said = self._known.get(site, (None, b""))
        if learnt is None or not timedelta(0) <= now - learnt < FRESH:
            said = self._ask_site(site, now)
            self._known.pop(site, None)
            self._known[site] = now, said
            for oldest in list(self._known)[:-SITES]:
                self._known.pop(oldest, None)
        return said

    def _ask_site(self, site: str, now: datetime) -> bytes:
        try:
            response = self._web.ask(Request(url=site, headers={"accept": "text/plain"}), now)
        except SourceRefused:
            # It leads to where we may not go: no rules, then, and the page is judged by itself.
            return b""
        if response.status >= 500 or response.status in BUSY:
            response.check()
        return response.body[: LARGEST + 1] if 200 <= response.status < 300 else b""
