"""`amends output`: where digests and alarms go, and whether they get there."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As

app = typer.Typer(
    help="Where digests go: mail, Slack, Teams, webhooks, files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

COLUMNS = ("name", "kind", "goes_to", "digest_at")


@app.command("list")
def list_(
    context: typer.Context,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    List the outputs of outputs.toml in the home, and when digests go to them.

    Example: amends output list
    """
    from amends.outputs.settings import NAME, read

    desk: Desk = context.obj
    outputs = read(desk.home.path)
    plans = [("", outputs.plan), *outputs.plans.items()]
    rows = [
        {
            "name": name,
            "kind": type(output).__struct_config__.tag,
            "goes_to": _goes_to(output),
            "digest_at": ", ".join(
                f"{plan.at} {slug}".strip() for slug, plan in plans if plan and name in plan.to
            ),
        }
        for name, output in outputs.named.items()
    ]
    desk.show(COLUMNS, rows, as_)
    if rows:
        desk.next(f"amends output test {rows[0]['name']}", "really send something there")
    else:
        desk.say(f"no output is named in {desk.home.path / NAME}; the README shows its form")


@app.command("test")
def test_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The output's name.")],
) -> None:
    """
    Send a short message to an output, at once and past the outbox, and say whether it was taken.

    Example: amends output test team-mail
    """
    import secrets

    from amends.outputs import Event, Line
    from amends.outputs.sending import deliver
    from amends.outputs.settings import read

    desk: Desk = context.obj
    output = read(desk.home.path).get(name)
    event = Event(
        id=f"test.{secrets.token_hex(6)}",
        kind="test",
        at=desk.now(),
        value=Line(
            title="A test from Amends",
            text=f"If you can read this, the output “{name}” works. Nothing has happened.",
        ),
    )
    with desk.open_ways() as ways:
        said = deliver(output, event, ways, desk.now())
    desk.say(f"{name} took it{f', but {said}' if said else ''}; look there for “{event.id}”")


def _goes_to(output: object) -> str:
    """Say where an output leads, but never a secret."""
    from amends.outputs.settings import Folder, Mail, Webhook
    from ingest.http import shown

    if isinstance(output, Mail):
        return ", ".join(output.to)
    if isinstance(output, Webhook):
        return shown(output.url)
    if isinstance(output, Folder):
        return output.folder
    return f"the address in {getattr(output, 'secret', '')}"
