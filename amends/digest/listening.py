"""How a sheet says how well one watch listened: its state, what it heard, what is missing."""

from __future__ import annotations

from datetime import datetime

from amends.digest.value import Digest, Listening, Missing
from amends.digest.words import clock, moment, several, stretch

MOST = 8
"""Missing stretches that are named one by one."""


def told(digest: Digest, one: Listening) -> str:
    """Return the line of a watch."""
    posts = several(one.posts, "post", "posts")
    name = f"{one.source} ({one.aim})"
    if one.backfilled:
        return f"{name}: {posts} backfilled; whether that is all of them isn't known."
    parts = [f"at least {posts}" if one.missing else posts, _complete(digest, one)]
    if one.state is not None and one.since is not None:
        parts.insert(0, f"{one.state} since {_when(digest, one.since)}")
    line = f"{name}: {', '.join(filter(None, parts))}."
    return " ".join(filter(None, [line, _why(digest, one)]))


def _complete(digest: Digest, one: Listening) -> str:
    if one.share is None:
        return "no part of this day to listen to yet"
    if not one.missing:
        # Whoever is blind can't know; a watch that is behind may be so with other days.
        return {"blind": "", "capped": "complete for this day"}.get(one.state or "", "complete")
    rest = len(one.missing) - MOST
    more = f"; and {several(rest, 'stretch', 'stretches')} more" if rest > 0 else ""
    # Rounding must not make a hole vanish.
    return f"{int(one.share * 1000) / 10:.1f} % complete; missing {_gaps(digest, one)}{more}"


def _gaps(digest: Digest, one: Listening) -> str:
    groups: dict[str, list[str]] = {}
    for part in one.missing[:MOST]:
        groups.setdefault(_fate(part), []).append(stretch(part.span, digest.incident.tz))
    return "; ".join(", ".join(parts) + fate for fate, parts in groups.items())


def _fate(part: Missing) -> str:
    if part.fate == "lost":
        return f" (lost: {part.why})" if part.why else " (lost)"
    return {"sampled": " (only a sample was read)", "unread": " (still to be read)"}.get(
        part.fate, ""
    )


def _why(digest: Digest, one: Listening) -> str:
    """Say what ails a watch, unless its state or what is missing has said it."""
    if one.state is None and one.paused_since is not None:
        return f"Paused since {_when(digest, one.paused_since)}."
    if one.state in {"live", "quiet", "paused"}:
        return ""
    if one.state == "capped" and one.trouble is None:
        coming = any(part.fate == "unread" for part in one.missing)
        return "" if coming else "Older posts are still to be read."
    trouble = one.why if one.state else one.trouble
    return f"Trouble: {trouble}" if trouble else ""


def _when(digest: Digest, at: datetime) -> str:
    today = digest.window.since <= at < digest.window.until
    return (clock if today else moment)(at, digest.incident.tz)
