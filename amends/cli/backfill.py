"""`amends backfill`: one stretch of the past, from a source, from files or from stdin."""

from __future__ import annotations

import glob
import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from amends.backfill import Sofar
    from ingest.source import Source
    from models.incident import IncidentRow, Watch, WatchRow
    from models.store import Store


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("backfill")(backfill)


def backfill(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A source, or `file`.")],
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PLACE]...", help="An address; for `file` paths, globs or - for stdin."
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only from this time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Only before this time.")] = None,
    terms: Annotated[
        list[str] | None, typer.Option("--terms", help="Terms other than the incident's.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the source, NAME=VALUE.")
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option("--format", help="For `file`: auto, jsonl, csv, x, json or thread."),
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option("--map", help="For `file`: which column is what, as text=body,author=user."),
    ] = None,
    undated_as: Annotated[
        str | None, typer.Option(help="For `file`: the time of posts that have none.")
    ] = None,
    labels_by: Annotated[
        str | None, typer.Option(help="For `file`: take its labels column as this person's tags.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count and price it; store nothing.")
    ] = False,
    workers: Annotated[
        bool,
        typer.Option("--workers", help="Let workers do it (`amends worker`), and end at once."),
    ] = False,
    as_: Annotated[As, typer.Option("--as", help="How to print the result.")] = As.table,
) -> None:
    """
    Bring in a stretch of the past, stored and tagged. Cut short, the same command goes on from there.

    Example: amends backfill discs-late file posts.jsonl.gz --since 2026-03-03 --until 2026-03-06
    """
    from amends.cli.wanted import secrets_for
    from amends.wanted import settings_of, split_terms, watch_row
    from amends.when import moment
    from ingest.registry import find

    desk: Desk = context.obj
    now = desk.now()
    chosen = find(desk.sources, source)
    secrets_for(desk, chosen)
    given = settings_of(chosen, settings or ())
    with desk.open_store() as store:
        with store.read() as tx:
            row = tx.incidents.find(incident)
        if chosen.name == "file":
            stamp = undated_as and moment(undated_as, now, row.tz).isoformat()
            named = {"format": format_, "map": map_, "undated_as": stamp}
            given |= {name: value for name, value in named.items() if value}
            given.setdefault("tz", row.tz)
        rows = [
            watch_row(chosen, incident_id=row.id or 0, now=now, address=place,
                      terms=split_terms(terms) or row.terms, settings=given)
            for place in _places(chosen, places or [])
        ]  # fmt: skip
        for watch in rows:
            watch.once = True
            watch.since = None if since is None else moment(since, now, row.tz)
            watch.until = None if until is None else moment(until, now, row.tz)
        if dry_run:
            _estimate(desk, chosen, [watch.as_watch() for watch in rows], as_)
        elif workers:
            _hand_over(desk, store, rows, labels_by, as_)
        else:
            _bring(desk, row, chosen, rows, labels_by, as_)


def _places(source: Source, places: list[str]) -> list[str | None]:
    """Return the addresses to go through: files by their absolute path, globs spelled out."""
    from models.errors import SetupError

    if source.name != "file":
        if len(places) > 1:
            message = f"{source.name} takes one address at a time"
            raise SetupError(message, "run the command once for each")
        return [places[0] if places else None]
    found: list[str | None] = []
    for place in places:
        matches = sorted(glob.glob(place, recursive=True)) if glob.has_magic(place) else [place]
        if not matches:
            message = f"no file is called like {place}"
            raise SetupError(message, "check the folder and the pattern")
        found += [match if match == "-" else os.path.abspath(match) for match in matches]
    if not found:
        message = "which file?"
        raise SetupError(message, "name files, globs, or - for stdin")
    return list(dict.fromkeys(found))


def _estimate(desk: Desk, source: Source, watches: list[Watch], as_: As) -> None:
    from amends.backfill import dry_run

    lines = []
    with desk.open_asker() as asker:
        for watch in watches:
            found = dry_run(source, asker, watch, desk.now)
            for note in found.notes:
                desk.say(f"  {note}")
            lines.append({
                "source": source.name, "aim": watch.aim, "posts": found.posts,
                "requests": found.requests, "dollars": round(found.dollars, 2),
                "rejected": found.rejected,
            })  # fmt: skip
    show(tuple(lines[0]), lines, as_)
    desk.next("the same without --dry-run", "to bring them in")


def _hand_over(
    desk: Desk, store: Store, rows: list[WatchRow], labels_by: str | None, as_: As
) -> None:
    """Let workers bring the stretches."""
    from amends.backfill import begin
    from amends.cli.worker import put_backfills, refuse_without
    from models.errors import SetupError

    _check_person(labels_by)
    refuse_without(store)
    if any(wanted.address == "-" for wanted in rows):
        message = "workers can't read this command's standard input"
        raise SetupError(message, "name a file, or leave --workers out")
    watches = [begin(store, wanted, "backfilled", by=desk.me, now=desk.now())[0] for wanted in rows]
    put_backfills(desk, store, watches, labels_by)
    lines = [{"watch": watch.id, "source": watch.source, "aim": watch.aim} for watch in watches]
    show(("watch", "source", "aim"), lines, as_)
    desk.next("amends worker", "on as many machines as you like; a file is for workers of this one")


def _check_person(labels_by: str | None) -> None:
    from models.errors import SetupError

    if labels_by is not None and (not labels_by.strip() or ":" in labels_by):
        message = f"“{labels_by}” can't be a person's name here"
        raise SetupError(message, "use a plain name, such as --labels-by ana")


def _bring(
    desk: Desk,
    row: IncidentRow,
    source: Source,
    rows: list[WatchRow],
    labels_by: str | None,
    as_: As,
) -> None:
    from amends.ahead import seldom_look_for_garbage
    from amends.backfill import Stretch, backfill, begin
    from models.errors import AmendsError

    _check_person(labels_by)
    failed: list[AmendsError] = []
    lines = []
    with desk.open_store() as store, desk.open_asker() as asker:
        stretch = Stretch(
            store=store, source=source, asker=asker, classifier=desk.classifier, clock=desk.now,
            sleep=time.sleep, rejects=desk.home.rejects, labels_by=labels_by,
            labels=frozenset(label.name for label in desk.labels),
        )  # fmt: skip
        seldom_look_for_garbage()
        for wanted in rows:
            watch, _ = begin(store, wanted, "backfilled", by=desk.me, now=desk.now())
            try:
                line = _watched(desk, watch, backfill(stretch, watch))
            except AmendsError as error:
                # One file that can't be read doesn't keep the others out.
                failed.append(error)
                desk.say(
                    f"{watch.aim}: {error.message}" + f"\n  → {error.remedy}" * bool(error.remedy)
                )
                continue
            except KeyboardInterrupt:
                desk.say("\nstopped; what came in is kept")
                desk.next("the same command", "to go on from there")
                raise typer.Exit(1) from None
            lines.append(line)
    if lines:
        show(("aim", "posts", "new", "tagged", "rejected"), lines, as_)
        if any(line["rejected"] for line in lines):
            desk.say(f"what was rejected, and why, is in {desk.home.rejects}")
        desk.next(f"amends posts {row.slug}", "look at them")
    if failed:
        raise typer.Exit(max(error.exit_code for error in failed))


def _watched(desk: Desk, watch: Watch, steps: Iterator[Sofar]) -> dict[str, object]:
    """Show how far a backfill is, and return its last word as a row."""
    sofar = None
    notes = 0
    for sofar in _shown(watch.aim, steps):
        for note in sofar.notes[notes:]:
            desk.say(f"  {note}")
        notes = len(sofar.notes)
    said = sofar if sofar is not None else _nothing()
    if said.resumed:
        desk.say(f"  {watch.aim}: went on from where it was cut short")
    return {
        "source": watch.source, "aim": watch.aim, "answers": said.answers, "posts": said.posts,
        "new": said.new, "tagged": said.tagged, "rejected": said.rejected,
        "labelled": said.labelled,
    }  # fmt: skip


def _nothing() -> Sofar:
    from amends.backfill import Sofar

    return Sofar()


def _shown(aim: str, steps: Iterable[Sofar]) -> Iterator[Sofar]:
    """Pass the steps on; a bar on a terminal, else a plain line every few seconds."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        said = time.monotonic()
        for sofar in steps:
            if sofar.waiting or time.monotonic() - said > 3:
                said = time.monotonic()
                print(
                    sofar.waiting
                    or f"{sofar.posts:,} posts, {sofar.new:,} new, {sofar.tagged:,} tagged",
                    file=sys.stderr,
                    flush=True,
                )
            yield sofar
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(escape(os.path.basename(aim) or aim), total=None, said="")
        for sofar in steps:
            words = sofar.waiting or f"{sofar.posts:,} posts, {sofar.new:,} new"
            progress.update(
                task, completed=sofar.position or sofar.posts, total=sofar.size or None, said=words
            )
            yield sofar
