"""
Many posts asked about at once: X's compliance jobs. Pure.

A job is created, the ids are handed to an address it gives, it is asked how far it is until it is
complete, and its results are fetched: lines for those posts that something happened to. A post without a
line is there as it was. What X says was edited is looked up, where reads may be paid for; without, it
stays unverified. A job that is at work is known by its number alone: the addresses for ids and results
are secrets, so they are asked for anew after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ingest.again import Again
from ingest.source import Request, Response
from ingest.sources.x import again
from ingest.sources.x.trouble import check
from ingest.sources.x.values import a_dict, a_text
from models.errors import SourceBusy, SourceChanged, SourceRefused

MOST = 10_000
"""Ids handed to one job; X takes millions, but so many are as much as a round should hold."""

POLL = 60.0
"""Seconds between two looks at how far a job is."""

STEP = "step"
"""What the state of a job's questions holds, and no other does."""

_SECRET = "X_BEARER_TOKEN"  # noqa: S105 - its name, not the token
_ENDED = ("failed", "expired", "cancelled", "canceled")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job: which step is asked for, its number, when it began; `pays`: reads may be paid for."""

    look: again.Look
    pays: bool
    step: str = "create"
    id: str = ""
    began: datetime | None = None

    def question(self, url: str, **said: Any) -> Request:
        """Build a question of the job's."""
        return Request(url=url, free=True, state=msgspec.to_builtins(self), **said)


def create(job: Job) -> Request:
    """Build the question that creates a job."""
    return job.question(
        f"{job.look.api}/2/compliance/jobs",
        method="POST",
        body=b'{"type":"tweets","name":"amends"}',
        headers={"content-type": "application/json"},
        secret=_SECRET,
    )


def read(response: Response, ids: Sequence[str]) -> Again:
    """Read an answer about a job that is to look for these ids."""
    job = msgspec.convert(response.request.state, Job)
    if job.step == "create":
        return _created(response, job, ids)
    if job.step == "upload":
        _check(response, job)
        return _waiting(job)
    if job.step == "results":
        _check(response, job)
        return _found(response, job, ids)
    check(response)
    return _stands(response, job, _data(response), ids)


def _created(response: Response, job: Job, ids: Sequence[str]) -> Again:
    if response.status == 409:
        message = "another compliance job of this app is at work"
        raise SourceBusy(message, "nothing to do: it will be asked again", source="x",
                         url=response.url, retry_after=5 * POLL)  # fmt: skip
    if response.status in (403, 404):
        # This app may not; what it may is look posts up, for money.
        if job.pays:
            return Again(more=again.ask(job.look, ids))
        message = "X lets this app create no compliance jobs"
        remedy = "give the watch a budget of reads: amends watch change WATCH --reads-a-day N"
        raise SourceRefused(message, remedy, source="x", url=response.url)
    check(response)
    data = _data(response)
    begun = msgspec.structs.replace(job, id=a_text(data.get("id")), began=response.at)
    if not begun.id.isalnum():
        message = "X created a compliance job without saying its number"
        raise response.trouble(message, "report it")
    return _stands(response, begun, data, ids)


def _stands(response: Response, job: Job, data: dict[str, Any], ids: Sequence[str]) -> Again:
    """Go on from where X says a job stands."""
    status = a_text(data.get("status"))
    if status == "created":
        body = "".join(f"{one}\n" for one in ids).encode()
        upload = _signed(response, job, "upload", a_text(data.get("upload_url")))
        upload = msgspec.structs.replace(
            upload, method="PUT", body=body, headers={"content-type": "text/plain"}
        )
        return Again(more=upload, resume=_look(job))
    if status == "in_progress":
        return _waiting(job)
    if status == "complete":
        results = _signed(response, job, "results", a_text(data.get("download_url")))
        return Again(more=results, resume=_look(job))
    message = (
        f"X gave a compliance job up ({status})"
        if status in _ENDED
        else f"a compliance job is “{status[:40]}”, and nobody knows what that means"
    )
    raise SourceChanged(
        message, "nothing to do: there will be another", source="x", url=response.url
    )


def _look(job: Job) -> Request:
    """Build the question how far a job is; it holds neither secret nor id."""
    job = msgspec.structs.replace(job, step="look")
    return job.question(f"{job.look.api}/2/compliance/jobs/{job.id}", secret=_SECRET)


def _waiting(job: Job) -> Again:
    look = _look(job)
    return Again(more=look, wait=POLL, resume=look)


def _signed(response: Response, job: Job, step: str, url: str) -> Request:
    """Build a question to an address that X gave for it; our token goes to X's own server only."""
    if not url.startswith(("https://", f"{job.look.api}/")):
        message = "X gave no address for the ids or the results of a compliance job"
        raise response.trouble(message, "nothing to do: there will be another job")
    own = urlsplit(url)[:2] == urlsplit(job.look.api)[:2]
    job = msgspec.structs.replace(job, step=step)
    return job.question(url, signed=True, secret=_SECRET if own else None)


def _check(response: Response, job: Job) -> None:
    """Raise what went wrong at a signed address: one that has run out is no fault of the token's."""
    if response.status in (400, 401, 403, 404, 410, 413):
        message = f"the address X gave for compliance job {job.id} answered {response.status}"
        raise SourceChanged(message, "nothing to do: there will be another job", source="x",
                            url=response.url)  # fmt: skip
    response.check()


def _data(response: Response) -> dict[str, Any]:
    data = a_dict(a_dict(response.json()).get("data"))
    if not data:
        message = "X says nothing of the compliance job"
        raise response.trouble(message, "report it")
    return data


def _found(response: Response, job: Job, ids: Sequence[str]) -> Again:
    """Read the results: no line is good news, whatever isn't understood is none at all."""
    gone: dict[str, str] = {}
    edited: list[str] = []
    spoken: set[str] = set()
    for line in response.body.split(b"\n"):
        if not line.strip():
            continue
        try:
            said = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = "the results of a compliance job can't be read"
            raise response.trouble(message, "nothing to do: there will be another job") from error
        number, action = str(said.get("id")), a_text(said.get("action"))
        reason = a_text(said.get("reason"))
        # No place is kept of any post; an older kind of answer says it so.
        if "scrub_geo" in (action, reason):
            continue
        spoken.add(number)
        if action == "delete":
            gone[number] = reason or action
        elif action == "rehydrate":
            edited.append(number)
    wanted = set(ids)
    changed = [number for number in edited if number in wanted] if job.pays else []
    return Again(
        there=tuple(number for number in ids if number not in spoken),
        gone={number: why for number, why in gone.items() if number in wanted},
        more=again.ask(job.look, changed) if changed else None,
        as_of=job.began,
    )
