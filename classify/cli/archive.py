"""Scoring archives that are larger than a machine."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from classify.cli.desk import SHOWN, As, AsOption, Desk

if TYPE_CHECKING:
    from classify.archive.job import Job
    from classify.archive.keep import Note
    from classify.archive.place import Place

_SECONDS = 5
"""How often it is told how far it is."""


def archive(
    context: typer.Context,
    src: Annotated[
        str, typer.Argument(metavar="SRC", help="A folder or fsspec address: JSON Lines, Parquet.")
    ],
    dest: Annotated[
        str, typer.Argument(metavar="DEST", help="Where the scores go: Parquet by day and label.")
    ],
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="A Dask scheduler; else workers on this machine."),
    ] = None,
    workers: Annotated[
        int,
        typer.Option("--workers", min=0, max=512, help="Worker processes here; 0 is one a core."),
    ] = 0,
    piece_mb: Annotated[
        int, typer.Option("--piece-mb", min=1, max=1024, help="How large a piece is cut.")
    ] = 16,
    as_: AsOption = As.table,
) -> None:
    """
    Score folders of posts of any size, piece by piece; run it again and it does what is missing.

    Needs the extra `amends[dask]`. Days are UTC. A post has a row for each of its labels, or one under
    label=none. Exit 1 if something couldn't be read.

    Example: amends classify archive ~/posts ~/scored --workers 8
    """
    from classify.archive.place import Place, installed

    installed()
    from classify.archive.crew import crew, spread
    from classify.archive.job import prepare

    desk: Desk = context.obj
    target = Place(dest)
    job = prepare(
        Place(src), target, desk.classifier, piece_bytes=piece_mb * 1024 * 1024, now=desk.now()
    )
    notes, many = job.notes, len(job.plan.pieces)
    _begin(desk, job)
    said = time.monotonic()

    def tell(note: Note) -> None:
        nonlocal said
        notes[note.piece.id] = note
        if time.monotonic() - said > _SECONDS:
            said = time.monotonic()
            posts = sum(one.posts for one in notes.values())
            desk.say(f"{len(notes):,} of {many:,} pieces, {posts:,} posts …")

    if job.missing:
        try:
            with crew(scheduler, workers or os.cpu_count() or 1) as client:
                failed, again = spread(client, job.work, job.missing, tell)
        except KeyboardInterrupt:
            desk.say(f"stopped at {len(notes):,} of {many:,} pieces")
            desk.next(f"amends classify archive {src} {dest}", "to do the rest")
            raise typer.Exit(1) from None
        if again:
            desk.say(
                f"{again:,} tries were in vain, and made again: a worker died, or a read failed"
            )
        for piece, why in failed[:SHOWN]:
            desk.say(f"{piece.file}, from {piece.start:,}: not scored: {why}")
    _end(desk, target, list(notes.values()), as_)
    left, unreadable = len(job.missing), len(job.plan.unreadable)
    if left or unreadable:
        desk.say(f"{left:,} pieces and {unreadable:,} files are missing")
        desk.next(f"amends classify archive {src} {dest}", "to try those again")
        raise typer.Exit(1)


def _begin(desk: Desk, job: Job) -> None:
    for file, why in job.plan.unreadable[:SHOWN]:
        desk.say(f"{file}: left out: {why}")
    if job.plan.others:
        desk.say(f"{job.plan.others:,} files are neither JSON Lines nor Parquet, and left alone")
    if job.notes:
        desk.say(f"{len(job.notes):,} of {len(job.plan.pieces):,} pieces are done already")


def _end(desk: Desk, target: Place, notes: list[Note], as_: As) -> None:
    import msgspec

    from classify.archive import keep

    put: Counter[str] = Counter()
    for note in notes:
        put.update(note.put)
    bad = keep.rejected(notes)
    target.write(keep.REJECTED, b"".join(
        msgspec.json.encode({"file": file, "line": line, "why": why}) + b"\n" for file, line, why in bad
    ))  # fmt: skip
    for file, line, why in bad[:SHOWN]:
        desk.say(f"{file}, line {line:,}: left out: {why}")
    rows = ({"label": label, "posts": many} for label, many in put.most_common())
    desk.show(("label", "posts"), rows, as_)
    posts, rejected, undated, unread = (
        sum(getattr(note, name) for note in notes)
        for name in ("posts", "rejected", "undated", "unsupported")
    )
    desk.say(f"{posts:,} posts scored in {len(notes):,} pieces; {rejected:,} lines left out, {undated:,} "
             f"posts undated, {unread:,} in a language it doesn't know")  # fmt: skip
