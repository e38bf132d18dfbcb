# ruff: noqa: D102 - what each way does stands in `Body`
"""XML and HTML, spoilt: the same faults, as near as markup comes to them."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from tests.ingest.faults.body import APART, BEYOND, DEEP, DIGITS, LONG, MANY, dated
from tests.ingest.faults.good import Good

_ITEM = re.compile(rb"<(item|entry)\b.*?</\1>", re.DOTALL)
_INNER = re.compile(rb"(<(?:rss|feed)\b[^>]*>).*(</(?:rss|feed)>)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{4,}")


class _Marked:
    """Markup in which a post is known by the number its id ends in."""

    def __init__(self, good: Good) -> None:
        self._body = good.body
        self._posts = good.posts
        self._numbers = [_number(post.external_id) for post in good.posts]
        self._number = self._numbers[0] if self._numbers else b""
        self._block = self._find() if self._numbers else b""
        self.first = frozenset(post.external_id for post in good.posts[:1])

    def _find(self) -> bytes:
        """Return the markup of the first post."""
        raise NotImplementedError

    def _changed(self, block: bytes) -> bytes:
        return self._body.replace(self._block, block, 1)

    def _in_text(self, raw: bytes) -> bytes:
        word = next(
            word.encode()
            for word in _WORD.findall(self._posts[0].text)
            if word.encode() in self._block
        )
        return self._changed(self._block.replace(word, word + raw))

    def insert(self, words: str) -> bytes:
        return self._in_text(f" {words} ".encode())

    def nan(self) -> bytes:
        return self._changed(self._block.replace(self._number, b"NaN"))

    def long_number(self) -> bytes:
        return self._changed(self._block.replace(self._number, DIGITS.encode()))

    def half_a_pair(self) -> bytes:
        return self._in_text(b"&#xD83D;")

    def nul(self) -> bytes:
        return self._in_text(b"\0")

    def beyond_64_bits(self) -> bytes:
        return self._changed(self._block.replace(self._number, str(BEYOND).encode()))

    def dated(self) -> bytes:
        return dated(self._body)

    def long_text(self) -> bytes:
        return self._in_text(f" {LONG}".encode())

    def many(self) -> bytes:
        others = (
            self._block.replace(self._number, b"%d" % (int(self._number) + number * APART))
            for number in range(1, MANY + 1)
        )
        return self._changed(b"".join(others) + self._block)


class XmlBody(_Marked):
    """A feed."""

    def _find(self) -> bytes:
        found = (item[0] for item in _ITEM.finditer(self._body))
        return next(item for item in found if self._number in item)

    def _at_end(self, raw: bytes) -> bytes:
        end = self._block.rindex(b"</")
        return self._changed(self._block[:end] + raw + self._block[end:])

    def nested(self) -> bytes:
        deep = b"<deep>" * DEEP + b"</deep>" * DEEP
        return self._at_end(deep) if self._posts else self._body.replace(b"</channel>", deep)

    def doubled(self) -> bytes:
        start, end = self._block.index(b">") + 1, self._block.rindex(b"</")
        wrong = b"<guid>said-first</guid><description>said first</description>"
        inner = self._block[start:end]
        return self._changed(self._block[:start] + wrong + inner + self._block[end:])

    def half_a_pair(self) -> bytes:
        return self._at_end(b"<category>&#xD83D;</category>")

    def without_data(self) -> bytes:
        return _INNER.sub(rb"\1\2", self._body)

    def with_error(self) -> bytes:
        error = b"<error>one of them could not be found</error><item></item>"
        return self._changed(self._block + error)

    def another_kind(self) -> bytes:
        return b'<?xml version="1.0"?><opml version="2.0"><head/><body/></opml>'

    def emptied(self) -> bytes:
        onward = b'<link rel="next" href="https://blog.example/feed/?paged=2"/>'
        return _ITEM.sub(b"", self._changed(onward + self._block))

    def out_of_order(self) -> bytes:
        items = [item[0] for item in _ITEM.finditer(self._body)]
        turned = iter(reversed(items))
        return _ITEM.sub(lambda _: next(turned), self._body)


class HtmlBody(_Marked):
    """A page for people: each comment's outermost tag has an id that ends in its number."""

    def _find(self) -> bytes:
        start = self._start(self._numbers[0])
        end = self._start(self._numbers[1]) if len(self._numbers) > 1 else len(self._body)
        return self._body[start:end]

    def _start(self, number: bytes) -> int:
        tag = re.search(rb"<\w+[^<>]*\bid=[\"'][^\"'<>]*" + number + rb"[\"']", self._body)
        assert tag, "a comment of the recorded page has no id of its own"
        return tag.start()

    def nested(self) -> bytes:
        deep = b"<div>" * DEEP + b"</div>" * DEEP
        return self._in_text(deep) if self._posts else self._body.replace(b"</body>", deep)

    def doubled(self) -> bytes:
        own = rb"(\bid=[\"'][^\"'<>]*" + self._number + rb"[\"'])"
        return self._changed(re.sub(own, rb'\1 id="said-first"', self._block))

    def without_data(self) -> bytes:
        return self._body[: self._body.index(self._block)] + b"</body></html>"

    def with_error(self) -> bytes:
        error = b'<div class="error" role="alert">One of them could not be loaded.</div>'
        return self._changed(self._block + error)

    def another_kind(self) -> bytes:
        return b"<!doctype html><html><head><title></title></head><body></body></html>"

    def emptied(self) -> bytes:
        document = LexborHTMLParser(self._body)
        for number in self._numbers:
            while (node := document.css_first(f'[id$="{number.decode()}"]')) is not None:
                node.decompose()
        return (document.html or "").encode()

    def out_of_order(self) -> bytes:
        first, last = self._numbers[0], self._numbers[-1]
        swapped = self._body.replace(first, b"@first@").replace(last, first)
        return swapped.replace(b"@first@", last)


def _number(external_id: str) -> bytes:
    found = re.search(r"\d+$", external_id)
    return found[0].encode() if found else external_id.encode()
