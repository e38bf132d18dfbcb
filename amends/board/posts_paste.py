"""Paste a thread or upload a file: its posts come into the incident, and what can't be read is named."""

from __future__ import annotations

from pathlib import PurePath

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from amends.board.door import Door, Here, Visitor, Who
from amends.board.pasting import LARGEST, MOST_POSTS, pastes_of
from amends.board.place import Place
from amends.board.render import render
from amends.digest.words import plain
from amends.when import moment
from ingest.sources.file.sniff import FORMATS
from models.errors import SetupError
from models.incident import IncidentRow

door = Door()

AGAIN = "2"
"""Seconds after which a browser looks again how far a paste is."""

_SETTINGS = ("format", "map", "source")
_FIELDS = ("text", "undated_as", *_SETTINGS)


@door.page("/i/{slug}/paste", "lead")
def ask(request: Request, place: Here, slug: str) -> Response:
    """Show the form."""
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    return _form(request, row, {}, "", 200)


@door.act("/i/{slug}/paste", "lead")
async def take(request: Request, place: Here, who: Who, slug: str) -> Response:
    """
    Put it aside and begin to read it.

    The form is read here and not by the framework, which would take it before it asks who sends it.
    """
    if int(request.headers.get("content-length") or LARGEST + 1) > LARGEST:
        raise HTTPException(413, f"that is more than {LARGEST // 1024 // 1024} MB")
    async with request.form(max_files=1, max_fields=10, max_part_size=LARGEST) as form:
        said = {name: value for name in _FIELDS if isinstance(value := form.get(name), str)}
        body, name = await _body(form, said)
    return await run_in_threadpool(_taken, request, place, who, slug, said, body, name)


@door.page("/i/{slug}/paste/{key}", "lead")
def show(request: Request, place: Here, slug: str, key: str) -> Response:
    """Show how far it is, or what became of it."""
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    paste = pastes_of(request).get(key)
    if paste is None or paste.incident_id != row.id:
        message = "there is no such paste any more"
        raise SetupError(message, "what it brought is in the queue")
    answer = render(request, "posts_pasted.html", row=row, paste=paste, most=MOST_POSTS)
    if not paste.over:
        answer.headers["refresh"] = AGAIN
    return answer


async def _body(form: FormData, said: dict[str, str]) -> tuple[bytes, str]:
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return await file.read(), plain(PurePath(file.filename.replace("\\", "/")).name, 80)
    # Browsers send lines with a carriage return; whoever copied the text didn't write it.
    return said.get("text", "").replace("\r\n", "\n").strip().encode(
        "utf-8", "replace"
    ), "the paste"


def _taken(
    request: Request,
    place: Place,
    who: Visitor,
    slug: str,
    said: dict[str, str],
    body: bytes,
    name: str,
) -> Response:
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
    if not body:
        return _form(
            request, row, said, "There is nothing in it: paste a thread, or choose a file", 400
        )
    try:
        settings = {name: said[name].strip() for name in _SETTINGS if said.get(name, "").strip()}
        if said.get("undated_as", "").strip():
            when = moment(said["undated_as"], place.now(), row.tz)
            settings["undated_as"] = when.isoformat()
        key = pastes_of(request).begin(place, row, body, settings, name=name, by=who.name)
    except SetupError as error:
        wrong = f"{error.message}: {error.remedy}"
        return _form(request, row, said, wrong, 400)
    return RedirectResponse(f"/i/{row.slug}/paste/{key}", 303)


def _form(
    request: Request, row: IncidentRow, said: dict[str, str], wrong: str, status: int
) -> Response:
    said = dict.fromkeys(_FIELDS, "") | said
    return render(
        request, "posts_paste.html", status=status, row=row, said=said, wrong=wrong,
        formats=FORMATS, megabytes=LARGEST // 1024 // 1024,
    )  # fmt: skip
