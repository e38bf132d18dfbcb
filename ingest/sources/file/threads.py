"""Threads saved to a file, as HTML or as text that somebody copied."""

from __future__ import annotations

import msgspec

from ingest.source import Reject, Response
from ingest.sources.file.encoding import decoded
from ingest.sources.file.reading import Reading
from ingest.sources.file.recipe import Batch, keep
from ingest.text import parse


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
    for post in thread.posts:
        keep(batch, msgspec.structs.replace(post, as_of=None), reading)
    for reject in thread.rejects:
        batch.rejects.append(
            Reject(where=f"{path}, {reject.where}", reason=reject.reason, raw=reject.raw)
        )
    return batch, foreign


def _origin(html: str) -> str:
    """Return the address a saved HTML file gives as its own, or nothing."""
    link = parse(html).css_first('link[rel="canonical"]')
    address = (link.attributes.get("href") or "") if link is not None else ""
    return address if address.startswith(("https://", "http://")) else ""
