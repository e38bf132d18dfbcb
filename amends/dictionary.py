"""What an export holds: its tables, their columns, and what each of them means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from models.store import Transaction

Kind = Literal["text", "whole number", "number", "yes or no", "time", "list of texts"]


class Column(NamedTuple):
    """A column: its name, what kind of value it holds, and what that means."""

    name: str
    kind: Kind
    meaning: str


class Table(NamedTuple):
    """A table: its name, what a row is, its columns, and where its rows come from."""

    name: str
    row: str
    columns: tuple[Column, ...]
    rows: Callable[[Transaction, int], Iterator[Any]]


def value(row: Any, name: str) -> Any:
    """Return what a row has in a column; of the tags that hold only their names."""
    found = getattr(row, name)
    return sorted(found) if isinstance(found, dict) else found


_AUTHOR = (
    Column(
        "author", "text", "The handle or name of who wrote it; empty where the source tells none."
    ),
    Column("author_id", "text", "The source's own id of the author."),
    Column("author_followers", "whole number", "How many follow the author, as the source said."),
)

POSTS = Table(
    "posts", "One thing one person said in public.",
    (
        Column("id", "whole number", "The post's number here; the other tables name it `post_id`."),
        Column("source", "text", "Where it was said: x, wordpress, feed, …"),
        Column("external_id", "text", "The source's own id; with `source` it is unique."),
        Column("posted_at", "time", "When it was said; empty if that isn't known."),
        Column("first_seen", "time", "When Amends first saw it."),
        *_AUTHOR,
        Column("text", "text", "What it says, as it stood last."),
        Column("url", "text", "Where it can be read."),
        Column("kind", "text", "post, reply, quote or repost."),
        Column("parent_id", "text", "The `external_id` of what it answers."),
        Column("thread_id", "text", "The source's id of the thread it is in."),
        Column("origin_id", "text", "The `external_id` of what it repeats or quotes."),
        Column("lang", "text", "Its language, as the source said."),
        Column("likes", "whole number", "As the source said; likewise the next three."),
        Column("replies", "whole number", "Answers to it."),
        Column("reposts", "whole number", "How often it was passed on."),
        Column("views", "whole number", "How often it was shown."),
        Column("official", "yes or no", "Whether the company or the site's owner said it: no feedback."),
        Column("version", "whole number", "How often its author has changed it; 0 is never."),
        Column("near", "whole number", "Equal for posts with the same words."),
        Column("labels", "list of texts", "The labels that hold, by name; `tags` has more of each."),
    ),
    lambda tx, key: tx.exports.posts(key),
)  # fmt: skip

TAGS = Table(
    "tags", "A label put on a post or taken off, by the classifier or a person; all of them, in order.",
    (
        Column("id", "whole number", "Its number."),
        Column("post_id", "whole number", "The post."),
        Column("label", "text", "The label's name."),
        Column("put", "yes or no", "Whether it was put on; no: taken off."),
        Column("score", "number", "How sure, from 0 to 1; 1 when a person says so."),
        Column("by", "text", "`classifier:` and its fingerprint, or a person's name."),
        Column("at", "time", "When."),
        Column("holds", "yes or no", "Whether it is the one that counts for its post and label."),
        Column("copied_from", "whole number", "The post it was said of, for one that says the same."),
        Column("undone_at", "time", "When it was taken back; empty if it wasn't."),
    ),
    lambda tx, key: tx.exports.tags(key),
)  # fmt: skip

VERDICTS = Table(
    "verdicts", "What a person decided about a post.",
    (
        Column("id", "whole number", "Its number."),
        Column("post_id", "whole number", "The post."),
        Column("decision", "text", "reply, escalate, follow or dismiss."),
        Column("by", "text", "Who decided."),
        Column("note", "text", "Why, if they said so."),
        Column("url", "text", "Where a reply was sent."),
        Column("at", "time", "When."),
        Column("undone_at", "time", "When it was taken back; empty if it stands."),
    ),
    lambda tx, key: tx.exports.verdicts(key),
)  # fmt: skip

COVERAGE = Table(
    "coverage", "A stretch of time proved complete for a watch: what is missing there was not said.",
    (
        Column("id", "whole number", "Its number."),
        Column("watch_id", "whole number", "The watch."),
        Column("source", "text", "What the watch listens to."),
        Column("address", "text", "Where, for sources that have an address."),
        Column("terms", "list of texts", "For which terms."),
        Column("since", "time", "Where it begins, included."),
        Column("until", "time", "Where it ends, excluded."),
    ),
    lambda tx, key: tx.exports.coverage(key),
)  # fmt: skip

HOLES = Table(
    "holes", "A stretch of time a watch has still to read, or can't read any more.",
    (
        Column("id", "whole number", "Its number."),
        Column("watch_id", "whole number", "The watch."),
        Column("source", "text", "What the watch listens to."),
        Column("since", "time", "Where it begins, included."),
        Column("until", "time", "Where it ends, excluded."),
        Column("why", "text", "What made it."),
        Column("opened_at", "time", "Since when it is known."),
        Column("lost_at", "time", "When it was given up; empty while it may still be read."),
        Column("seconds", "whole number", "How much of a lost one is missing."),
    ),
    lambda tx, key: tx.exports.holes(key),
)  # fmt: skip

ACTS = Table(
    "acts", "What the company itself said or did in public, and drafts of it.",
    (
        Column("id", "whole number", "Its number."),
        Column("kind", "text", "apology, status_update, statement, mail_batch or credit_posted."),
        Column("text", "text", "What was said or done."),
        Column("url", "text", "Where it can be read."),
        Column("by", "text", "Who wrote it."),
        Column("at", "time", "When it went out; empty for a draft."),
        Column("recorded_at", "time", "When it was written down."),
        Column("version", "whole number", "How often a draft was changed."),
        Column("approved_by", "text", "The second person who let a draft go out."),
        Column("approved_at", "time", "When they did."),
    ),
    lambda tx, key: iter(tx.acts.of(key)),
)  # fmt: skip

CAMPAIGNS = Table(
    "campaigns", "A credit the company offered.",
    (
        Column("id", "whole number", "Its number."),
        Column("offered", "text", "What: 3 %, 24 cents; Streaming: $5."),
        Column("how", "text", "automatic, link, form or call."),
        Column("text", "text", "What customers were told."),
        Column("who", "text", "Who is eligible."),
        Column("announced_at", "time", "When it was announced."),
        Column("opens_at", "time", "When claims opened, if not with the first mail."),
        Column("mailed", "list of texts", "Batches of mails: when, and how many if that is known."),
        Column("days", "whole number", "Local days to claim, after the day of the last mail."),
        Column("once", "yes or no", "Whether it can be claimed once only."),
        Column("bill_by", "text", "The last local day by which it shows on the bill."),
        Column("by", "text", "Who wrote it down."),
        Column("recorded_at", "time", "When."),
        Column("version", "whole number", "How often it was changed."),
    ),
    lambda tx, key: iter(tx.campaigns.of(key)),
)  # fmt: skip

ALARMS = Table(
    "alarms", "Voices with a label rose beyond what is usual, or a watch went blind.",
    (
        Column("id", "whole number", "Its number."),
        Column("kind", "text", "rise or blind."),
        Column("subject", "text", "The label, or `watch:` and its number."),
        Column("since", "time", "Since when, as far as can be told."),
        Column("opened_at", "time", "When it became an alarm."),
        Column("why", "text", "Why, with the figures of that moment."),
        Column("peak", "number", "At its height, how many times the usual; empty for blindness."),
        Column("peak_voices", "whole number", "Voices in the hour up to then."),
        Column("peak_at", "time", "When that was."),
        Column("ended_at", "time", "When it was over; empty while it goes on."),
        Column("acked_by", "text", "Who said first that they look after it."),
        Column("acked_at", "time", "When."),
    ),
    lambda tx, key: reversed(tx.alarms.of(key)),
)  # fmt: skip

TABLES = (POSTS, TAGS, VERDICTS, COVERAGE, HOLES, ACTS, CAMPAIGNS, ALARMS)


def readme(title: str, made_at: str, counts: dict[str, int], *, parquet: bool) -> str:
    """Return the data dictionary of an export, in Markdown."""
    forms = "CSV and Parquet" if parquet else "CSV"
    lines = [
        f"# {title}", "",
        f"All that Amends keeps of this incident, as it stood at {made_at}, in {forms}.", "",
        "Times are UTC, as 2026-03-04T12:00:00Z. In CSV an empty cell is a value that isn't known, a list",
        "is JSON, and a text that a spreadsheet would take for a formula has a ' in front; Parquet has",
        "the texts as they are. `manifest.json` counts the rows and has a SHA-256 of every file.", "",
        "It holds what people said, with their names: keep it as long as it serves, and no longer.",
    ]  # fmt: skip
    for table in TABLES:
        lines += ["", f"## {table.name} ({counts[table.name]:,})", "", table.row, ""]
        lines += ["| column | holds | meaning |", "|---|---|---|"]
        lines += [f"| {name} | {kind} | {meaning} |" for name, kind, meaning in table.columns]
    return "\n".join(lines) + "\n"
