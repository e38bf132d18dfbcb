"""
Take what a monitor says. Answered with 2xx only once it is kept for good, and then for whatever it is.

A monitor proves itself by the secret in the address, by the same secret as a password or bearer token, or
by its signature, whose secret is AMENDS_HOOK_ and the monitor's name in capitals in our environment.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import msgspec
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from amends.board.door import Door, Here, token_of
from amends.board.place import Place
from amends.hooks import kind_of, signing
from amends.hooks.kind import Call, Unread
from amends.outage import heard
from models.errors import StoreError
from models.home import Secrets
from models.monitor import Alert, MonitorRow
from models.store.monitors import fits

door = Door()

AGAIN = {"retry-after": "30"}
PATIENCE = 3_000
"""Milliseconds to wait for other writers: PagerDuty gives us five seconds in all."""


@door.act("/hooks/{name}", None, response_class=JSONResponse)
async def call(request: Request, place: Here, name: str) -> Response:
    """Take a call that is signed, or brings its secret in a header."""
    return await _taken(request, place, name, "")


@door.act("/hooks/{name}/{secret}", None, response_class=JSONResponse)
async def call_with_secret(request: Request, place: Here, name: str, secret: str) -> Response:
    """Take a call whose address holds the secret: many monitors can send nothing else."""
    return await _taken(request, place, name, secret)


@door.page("/hooks/{name}/{secret}", None, response_class=JSONResponse)
async def asked(request: Request, place: Here, name: str, secret: str) -> Response:
    """Take a call of a monitor that only asks for an address and says all in it."""
    return await _taken(request, place, name, secret)


async def _taken(request: Request, place: Place, name: str, secret: str) -> Response:
    body = await request.body()
    headers = {key.lower(): value for key, value in request.headers.items()}
    query = dict(request.query_params)
    said = Call(body=body, headers=headers, query=query)
    try:
        return await run_in_threadpool(_kept, place, name, secret, said)
    except StoreError as error:
        # Monitors try again after 503, and after no 4xx.
        return JSONResponse({"error": error.message}, 503, headers=AGAIN)


def _kept(place: Place, name: str, secret: str, call: Call) -> Response:
    now = place.now()
    with place.store.read() as tx:
        monitor = tx.monitors.caller(name)
    if monitor is not None:
        call = msgspec.structs.replace(call, settings=monitor.settings)
    if monitor is None or not _is_it(place.secrets, monitor, secret, call, now):
        return JSONResponse({"error": "no monitor of ours proves itself like this"}, 401)
    alerts = read(monitor, call)
    with place.store.begin(patience=PATIENCE) as tx:
        row = tx.monitors.named(name)
        told = heard(tx, row, alerts, place.sources, now)
    return JSONResponse({"new": told.new, "opened": told.opened})


def read(monitor: MonitorRow, call: Call) -> list[Alert]:
    """Return what a call says; one that can't be read is a note, so that nobody is switched off."""
    try:
        alerts = list(kind_of(monitor).read(call))
    except Unread as why:
        return [call.note(f"it couldn't be read: {why}")]
    return alerts or [call.note("it says nothing")]


def _is_it(secrets: Secrets, monitor: MonitorRow, secret: str, call: Call, now: datetime) -> bool:
    kind = kind_of(monitor)
    key = signing(monitor.name)
    if kind.signs == "always" or (kind.signs == "if asked" and key in secrets):
        return key in secrets and kind.proved(call, secrets.reveal(key), now)
    return fits(monitor, secret or _presented(call.headers.get("authorization", "")))


def _presented(authorization: str) -> str:
    """Return the secret a header brings: as a bearer token, or as the password of whatever name."""
    token = token_of(authorization)
    if token is not None:
        return token
    way, _, said = authorization.partition(" ")
    if way.lower() != "basic":
        return ""
    try:
        return base64.b64decode(said, validate=True).decode("utf-8", "replace").partition(":")[2]
    except binascii.Error:
        return ""
