"""“Ask me”: the posts whose answers teach the classifier most, a few at a time."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.deed import notice
from amends.board.door import Door, Here, Who
from amends.board.render import render
from amends.board.shown import setting, shown
from classify.ask import choose
from models.errors import SetupError
from models.store.tags import Open
from models.tag import Tag

door = Door()

LOOKED_THROUGH = 5_000
"""The newest open posts among which questions are sought: somebody waits for them."""

ASKED = 10

_POST = re.compile(r"[0-9]{1,18}")
_SAID = re.compile(r"([0-9]{1,18}):([a-z0-9_]{1,40})")


@door.page("/i/{slug}/ask", "agent")
def ask(request: Request, place: Here, who: Who, slug: str) -> Response:
    """Show the questions. Nothing is written down until they are answered or passed over."""
    classifier = place.classifier()
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        posts = tx.tags.not_asked(tx.tags.open(LOOKED_THROUGH, incident.id))
        chosen = [posts[at] for at in choose(classifier, [post.text for post in posts], ASKED)]
        lines = tx.queue.these(incident.id or 0, [post.post_id for post in chosen])
    return render(
        request, "queue_ask.html", **setting(place, incident), **notice(request),
        items=shown(place, incident, who, lines), back=request.url.path, labels=list(place.labels),
    )  # fmt: skip


@door.act("/i/{slug}/ask", "agent")
def answer(
    place: Here,
    who: Who,
    slug: str,
    post: Annotated[list[str], Form(max_length=ASKED)],
    carries: Annotated[list[str], Form(max_length=1_000)] = [],  # noqa: B006
    passed: Annotated[list[str], Form(max_length=ASKED)] = [],  # noqa: B006
) -> Response:
    """Keep the answers: every label of a post is said to fit or not, unless it was passed over."""
    if not all(_POST.fullmatch(one) for one in [*post, *passed]):
        message = "that names no post"
        raise SetupError(message, "go back and try again")
    asked, skipped = {int(one) for one in post}, {int(one) for one in passed}
    said = {(int(one[1]), one[2]) for one in map(_SAID.fullmatch, carries) if one}
    for _, label in said:
        place.labels.place(label)
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        lines = tx.queue.these(incident.id or 0, sorted(asked))
        told = [line.post_id for line in lines if line.post_id not in skipped]
        tags = [Tag(post_id=number, label=name, by=who.name, put=(number, name) in said)
                for number in told for name in place.labels.names]  # fmt: skip
        tx.tags.put(tags, place.now())
        tx.tags.asked([Open(line.post_id, line.near, line.text) for line in lines], place.now())
        for number in told:
            tx.audit.note("tagged", f"post:{number}", by=who.name, now=place.now(),
                          incident_id=incident.id, detail={"asked": True})  # fmt: skip
    return RedirectResponse(f"/i/{incident.slug}/ask?done=correct:{len(told)}", 303)
