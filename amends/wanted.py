"""From what a person says to a watch: the rules that commands and board share, and the preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

from models.errors import SetupError

if TYPE_CHECKING:
    from ingest.source import Source
    from ingest.walk import Asker
    from models.incident import Watch, WatchRow
    from models.post import Post

SHOWN = 3
"""Posts in a preview, and answers asked for them at most."""


def split_terms(terms: Iterable[str] | None) -> list[str]:
    """Return terms given one by one or with commas between, each once."""
    parts = (part.strip() for term in terms or () for part in term.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def settings_of(source: Source, pairs: Sequence[str]) -> dict[str, str]:
    """Return the settings given as NAME=VALUE, if the source has them."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, is_pair, value = pair.partition("=")
        if not is_pair or name not in source.settings:
            close = get_close_matches(name, source.settings, n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            known = ", ".join(f"{known}=…" for known in source.settings) or "no settings"
            message = f"{source.name} has no setting “{pair}”"
            raise SetupError(message, f"{hint}it has {known}")
        found[name] = value
    return found


def watch_row(
    source: Source,
    *,
    incident_id: int,
    now: datetime,
    address: str | None,
    terms: Sequence[str],
    settings: dict[str, str],
) -> WatchRow:
    """Return the watch those words mean; SetupError says what is missing."""
    from ingest.http import address as web_address
    from ingest.robots_txt import ignored
    from models.incident import WatchRow

    if "address" in source.takes:
        if not address:
            message = f"{source.name} needs an address"
            raise SetupError(message, "give it after the source's name")
        address = address if source.name == "file" else web_address(address)
    elif address:
        message = f"{source.name} listens for terms, not at an address"
        raise SetupError(message, "use --terms, or the incident's own")
    if "terms" in source.takes and not terms:
        message = f"{source.name} needs terms to listen for"
        raise SetupError(message, "use --terms, or `amends incident edit INCIDENT --terms …`")
    row = WatchRow(
        incident_id=incident_id, key="", source=source.name, address=address,
        terms=list(terms) if "terms" in source.takes else [], settings=settings, created_at=now,
    )  # fmt: skip
    ignored(row.as_watch())
    if source.name != "file":
        # A source says at once whether it can ask for this: a query too long, an odd setting.
        source.ask(row.as_watch(), now)
    return row


def preview(
    source: Source, watch: Watch, asker: Asker, clock: Callable[[], datetime]
) -> list[Post]:
    """Ask the source and return its first three posts; keeps nothing. SourceError if it won't say."""
    from ingest.walk import walk

    for outcome in walk(watch, source, asker, clock, most=SHOWN):
        if outcome.answer is None:
            raise outcome.error or AssertionError
        if outcome.answer.posts:
            return list(outcome.answer.posts[:SHOWN])
    return []


def limited(
    row: WatchRow,
    source: Source,
    *,
    canary: str | None,
    requests_a_day: int | None,
    reads_a_day: int | None,
) -> dict[str, str | int]:
    """
    Put a canary and a day's budget on a watch, and return what changed, for the record.

    None leaves things as they are; an empty canary, or a budget of 0, takes it away. SetupError where
    the source has no terms to try, or charges for no post.
    """
    if canary and "terms" not in source.takes:
        message = f"{source.name} listens at an address, so there is no term to try it with"
        raise SetupError(message, "leave the canary out")
    if reads_a_day and not source.price.per_post:
        message = f"{source.name} charges nothing for a post"
        raise SetupError(message, "limit its requests instead: --requests-a-day")
    changes: dict[str, str | int] = {}
    if canary is not None:
        row.canary, row.canary_at, row.mute_since = canary.strip() or None, None, None
        changes["canary"] = canary
    if requests_a_day is not None:
        row.requests_a_day = requests_a_day or None
        changes["requests a day"] = requests_a_day
    if reads_a_day is not None:
        row.reads_a_day = reads_a_day or None
        changes["paid reads a day"] = reads_a_day
    return changes
