"""`amends worker`: does a share of the work of all open incidents, beside others on other machines."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk

if TYPE_CHECKING:
    from amends.workers.jobs import Hands
    from ingest.walk import Asker
    from models.incident import Watch
    from models.store import Store


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("worker")(worker)


def worker(
    context: typer.Context,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="How many jobs it does at a time.")] = 2,
) -> None:
    """
    Do a share of what `amends run` does, for all open incidents, beside other workers; PostgreSQL only.

    What a worker that was killed had in hand goes on elsewhere within half a minute.

    Example: amends worker --jobs 4
    """
    desk: Desk = context.obj
    with desk.open_store() as store:
        refuse_without(store)
        from amends.workers.work import Worker

        with desk.open_asker() as asker:
            mine = hands(desk, store, asker)
            machine = platform.node()
            outputs = (desk.home.path / "outputs.toml").exists()
            desk.say(f"at work on {machine}, {jobs} jobs at a time; Ctrl-C ends it")
            if not outputs:
                desk.say("this home has no outputs.toml, so what is to be sent is left to others")
            Worker(mine, machine, jobs, outputs=outputs).run()
    desk.say("stopped; what came in is kept")


def refuse_without(store: Store) -> None:
    """Refuse where there is no PostgreSQL, or no procrastinate."""
    from models.errors import SetupError
    from models.store.sharing import words_of

    if words_of(store.engine) is None:
        message = "workers share a PostgreSQL, and this home keeps its posts in SQLite"
        raise SetupError(message, "amends run INCIDENT, or amends db move first")
    try:
        import procrastinate  # noqa: F401
    except ImportError:
        message = "workers need procrastinate, which isn't installed"
        raise SetupError(message, "pip install 'amends[workers]'") from None


def hands(desk: Desk, store: Store, asker: Asker) -> Hands:
    """Return what a worker works with."""
    from amends.rounds import Besides
    from amends.workers.jobs import Hands

    return Hands(
        store=store, sources=desk.sources, asker=asker, classifier=desk.classifier, clock=desk.now,
        say=desk.say, dispatch=desk.dispatch(store), rejects=desk.home.rejects,
        besides=Besides(store, desk.now, desk.say, desk.alarm_rules, desk.upkeep(store)),
        labels=frozenset(label.name for label in desk.labels),
    )  # fmt: skip


def put_backfills(desk: Desk, store: Store, watches: list[Watch], labels_by: str | None) -> None:
    """Put stretches of the past into the workers' line."""
    refuse_without(store)
    from procrastinate import SyncPsycopgConnector

    from amends.workers.line import line, put_backfill
    from amends.workers.tables import make_ready
    from models.store.sharing import words_of

    make_ready(store)
    with line(SyncPsycopgConnector(kwargs=words_of(store.engine), min_size=1)).open() as app:
        for watch in watches:
            put_backfill(app, watch, platform.node(), labels_by, desk.now())
