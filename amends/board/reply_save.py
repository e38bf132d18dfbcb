"""Write, change and remove saved replies, with a preview before they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.place import Place
from amends.board.render import iso, render
from amends.board.reply_draft import SAMPLE
from models.errors import Conflict, SetupError
from models.phase import TITLES
from models.reply import FIELDS, fields_of, filled
from models.store.replies import LONGEST, LONGEST_TITLE

door = Door()

LONGEST_NUMBER = 9

Title = Annotated[str, Form(max_length=1_000)]
Text = Annotated[str, Form(max_length=20_000)]
Label = Annotated[str, Form(max_length=100)]
Phase = Annotated[str, Form(max_length=40)]
Owner = Annotated[str, Form(max_length=200)]
Within = Annotated[str, Form(max_length=20)]
Do = Annotated[str, Form(max_length=20)]
Seen = Annotated[str, Form(max_length=40)]


@door.page("/replies/new", "lead")
def ask(
    request: Request, place: Here,
    label: Annotated[str, Query(max_length=100)] = "",
    phase: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    """Show an empty form, for a label and a phase if they are named."""
    said = {"title": "", "text": "", "label": label, "phase": phase, "owner": "", "within": ""}
    return _form(request, place, said)


@door.page("/replies/{reply_id:int}", "lead")
def ask_again(request: Request, place: Here, reply_id: int) -> Response:
    """Show the form with what holds."""
    with place.store.read() as tx:
        row = tx.replies.get(reply_id)
    said = {
        "title": row.title,
        "text": row.text,
        "label": row.label or "",
        "phase": row.phase or "",
        "owner": row.owner,
        "within": str(row.within or ""),
    }
    return _form(request, place, said, reply_id=reply_id, seen=iso(row.at))


@door.act("/replies", "lead")
def add(
    request: Request, place: Here, who: Who, title: Title = "", text: Text = "",
    label: Label = "", phase: Phase = "", owner: Owner = "", within: Within = "", do: Do = "save",
) -> Response:  # fmt: skip
    """Keep a new one, or show how it would read."""
    said, now = {"title": title, "text": text, "label": label, "phase": phase, "owner": owner,
                 "within": within}, place.now()  # fmt: skip
    try:
        for_label = _label(place, label)
        if do == "preview":
            return _form(request, place, said, preview=_preview(text))
        with place.store.begin() as tx:
            row = tx.replies.add(title, text, for_label, who.name, now, phase or None,
                                 owner=owner, within=_minutes(within))  # fmt: skip
            tx.audit.note("added", f"reply:{row.id}", by=who.name, now=now)
    except SetupError as error:
        return _form(request, place, said, wrong=_sentence(error), status=400)
    return RedirectResponse(f"/replies#r{row.id}", 303)


@door.act("/replies/{reply_id:int}", "lead")
def change(
    request: Request, place: Here, who: Who, reply_id: int, seen: Seen = "", title: Title = "",
    text: Text = "",
    label: Label = "", phase: Phase = "", owner: Owner = "", within: Within = "", do: Do = "save",
) -> Response:  # fmt: skip
    """Change one, show how it would read, or take it away; told if somebody else did meanwhile."""
    said, now = {"title": title, "text": text, "label": label, "phase": phase, "owner": owner,
                 "within": within}, place.now()  # fmt: skip
    more: dict[str, Any] = {"reply_id": reply_id, "seen": seen}
    try:
        for_label = _label(place, label)
        if do == "preview":
            return _form(request, place, said, preview=_preview(text), **more)
        with place.store.begin() as tx:
            if do == "remove":
                tx.replies.remove(reply_id, _moment(seen), now)
            else:
                tx.replies.change(reply_id, _moment(seen), title=title, text=text,
                                  label=for_label, by=who.name, now=now,
                                  phase=phase or None, owner=owner, within=_minutes(within))  # fmt: skip
            did = "removed" if do == "remove" else "edited"
            tx.audit.note(did, f"reply:{reply_id}", by=who.name, now=now)
    except Conflict as error:
        with place.store.read() as tx:
            row = tx.replies.get(reply_id)
        # What they wrote stays in the form, beside what stands now.
        more["seen"] = iso(row.at)
        return _form(
            request, place, said, wrong=_sentence(error), stands=row.text, status=409, **more
        )
    except SetupError as error:
        return _form(request, place, said, wrong=_sentence(error), status=400, **more)
    return RedirectResponse("/replies" if do == "remove" else f"/replies#r{reply_id}", 303)


def _form(
    request: Request, place: Place, said: dict[str, str], *, reply_id: int | None = None,
    seen: str = "", preview: str = "", stands: str = "", wrong: str = "", status: int = 200,
) -> Response:  # fmt: skip
    return render(
        request, "reply_save.html", status=status, said=said, reply_id=reply_id, seen=seen,
        preview=preview, stands=stands, wrong=wrong, labels=list(place.labels), phases=TITLES, fields=FIELDS,
        longest=LONGEST, longest_title=LONGEST_TITLE,
    )  # fmt: skip


def _preview(text: str) -> str:
    fields_of(text)
    return filled(text, SAMPLE)


def _label(place: Place, label: str) -> str | None:
    return place.labels.find(label).name if label else None


def _minutes(said: str) -> int | None:
    if not said.strip():
        return None
    if not said.strip().isdecimal() or len(said.strip()) > LONGEST_NUMBER:
        message = f"“{said}” is no number of minutes"
        raise SetupError(message, "write digits, or leave it empty")
    return int(said)


def _moment(seen: str) -> datetime:
    try:
        when = datetime.fromisoformat(seen)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        message = "the form doesn't say which version it was made from"
        raise SetupError(message, "open it once more")
    return when


def _sentence(error: SetupError | Conflict) -> str:
    return f"{error.message}: {error.remedy}" if error.remedy else error.message
