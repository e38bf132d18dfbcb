"""`amends user`: who may log in, with what role, and programs' tokens. A secret is printed once, on stdout."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As

if TYPE_CHECKING:
    from models.person import PersonRow

app = typer.Typer(
    help="Say who may log in to the board.", no_args_is_help=True, rich_markup_mode=None
)
token_app = typer.Typer(
    help="Let programs in, as somebody.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(token_app, name="token")

COLUMNS = ("id", "name", "role", "password", "disabled")
TOKEN_COLUMNS = ("id", "name", "title", "start", "scope", "until", "used", "revoked")
URL = "http://127.0.0.1:8323"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's name.")]
Url = Annotated[str | None, typer.Option(help="Where the board is reached (or AMENDS_URL).")]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, agent, lead or admin.")] = "agent",
    url: Url = None,
) -> None:
    """
    Add somebody, and print a link that lets them set a password, once.

    Example: amends user add ana --role admin --url https://board.example
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        first = not tx.people.anybody()
        person = tx.people.add(name, role, now)
        secret = tx.people.invite(person, now)
        tx.audit.note("added", f"person:{person.id}", by=desk.me, now=now, detail={"role": role})
    _link(desk, person, secret, url)
    if first and role != "admin":
        desk.next("amends user add NAME --role admin", "somebody has to look after the people")
    elif first:
        desk.next("amends board", "it asks for a login from now on")


@app.command()
def passwd(
    context: typer.Context,
    name: Name,
    url: Url = None,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Type the password here, unseen, instead of a link.")
    ] = False,
) -> None:
    """
    Print a link that lets somebody set a new password, once; the old one holds until then.

    Example: amends user passwd ana
    """
    desk: Desk = context.obj
    now = desk.now()
    if prompt:
        _prompted(desk, name)
        return
    with desk.open_store() as store, store.begin() as tx:
        person = tx.people.named(name)
        secret = tx.people.invite(person, now)
        tx.audit.note("invited", f"person:{person.id}", by=desk.me, now=now)
    _link(desk, person, secret, url)


def _prompted(desk: Desk, name: str) -> None:
    from amends.board.password import hashed, weak
    from models.errors import SetupError

    with desk.open_store() as store:
        with store.read() as tx:
            known = tx.people.named(name).name
        if not desk.on_terminal:
            message = "a password is typed on a terminal"
            raise SetupError(message, f"leave --prompt out: amends user passwd {known}")
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        wrong = weak(password, known)
        if wrong:
            raise SetupError(wrong, "nothing was changed")
        kept = hashed(password)
        with store.begin() as tx:
            person = tx.people.named(known)
            tx.people.set_password(person, kept)
            about = f"person:{person.id}"
            tx.audit.note("set a password", about, by=desk.me, now=desk.now())
    desk.say(f"{known} has a new password, and is logged out everywhere")


@app.command()
def role(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, agent, lead or admin.")],
) -> None:
    """
    Give somebody another role; they have to log in again.

    Example: amends user role ana lead
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        person = tx.people.named(name)
        before = person.role
        tx.people.set_role(person, role)
        detail = {"from": before, "to": role}
        about = f"person:{person.id}"
        tx.audit.note("changed role", about, by=desk.me, now=desk.now(), detail=detail)
    desk.say(f"{person.name} is {person.role}")


@app.command()
def disable(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """
    Let somebody in no more: sessions, tokens and links end at once. What they did stays theirs.

    Example: amends user disable eve --yes
    """
    desk: Desk = context.obj
    with desk.open_store() as store:
        with store.read() as tx:
            known = tx.people.named(name).name
        if not desk.agrees(f"{known} may come in no more.", yes=yes):
            return
        with store.begin() as tx:
            person = tx.people.named(known)
            tx.people.disable(person, desk.now())
            tx.audit.note("disabled", f"person:{person.id}", by=desk.me, now=desk.now())
    desk.say(f"{known} is disabled")


@app.command()
def enable(context: typer.Context, name: Name, url: Url = None) -> None:
    """
    Let somebody in again who was disabled, by a link that sets a new password, once.

    Example: amends user enable eve
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        person = tx.people.named(name)
        tx.people.enable(person)
        secret = tx.people.invite(person, now)
        tx.audit.note("enabled", f"person:{person.id}", by=desk.me, now=now)
    _link(desk, person, secret, url)


@app.command("list")
def list_(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    List who may log in.

    Example: amends user list --as json
    """
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        rows: list[dict[str, Any]] = [
            {"id": one.id, "name": one.name, "role": one.role, "created": iso(one.created_at),
             "password": "set" if one.password else "none yet", "disabled": iso(one.disabled_at)}
            for one in tx.people.every()
        ]  # fmt: skip
    desk.show(COLUMNS, rows, as_)
    if not rows:
        desk.next("amends user add NAME --role admin", "the first of the team")


@token_app.command("add")
def token_add(
    context: typer.Context,
    name: Name,
    title: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[str, typer.Option(help="read, or write as well.")] = "read",
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it is good for.")] = 90,
) -> None:
    """
    Print a token for a program, once. It may what its person may; with scope read it only looks.

    Example: amends user token add ana --title "wall screen" --scope read
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        person = tx.people.named(name)
        until = now + timedelta(days=days)
        row, secret = tx.people.grant(person, title.strip()[:60], scope, now, until)
        detail = {"person": person.id, "scope": scope}
        tx.audit.note("granted", f"token:{row.id}", by=desk.me, now=now, detail=detail)
    typer.echo(secret)
    desk.say(f"token {row.id}, for {person.name}, until {until:%Y-%m-%d}; it isn't shown again")
    desk.next(f"amends user token revoke {row.id}", "makes it useless")


@token_app.command("list")
def token_list(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print them.")] = As.table,
) -> None:
    """
    List tokens: whose, what for, since when unused.

    Example: amends user token list
    """
    from amends.when import iso

    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        names = {one.id: one.name for one in tx.people.every()}
        rows: list[dict[str, Any]] = [
            {"id": one.id, "name": names[one.person_id], "title": one.title, "start": one.start,
             "scope": one.scope, "until": iso(one.until), "used": iso(one.used_at),
             "revoked": iso(one.revoked_at)}
            for one in tx.people.tokens()
        ]  # fmt: skip
    desk.show(TOKEN_COLUMNS, rows, as_)


@token_app.command("revoke")
def token_revoke(
    context: typer.Context,
    token: Annotated[int, typer.Argument(metavar="TOKEN", help="Its id, from the list.")],
) -> None:
    """
    Make a token useless, at once.

    Example: amends user token revoke 3
    """
    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.begin() as tx:
        tx.people.revoke(token, now)
        tx.audit.note("revoked", f"token:{token}", by=desk.me, now=now)
    desk.say(f"token {token} opens nothing any more")


def _link(desk: Desk, person: PersonRow, secret: str, url: str | None) -> None:
    base = (url or desk.environment.get("AMENDS_URL") or URL).rstrip("/")
    typer.echo(f"{base}/invitation/{secret}")
    desk.say(f"the link is for {person.name} ({person.role}); good once, for two days")
