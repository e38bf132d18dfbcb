"""Threads saved to a file, as HTML or as text that somebody copied."""

from __future__ import annotations

import msgspec

from ingest.source import Reject, Response
from ingest.sources.file.encoding import decoded
from ingest.sources.file.reading import Reading
from ingest.sources.file.recipe import Batch, keep
from ingest.text import parse
from models.post import Post, identity


def read_thread(response: Response, reading: Reading, path: str) -> tuple[Batch, bool]:
    """Return the posts of a thread, and whether the file was in an old encoding."""
    from ingest.sources.thread_page.html import read_html
    from ingest.sources.thread_page.plain import read_plain

    text, foreign = decoded(response.body)
    # Where a saved thread came from is not a matter of its folder here.
    if text.lstrip()[:1] == "<":
        thread = read_html(text, _origin(text), response.at, reading.tz)
    else:
        thread = read_plain(text, "", response.at, reading.tz)
    if not thread.posts and not thread.rejects and not thread.open:
        message = "this holds no thread of comments, and no columns or JSON with posts either"
        remedy = "check that it is the right file, or say its format: jsonl, csv, x, json, thread"
        raise response.trouble(message, remedy)
    batch = Batch()
    ids = {post.external_id: _id(post) for post in thread.posts}
    for post in thread.posts:
        named = msgspec.structs.replace(
            post,
            external_id=ids[post.external_id],
            parent_id=ids.get(post.parent_id or "", post.parent_id),
            as_of=None,
        )
        keep(batch, named, reading)
    for reject in thread.rejects:
        batch.rejects.append(
            Reject(where=f"{path}, {reject.where}", reason=reject.reason, raw=reject.raw)
        )
    return batch, foreign


def _id(post: Post) -> str:
    """Return an id that no other file has: an anchor means nothing without its site."""
    if not post.external_id.startswith("#"):
        return post.external_id
    return identity(post.author, post.posted_at, post.text)


def _origin(html: str) -> str:
    """Return the address a saved HTML file gives as its own, or nothing."""
    link = parse(html).css_first('link[rel="canonical"]')
    address = (link.attributes.get("href") or "") if link is not None else ""
    return address if address.startswith(("https://", "http://")) else ""
