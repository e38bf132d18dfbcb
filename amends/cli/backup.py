"""`amends backup` and `amends restore`: the whole home in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.progress import progress
from amends.cli.show import As, show

if TYPE_CHECKING:
    from amends.archive import Manifest

COLUMNS = ("file", "made_at", "posts", "rows", "bytes")
FileOption = Annotated[
    Path, typer.Argument(metavar="FILE", help="The backup, such as /safe/amends.tar.zst.")
]
AsOption = Annotated[As, typer.Option("--as", help="How to print the result.")]


def add_to(app: typer.Typer) -> None:
    """Put both commands on the root."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    file: FileOption,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a backup of that name.")
    ] = False,
    as_: AsOption = As.table,
) -> None:
    """
    Keep all posts, labels, examples and the classifier in one file, while Amends runs.

    It is read back before it gets its name. Secrets stay out of it.

    Example: amends backup /safe/amends-monday.tar.zst
    """
    from amends.backup import back_up
    from amends.exported import note

    desk: Desk = context.obj
    with desk.open_store() as store, progress(desk) as tell:
        made = back_up(desk.home, store, file, replace=replace, now=desk.now(), tell=tell)
    note(desk.home, "backup", file, desk.now())
    line = _line(file, made.manifest) | {"bytes": made.size, "sha256": made.sha256}
    show(COLUMNS, [line], as_)
    desk.say("it holds people's posts, and an erasure only names it: delete it when it has served")
    desk.next(f"amends --home NEW restore {file}", "to see that it can be put back")


def restore(
    context: typer.Context,
    file: FileOption,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move the database that is there aside first.")
    ] = False,
    as_: AsOption = As.table,
) -> None:
    """
    Put a backup back, as everything was when it was made; stop `amends run` first.

    Nothing is changed before the whole file was looked through.

    Example: amends restore /safe/amends-monday.tar.zst --replace
    """
    from amends.restore import restore as put_back

    desk: Desk = context.obj
    with progress(desk) as tell:
        done = put_back(
            desk.home,
            desk.database_url,
            file,
            replace=replace,
            now=desk.now(),
            tell=tell,
            by=desk.me,
        )
    show(COLUMNS, [_line(file, done.manifest) | {"aside": list(done.aside)}], as_)
    for place in done.aside:
        desk.say(f"what was here lies in {place}; delete it when all is well, it holds posts too")
    if done.erased:
        desk.say(f"{done.erased:,} posts in it had been erased since; they were erased again")
    if not (desk.home.path / "secrets.env").exists():
        desk.say("secrets are in no backup: put secrets.env into the home again, or export them")
    if done.foreign:
        desk.say(
            f"audit.key is in no backup either: {done.foreign:,} rows of the audit trail are proved only "
            "from now on, until that of their home stands below the one in this home"
        )
    for fault in done.faults:
        desk.say(f"odd: {fault}")
    desk.next("amends doctor", "whether everything fits together")
    if done.faults:
        raise typer.Exit(1)


def _line(file: Path, manifest: Manifest) -> dict[str, object]:
    rows = manifest.facts.rows
    return {
        "file": str(file), "made_at": manifest.made_at, "posts": rows.get("post", 0),
        "rows": sum(rows.values()), "bytes": sum(part.size for part in manifest.parts),
        "versions": manifest.versions, "shape": manifest.facts.shape,
    }  # fmt: skip
