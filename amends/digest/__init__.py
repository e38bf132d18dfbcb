"""
The digest: one local day of one incident on one sheet.

    with store.read() as tx:
        facts = snapshot(tx, incident, day, now, labels)     # everything read, at one moment
    digest = build(facts)                                    # a pure value
    as_markdown(digest), as_html(digest), as_text(digest), as_json(digest)

The same snapshot gives the same bytes.
"""

from __future__ import annotations

from amends.digest.build import build
from amends.digest.html import as_html
from amends.digest.json import as_json
from amends.digest.markdown import as_markdown
from amends.digest.snapshot import LabelStyle, Snapshot, latest_day, snapshot
from amends.digest.text import as_text
from amends.digest.value import Digest

__all__ = [
    "Digest",
    "LabelStyle",
    "Snapshot",
    "as_html",
    "as_json",
    "as_markdown",
    "as_text",
    "build",
    "latest_day",
    "snapshot",
]
