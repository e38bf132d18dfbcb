"""`amends alarms`: what rose beyond the usual, when it would have, and who looks after it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

app = typer.Typer(
    help="What rose beyond the usual, or went blind.", no_args_is_help=True, rich_markup_mode=None
)

COLUMNS = ("id", "incident", "kind", "subject", "since", "peak", "ended_at", "acked_by", "why")
PAST = ("label", "opened_at", "since", "peak", "ended_at", "why")
Form = Annotated[As, typer.Option("--as", help="How to print them.")]


@app.command("list")
def list_(
    context: typer.Context,
    incident: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT]", help="Only this incident's.")
    ] = None,
    as_: Form = As.table,
) -> None:
    """
    List alarms, the newest first: since when, how high, and whether they go on.

    Example: amends alarms list discs-late
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.read() as tx:
        slugs = {row.id: row.slug for row in tx.incidents.every()}
        key = None if incident is None else tx.incidents.find(incident).id
        lines = [_line(row, slugs[row.incident_id]) for row in tx.alarms.of(key)]
    show(COLUMNS, lines, as_)
    open_ = next(
        (line for line in lines if line["ended_at"] is None and not line["acked_by"]), None
    )
    if open_ is not None:
        desk.next(f"amends alarms ack {open_['id']}", "say that you look after it")
    else:
        desk.next("amends alarms replay INCIDENT --from 30d", "when the rules would have fired")


@app.command()
def ack(
    context: typer.Context,
    alarm: Annotated[int, typer.Argument(metavar="ALARM", min=1, help="Its id, from the list.")],
) -> None:
    """
    Say that you have seen an alarm and look after it. It goes on until it is over.

    Example: amends alarms ack 3
    """
    desk: Desk = context.obj
    with desk.open_store() as store, store.begin() as tx:
        row = tx.alarms.acknowledge(alarm, desk.me, desk.now())
        slug = tx.incidents.find(str(row.incident_id)).slug
        tx.audit.note("acknowledged", f"alarm:{row.id}", by=desk.me, now=desk.now(),
                      incident_id=row.incident_id)  # fmt: skip
    desk.say(f"alarm {row.id}: {row.acked_by} looks after it")
    desk.next(f"amends alarms list {slug}", "all of them")


@app.command()
def replay(
    context: typer.Context,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's slug or id.")],
    from_: Annotated[str, typer.Option("--from", help="From when: 2026-03-01, 30d, 12h.")],
    to: Annotated[str, typer.Option(help="Until when.")] = "now",
    label: Annotated[
        list[str] | None, typer.Option(help="Only this label's rule; again for more.")
    ] = None,
    as_: Form = As.table,
) -> None:
    """
    Show when the rules would have raised an alarm in the past, over all that its watches ever heard.

    Example: amends alarms replay discs-late --from 30d --label complaint
    """
    from amends.alarms.replay import replay as play
    from amends.when import moment
    from models.coverage import Span
    from models.errors import SetupError

    desk: Desk = context.obj
    now = desk.now()
    with desk.open_store() as store, store.read() as tx:
        row = tx.incidents.find(incident)
        window = Span(moment(from_, now, row.tz), min(moment(to, now, row.tz), now))
        if not window.length:
            message = "that stretch is empty"
            raise SetupError(message, "--from must lie before --to, and not after now")
        found = [
            play(tx, row, desk.alarm_rules, window, name)
            for name in label or desk.alarm_rules.labels
        ]
    show(PAST, (_rang(one) for each in found for one in each.alarms), as_)
    for each in found:
        desk.say(
            f"{each.label}: {len(each.alarms)} alarms in {each.days:.1f} days, of which {each.heard:.1f} "
            f"were heard in full; at their beginning {each.basis}"
        )
    desk.next(f"amends alarms list {row.slug}", "those there really were")


def _line(row: Any, slug: str) -> dict[str, Any]:
    from amends.when import iso

    return {
        "id": row.id, "incident": slug, "kind": row.kind, "subject": row.subject,
        "since": iso(row.since), "opened_at": iso(row.opened_at), "why": row.why, "peak": _times(row.peak),
        "peak_voices": row.peak_voices, "peak_at": iso(row.peak_at), "ended_at": iso(row.ended_at),
        "acked_by": row.acked_by, "acked_at": iso(row.acked_at),
    }  # fmt: skip


def _rang(one: Any) -> dict[str, Any]:
    from amends.when import iso

    return {
        "label": one.label, "since": iso(one.since), "opened_at": iso(one.opened_at), "why": one.why,
        "peak": _times(one.peak), "peak_voices": one.peak_voices, "peak_at": iso(one.peak_at),
        "ended_at": iso(one.ended_at),
    }  # fmt: skip


def _times(peak: float | None) -> float | None:
    return None if peak is None else round(peak, 2)
