"""`amends try`: ten posts, tagged, with reasons; nothing stored."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.source import Source
    from models.incident import Watch
    from models.post import Post

COLUMNS = ("author", "text", "labels", "because")
TEN = 10


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("try")(try_)


def try_(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="SOURCE|FILE", help="A source, a file, or a web address.")
    ],
    address: Annotated[
        str | None, typer.Argument(help="The address, for sources that have one.")
    ] = None,
    terms: Annotated[list[str] | None, typer.Option("--terms", help="What to listen for.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the source, NAME=VALUE.")
    ] = None,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    Show ten posts of a source or a file, tagged, with the words that made each tag. Stores nothing.

    Example: amends try https://blog.example/2026/03/outage/
    """
    from amends.cli.wanted import secrets_for
    from amends.wanted import settings_of, split_terms, watch_row
    from classify.explain import explain

    desk: Desk = context.obj
    source, place = _meant(desk, what, address)
    secrets_for(desk, source)
    row = watch_row(source, incident_id=0, now=desk.now(), address=place, terms=split_terms(terms),
                    settings=settings_of(source, settings or ()))  # fmt: skip
    found = list(islice(_posts(desk, source, row.as_watch()), TEN))
    classifier = desk.classifier
    tags, _ = classifier.tag([(number, post.text) for number, post in enumerate(found)])
    lines = []
    for number, post in enumerate(found):
        said = {tag.label: round(tag.score, 3) for tag in tags if tag.post_id == number}
        because = {label: explain(classifier, post.text, label).because() for label in said}
        lines.append({
            "source": post.source, "external_id": post.external_id, "author": post.author,
            "text": post.text, "labels": said,
            "because": "; ".join(f"{label}: {', '.join(words)}" for label, words in because.items()),
        })  # fmt: skip
    show(COLUMNS, lines, as_)
    desk.say(f"{len(lines)} posts shown, nothing stored")
    desk.next('amends incident open "TITLE" --company NAME', "to begin in earnest")


def _meant(desk: Desk, what: str, address: str | None) -> tuple[Source, str | None]:
    """Return the source a person means: by name, by a file that is there, or by a web address."""
    from ingest.registry import find

    if what in desk.sources:
        place = address
        if what == "file" and address not in (None, "-"):
            place = os.path.abspath(str(address))
        return desk.sources[what], place
    if what == "-" or os.path.exists(what):
        return desk.sources["file"], what if what == "-" else os.path.abspath(what)
    if "://" in what:
        return desk.sources["thread_page"], what
    return find(desk.sources, what), address


def _posts(desk: Desk, source: Source, watch: Watch) -> Iterator[Post]:
    from ingest.walk import walk

    with desk.open_asker() as asker:
        for outcome in walk(watch, source, asker, desk.now, most=5):
            if outcome.answer is None:
                raise outcome.error or AssertionError
            for note in outcome.answer.notes:
                desk.say(f"  {note}")
            for reject in outcome.answer.rejects[:3]:
                desk.say(f"  left out {reject.where}: {reject.reason}")
            yield from outcome.answer.posts
