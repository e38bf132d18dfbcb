"""
Sending what is due: at least once, every output in a thread of its own.

A row is claimed, sent, and marked, each in a transaction of its own: whoever is killed between the last
two leaves a row that is sent again, with the same id. An output that is down is left alone for longer
and longer, and keeps neither the others nor the collecting from going on.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from amends.outputs.event import Event
from amends.outputs.settings import Chat, Folder, Mail, Output, Outputs, Teams, Webhook
from ingest.courier import Courier
from models.errors import AmendsError, OutputBusy, OutputRefused, SetupError, StoreError
from models.home import Secrets
from models.outbox import OutboxRow
from models.store import Store

FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=30)
"""How long a destination that failed is left alone, at first and at most, before chance shortens it."""

GIVES_UP = timedelta(days=3)
"""How long it is tried: as long as mail servers do."""


class Ways(NamedTuple):
    """What it takes to reach the world: a courier for web addresses, and secrets by name."""

    courier: Courier
    secrets: Secrets


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row: sent, to be tried again, or given up, and what was said."""

    destination: str
    title: str
    state: str
    said: str = ""


def deliver(
    output: Output, event: Event, ways: Ways, now: datetime, remaining: tuple[str, ...] = ()
) -> str:
    """Hand an event to an output; return what is to be said of it. OutputBusy or OutputRefused."""
    if isinstance(output, Mail):
        from amends.outputs.mail import mail_of
        from amends.outputs.mail_send import send_mail

        password = ways.secrets.reveal(output.password) if output.password else ""
        return send_mail(output, mail_of(event, output), password, remaining)
    if isinstance(output, Folder):
        from amends.outputs.folder import put_file

        return put_file(output, event)
    secret = ways.secrets.reveal(output.secret)
    headers = {"content-type": "application/json; charset=utf-8"}
    if isinstance(output, Webhook):
        from amends.outputs.webhook import webhook_body, webhook_headers

        body = webhook_body(event)
        headers = webhook_headers(event, body, secret, now)
        ways.courier.hand(output.url, body, headers, now)
    elif isinstance(output, Teams):
        from amends.outputs.teams import teams_body

        ways.courier.hand(secret, teams_body(event), headers, now)
    elif isinstance(output, Chat):
        from amends.outputs.slack import slack_body

        ways.courier.hand(secret, slack_body(event), headers, now)
    return ""


def send_due(
    store: Store,
    outputs: Outputs,
    ways: Ways,
    clock: Callable[[], datetime],
    goes_on: Callable[[], bool] = lambda: True,
    chance: Callable[[], float] = random.random,
) -> list[Sent]:
    """
    Send all that is due, and return what became of it.

    Each output goes on until nothing is due for it or it fails once; while it does, `goes_on` is asked.
    """
    with store.read() as tx:
        names = tx.outbox.destinations(clock())
    told: list[Sent] = []

    def work(name: str) -> None:
        while goes_on():
            sent = _one(store, outputs, ways, clock, name, chance)
            if sent is None:
                return
            told.append(sent)
            if sent.state == "waiting":
                return

    threads = [
        threading.Thread(target=_kept(work), args=(name,), name=f"to {name}", daemon=True)
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told, key=lambda one: one.destination)


def _kept(work: Callable[[str], None]) -> Callable[[str], None]:
    def run(name: str) -> None:
        try:
            work(name)
        except StoreError:
            # The claim ends by itself, and the next look tries again.
            return

    return run


def _one(
    store: Store,
    outputs: Outputs,
    ways: Ways,
    clock: Callable[[], datetime],
    name: str,
    chance: Callable[[], float],
) -> Sent | None:
    with store.begin() as tx:
        row = tx.outbox.claim(name, clock())
    if row is None:
        return None
    try:
        said = _handed(outputs, ways, row, clock())
    except OutputBusy as error:
        return _later(store, row, error, clock(), chance)
    except SetupError as error:
        # A secret that isn't set is soon mended, and then nothing is lost.
        return _later(store, row, OutputBusy(error.message, error.remedy), clock(), chance)
    except AmendsError as error:
        return _given_up(store, row, f"{error.message}; {error.remedy}")
    except Exception as error:  # noqa: BLE001  what can't be rendered mustn't stop what can
        return _given_up(store, row, f"{type(error).__name__}: {error}")
    with store.begin() as tx:
        tx.outbox.sent(row, clock(), said)
    return Sent(destination=name, title=row.title, state="sent", said=said)


def _handed(outputs: Outputs, ways: Ways, row: OutboxRow, now: datetime) -> str:
    if row.destination not in outputs.named:
        message = f"there is no output “{row.destination}” any more"
        raise OutputRefused(
            message, "amends outbox drop, or name it again in outputs.toml and retry"
        )
    try:
        event = msgspec.json.decode(row.value, type=Event)
    except (msgspec.DecodeError, ValueError) as error:
        message = "it was made by another version of Amends"
        raise OutputRefused(message, "make it anew: amends digest send") from error
    return deliver(
        outputs.named[row.destination], event, ways, now, tuple(row.remaining.split("\n"))
        if row.remaining else (),
    )  # fmt: skip


def _later(
    store: Store, row: OutboxRow, error: OutputBusy, now: datetime, chance: Callable[[], float]
) -> Sent:
    said = f"{error.message}; {error.remedy}" if error.remedy else error.message
    if now - row.created_at > GIVES_UP:
        return _given_up(store, row, f"tried for {GIVES_UP.days} days: {said}")
    wait = min(FIRST * 2 ** min(row.tries - 1, 10), LONGEST) * (0.5 + chance() / 2)
    if error.retry_after is not None:
        wait = max(timedelta(seconds=error.retry_after), wait)
    with store.begin() as tx:
        tx.outbox.later(row, now + wait, said, error.remaining)
    return Sent(destination=row.destination, title=row.title, state="waiting", said=said)


def _given_up(store: Store, row: OutboxRow, said: str) -> Sent:
    with store.begin() as tx:
        tx.outbox.give_up(row, said)
    return Sent(destination=row.destination, title=row.title, state="given up", said=said)
