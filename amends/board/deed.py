"""What all actions on items share: which items, what came of it, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from amends.board.door import Visitor, is_ours
from amends.board.place import Place
from amends.board.render import environment, render
from amends.board.shown import setting, shown
from amends.digest.words import several
from models.errors import Conflict, SetupError
from models.incident import IncidentRow
from models.store import Transaction
from models.store.items import Seen

MOST = 200
"""Items in one action."""

_ITEM = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")
_DONE = re.compile(r"([a-z]+):([0-9]{1,5})")

DONE = {
    "claim": "claimed", "release": "let go", "assign": "given on", "reply": "marked as answered",
    "escalate": "escalated", "follow": "followed", "dismiss": "dismissed", "undo": "taken back",
    "seen": "marked as seen", "correct": "put right",
    "split": "set apart", "merge": "put together", "regroup": "put back",
    "view": "view saved", "unview": "view removed",
}  # fmt: skip


class Asked(NamedTuple):
    """The items an action is for, as somebody saw them, and the page they came from."""

    seen: tuple[Seen, ...]
    back: str

    @property
    def post_ids(self) -> list[int]:
        """Their posts."""
        return [one.post_id for one in self.seen]


class Outcome(NamedTuple):
    """What was done: its word, and the items whose last decision can be taken back."""

    did: str
    undo: bool = False


def _asked(
    item: Annotated[list[str], Form(max_length=MOST)],
    back: Annotated[str, Form(max_length=4_000)] = "",
) -> Asked:
    return Asked(seen(item), back)


Items = Annotated[Asked, Depends(_asked)]


def seen(items: Sequence[str]) -> tuple[Seen, ...]:
    """Return items from `POST:VERSION`, each once; SetupError for anything else."""
    found = [_ITEM.fullmatch(one) for one in items]
    if not all(found):
        message = "that names no item"
        raise SetupError(message, "go back and try again")
    each = {int(one[1]): int(one[2]) for one in found if one}
    return tuple(Seen(post_id, version) for post_id, version in each.items())


def done(
    request: Request,
    place: Place,
    who: Visitor,
    slug: str,
    asked: Asked,
    do: Callable[[Transaction, IncidentRow], Outcome],
) -> Response:
    """
    Do something to items in one transaction, and answer as it was asked for.

    A script gets the items as they are now, a browser goes back. Where somebody was faster nothing
    is done, and the answer says who it was and how the items stand.
    """
    try:
        with place.store.begin() as tx:
            incident = tx.incidents.find(slug)
            outcome = do(tx, incident)
    except Conflict as conflict:
        return _late(request, place, who, slug, asked, conflict)
    if request.headers.get("x-part") == "item":
        return part(place, who, slug, asked.post_ids, inside(asked.back, slug))
    said = {"done": f"{outcome.did}:{len(asked.seen)}"}
    if outcome.undo:
        with place.store.read() as tx:
            now = tx.queue.these(incident.id or 0, asked.post_ids)
        said["undo"] = ",".join(f"{line.post_id}:{line.version}" for line in now)
    to = inside(asked.back, slug)
    here = f"#p{asked.seen[0].post_id}" if len(asked.seen) == 1 else ""
    return RedirectResponse(_with(to, said) + here, 303)


def noted(tx: Transaction, place: Place, who: Visitor, incident: IncidentRow, did: str,
          post_ids: Sequence[int], **detail: Any) -> None:  # fmt: skip
    """Write down for each post that somebody did something to it."""
    for post_id in post_ids:
        tx.audit.note(did, f"post:{post_id}", by=who.name, now=place.now(),
                      incident_id=incident.id, detail=dict(detail))  # fmt: skip


def part(
    place: Place,
    who: Visitor,
    slug: str,
    post_ids: Sequence[int],
    back: str,
    notice: str = "",
) -> HTMLResponse:
    """Return items alone, as they are now."""
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        lines = tx.queue.these(incident.id or 0, post_ids)
    template = environment().get_template("_item.html")
    values = setting(place, incident) | {"who": who, "back": back, "notice": notice}
    items = shown(place, incident, who, lines)
    return HTMLResponse("\n".join(template.render(values, one=one) for one in items),
                        409 if notice else 200)  # fmt: skip


def inside(back: str, slug: str) -> str:
    """Return the page to go back to, only if it is one of ours, without what was done before."""
    if not is_ours(back):
        return f"/i/{slug}/queue"
    parts = urlsplit(back)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("done", "undo")]
    return urlunsplit(("", "", parts.path, urlencode(kept), ""))


def notice(request: Request) -> dict[str, Any]:
    """Return what was done just before, in a sentence, and the items it can be taken back on."""
    found = _DONE.fullmatch(request.query_params.get("done", ""))
    if found is None or found[1] not in DONE:
        return {"done": "", "undo": ()}
    many = int(found[2])
    sentence = f"{several(many, 'post', 'posts')} {DONE[found[1]]}." if many else (
        DONE[found[1]].capitalize() + ".")  # fmt: skip
    items = request.query_params.get("undo", "").split(",")
    undo = [one for one in items if _ITEM.fullmatch(one)][:MOST]
    return {"done": sentence, "undo": undo}


def _with(to: str, said: dict[str, str]) -> str:
    return f"{to}{'&' if '?' in to else '?'}{urlencode(said)}"


def _late(
    request: Request, place: Place, who: Visitor, slug: str, asked: Asked, conflict: Conflict
) -> Response:
    back = inside(asked.back, slug)
    if request.headers.get("x-part") == "item":
        return part(place, who, slug, asked.post_ids, back, conflict.message)
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        lines = tx.queue.these(incident.id or 0, asked.post_ids)
    items = shown(place, incident, who, lines)
    return render(request, "item_conflict.html", status=409, items=items, back=back, notice="",
                  conflict=conflict, **setting(place, incident))  # fmt: skip
