"""
Where a WordPress article keeps its comments: what its own HTML and headers say. Pure.

The address of a watch is a site's start or one article; from what comes back at it we learn the
REST address, the article's number and the comment feed.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec

from ingest.source import Response
from ingest.text import host, parse
from models.errors import SourceRefused

_HEAD = 512 * 1024
"""Bytes of an article in which it says how to ask for its comments; the rest may be long."""

HOSTED = "public-api.wordpress.com"
"""Where the REST interface of sites hosted by WordPress.com answers."""

_LINK = re.compile(r"<([^<>]{1,2000})>\s*;([^<]{0,300})")
_REST_ROOT = re.compile(r"^(.*/)(?:index\.php/)?wp-json/?$")
_NUMBERED = re.compile(r"/wp/v2/(?:sites/[^/]+/)?[\w-]+/(\d{1,18})/?$")
_BODY_ID = re.compile(r"^(?:postid|page-id)-(\d{1,18})$")
_COMMENT_LEAF = re.compile(r"/comment-page-\d+/?$")
_TRACE = re.compile(
    rb"/wp-(?:content|includes|json)/|content=[\"']WordPress\b|id=[\"']?(?:li-|div-)?comment-\d",
    re.IGNORECASE,
)


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where the comments are: the article's (or site's) address, the REST address of comments.

    `post` is the article's number; `site` says that the whole site is meant.
    """

    address: str
    site: bool = False
    comments: str | None = None
    post: int | None = None
    feed: str | None = None

    @property
    def host(self) -> str:
        """The host all ids here begin with."""
        return host(self.address)


def discover(response: Response, address: str) -> Place:
    """Learn the place from the answer at `address`; SourceChanged if this is no WordPress."""
    final = _final(response, address)
    links = _links(response, final)
    root = next((href for rel, _, href in links if rel == "https://api.w.org/"), None)
    if root is None and not _TRACE.search(response.body):
        message = "this is no WordPress article or site: nothing in it comes from WordPress"
        raise response.trouble(message, "check the address, or watch it as a thread_page")
    kinds = ("application/rss+xml", "application/atom+xml")
    feeds = [href for rel, kind, href in links if rel == "alternate" and kind in kinds]
    home = _home(root, feeds)
    if _is_site(address, home):
        return Place(
            address=final,
            site=True,
            comments=_comments(root, home, final),
            feed=next(filter(_is_site_feed, feeds), None) or _site_feed(home or final, root),
        )
    if home and _path(final) == _path(home) and _path(final) != _path(address):
        message = f"{address} isn't there: the site leads to its start page instead"
        raise SourceRefused(message, "check the address of the article", url=address)
    post = _number(links, response.body, address)
    own = _COMMENT_LEAF.sub("/", final)
    return Place(
        address=own,
        comments=_comments(root, home, final) if post else None,
        post=post,
        feed=_article_feed(own, feeds),
    )


def _final(response: Response, address: str) -> str:
    # Where redirects ended, with the query that an answer's address leaves out.
    url, own = urlsplit(response.url or address), urlsplit(address)
    query = own.query if url.path in (own.path, own.path + "/") else ""
    return url._replace(query=query or url.query, fragment="").geturl()


def _links(response: Response, page: str) -> list[tuple[str, str, str]]:
    """Return rel, type and absolute address of what the headers and the HTML link to."""
    found = []
    for href, rest in _LINK.findall(response.header("link")[:10_000]):
        said = dict(re.findall(r"(\w+)=\"?([^\";,]+)", rest))
        found.append((said.get("rel", ""), said.get("type", ""), href))
    for node in parse(response.body[:_HEAD]).css("link[rel][href]")[:300]:
        rel, kind, href = (node.attributes.get(name) or "" for name in ("rel", "type", "href"))
        found.append((rel, kind, href))
    near = []
    for rel, kind, href in found:
        try:
            url = urljoin(page, href.strip()[:2_000])
        except ValueError:
            continue
        # A stranger's HTML must not send us to any other host.
        if url.startswith(("https://", "http://")) and host(url) in (host(page), HOSTED):
            near.append((rel.strip().lower(), kind.strip().lower(), url))
    return near


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query[:2_000])


def _home(root: str | None, feeds: list[str]) -> str | None:
    """Return the address of the site's start, where its links give it away."""
    if root is not None and "rest_route" in _query(root):
        return urlsplit(root)._replace(query="", fragment="").geturl().removesuffix("index.php")
    if root is not None and host(root) != HOSTED and (found := _REST_ROOT.match(root)):
        return found[1]
    for feed in feeds:
        if _path(feed).endswith("/comments/feed"):
            return feed.split("comments/feed")[0]
    return None


def _is_site(address: str, home: str | None) -> bool:
    if {"p", "page_id"} & _query(address).keys():
        return False
    return not _path(address) or (home is not None and _path(address) == _path(home))


def _comments(root: str | None, home: str | None, final: str) -> str | None:
    if root is None and host(final).endswith(".wordpress.com"):
        return f"https://{HOSTED}/wp/v2/sites/{host(final)}/comments"
    if root is None:
        # Some sites hide the link and leave the door open.
        return f"{home}wp-json/wp/v2/comments" if home else None
    route = _query(root).get("rest_route")
    if route:
        return root.split("?")[0] + f"?rest_route={route[0].rstrip('/')}/wp/v2/comments"
    return root.rstrip("/") + "/wp/v2/comments"


def _number(links: list[tuple[str, str, str]], body: bytes, address: str) -> int | None:
    for rel, kind, href in links:
        if rel == "alternate" and kind == "application/json":
            route = (_query(href).get("rest_route") or [urlsplit(href).path])[0]
            if found := _NUMBERED.search(route):
                return int(found[1])
    short = [href for rel, _, href in links if rel == "shortlink"]
    for href in (*short, address):
        for name in ("p", "page_id"):
            value = _query(href).get(name, [""])[0]
            if value.isdecimal() and len(value) < 19:
                return int(value)
    node = parse(body[:_HEAD]).body
    classes = (node.attributes.get("class") or "").split() if node is not None else []
    return next((int(found[1]) for name in classes if (found := _BODY_ID.match(name))), None)


def _is_site_feed(feed: str) -> bool:
    return _path(feed).endswith("/comments/feed") or "comments-rss2" in _query(feed).get("feed", [])


def _site_feed(home: str, root: str | None) -> str:
    if root is not None and "rest_route" in _query(root):
        return f"{home}?feed=comments-rss2"
    return f"{home.rstrip('/')}/comments/feed/"


def _article_feed(own: str, feeds: list[str]) -> str:
    asked = _query(own)
    numbers = [(name, asked[name]) for name in ("p", "page_id") if name in asked]
    for feed in feeds:
        if numbers and (numbers[0][0], _query(feed).get(numbers[0][0])) == numbers[0]:
            return feed
        if not numbers and _path(feed) == f"{_path(own)}/feed":
            return feed
    parts = urlsplit(own)
    if numbers:
        return parts._replace(query=f"{parts.query}&feed=rss2").geturl()
    return parts._replace(path=f"{parts.path.rstrip('/')}/feed/", query="").geturl()
