"""`amends erase`: what somebody wrote goes, to the byte, and doesn't come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from amends.erase import Done, Place, Plan
    from models.store.erasure import Whose

COLUMNS = ("what", "count")
SHOWN = 20
"""Numbers of posts told one by one."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("erase")(erase)


def erase(
    context: typer.Context,
    author: Annotated[
        str | None, typer.Option(metavar="SOURCE:NAME", help="All posts of an author there.")
    ] = None,
    post: Annotated[int | None, typer.Option(metavar="N", help="One post, by its number.")] = None,
    source: Annotated[str | None, typer.Option(help="All posts of a source.")] = None,
    incident: Annotated[str | None, typer.Option(help="All posts an incident has seen.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Really erase; else only say what would go.")
    ] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Give up tombstones whose key is lost for good.")
    ] = False,
    as_: Annotated[As, typer.Option("--as", help="How to print what went.")] = As.table,
) -> None:
    """
    Erase posts and all that quotes them from database and home; they never come in again.

    Several options narrow it down together. Cut short, the same command goes on. Exit 1 if something is left to do.

    Example: amends erase --author x:cleo --yes
    """
    from amends.erase import erase as take
    from amends.erase import planned
    from amends.erase.refitting import refit_if_bereft

    desk: Desk = context.obj
    if new_key:
        _give_up(desk, yes=yes)
    with desk.open_store() as store:
        place = desk.place(store)
        whose = _whose(desk, place, author, post, source, incident)
        if whose is None:
            return
        if not yes:
            plan = planned(place, whose)
            show(COLUMNS, _planned(plan), as_)
            _warn(desk, plan)
            desk.next("the same command with --yes", "erase it for good")
            return
        done = take(place, whose, "asked", desk.now(), by=desk.me)
        refitted = refit_if_bereft(place, desk.now())
    show(COLUMNS, _done(done), as_)
    if refitted:
        desk.say(f"classifier {refitted} was trained without what was erased, and is in use")
    _warn(desk, done)
    if not done.clean:
        desk.say("somebody still reads the database, so its log has traces: run the same again")
    if done.held or not done.clean:
        raise typer.Exit(1)


def _whose(
    desk: Desk, place: Place, author: str | None, post: int | None, source: str | None,
    incident: str | None,
) -> Whose | None:  # fmt: skip
    from models.errors import SetupError
    from models.store.erasure import Whose

    if author is None and post is None and source is None and incident is None:
        if desk.home.erasing.exists():
            message = "an erasure was cut short here, and which one isn't written down"
            raise SetupError(message, "run it again with the same options")
        message = "nothing says what to erase"
        raise SetupError(message, "add --author SOURCE:NAME, --post N, --source or --incident")
    incident_id = None
    if incident is not None:
        with place.store.read() as tx:
            incident_id = tx.incidents.find(incident).id
    return Whose(
        author=None if author is None else author_of(author), post=post, source=source,
        incident_id=incident_id,
        authors=post is None and incident is None and (author is not None or source is not None),
    )  # fmt: skip


def author_of(said: str) -> tuple[str, str]:
    """Return source and name from SOURCE:NAME; SetupError if it isn't that."""
    from models.errors import SetupError

    source, is_pair, name = said.partition(":")
    if not (is_pair and source.strip() and name.strip().removeprefix("@")):
        message = f"“{said}” is no SOURCE:NAME"
        raise SetupError(message, "write it as x:cleo")
    return source.strip(), name.strip()


def _give_up(desk: Desk, *, yes: bool) -> None:
    from models.marks import made_marks

    question = "Whatever was erased with the lost key can come back. Go on?"
    if desk.agrees(question, yes=yes):
        marks = made_marks(desk.home.erasure_key)
        with desk.open_store() as store, store.begin() as tx:
            tx.tombstones.forget_other_keys(marks)


def _planned(plan: Plan) -> list[dict[str, Any]]:
    """Return what would go, a line for each kind."""
    lines = [("posts", plan.posts), ("held, so they stay", plan.held)]
    lines += [(f"rows of {table}", count) for table, count in sorted(plan.rows.items())]
    lines += [(f"texts of {table} that quote it", count) for table, count in plan.texts.items()]
    lines += [(f"posts in {path}", count) for path, count in plan.aside.items()]
    lines += [("rejected lines", plan.rejects), ("examples", plan.examples),
              ("classifiers", len(plan.classifiers)), ("files in the home", len(plan.inside))]  # fmt: skip
    return _counted(lines)


def _done(done: Done) -> list[dict[str, Any]]:
    """Return what went, a line for each kind."""
    return _counted([
        ("posts", done.posts), ("held, so they stay", done.held),
        ("texts that quoted it", done.texts), ("rejected lines", done.rejects),
        ("examples", done.examples), ("classifiers", len(done.classifiers)),
        ("files in the home", len(done.deleted)),
    ])  # fmt: skip


def _counted(lines: list[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"what": what, "count": count} for what, count in lines if count or what == "posts"]


def _warn(desk: Desk, found: Plan | Done) -> None:
    for path in found.outside:
        desk.say(f"out of reach, and may hold it: {path}; delete it, or write down why it stays")
    if found.naming:
        some = ", ".join(map(str, found.naming[:SHOWN]))
        more = ", …" if len(found.naming) > SHOWN else ""
        desk.say(
            f"{len(found.naming):,} posts of others name them: {some}{more}; --post N erases one"
        )
    for place in sorted(found.named):
        desk.say(f"names it, and is never changed by itself: {place}")
    if found.held:
        desk.say(f"{found.held:,} posts are held: amends retention show")
