"""“Ask me”: the posts whose answers teach the classifier most, a few at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.deed import noted, notice
from amends.board.door import Door, Here, Visitor, Who
from amends.board.place import Place
from amends.board.render import render
from amends.board.shown import setting, shown
from classify.ask import choose
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction
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
    asked, skipped = numbers(post), set(numbers(passed))
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        lines = tx.queue.these(incident.id or 0, asked)
        told = [line.post_id for line in lines if line.post_id not in skipped]
        keep(tx, place, who, incident, told, carries, asked=True)
        passed_over = sorted(skipped & {line.post_id for line in lines})
        if passed_over:
            noted(tx, place, who, incident, "passed over", passed_over)
        tx.tags.asked([Open(line.post_id, line.near, line.text) for line in lines], place.now())
    return RedirectResponse(f"/i/{incident.slug}/ask?done=correct:{len(told)}", 303)


def numbers(posts: Sequence[str]) -> list[int]:
    """Return the posts a form names, each once; SetupError if it names none."""
    if not all(_POST.fullmatch(one) for one in posts):
        message = "that names no post"
        raise SetupError(message, "go back and try again")
    return sorted({int(one) for one in posts})


def keep(tx: Transaction, place: Place, who: Visitor, incident: IncidentRow,
         posts: Sequence[int], carries: Sequence[str], **detail: bool) -> None:  # fmt: skip
    """Keep what somebody says of posts: each label fits if `carries` names it as POST:LABEL, or doesn't."""
    said = {(int(one[1]), one[2]) for one in map(_SAID.fullmatch, carries) if one}
    for _, label in said:
        place.labels.place(label)
    tags = [Tag(post_id=number, label=name, by=who.name, put=(number, name) in said)
            for number in posts
            for name in place.labels.told([label for post, label in said if post == number])]  # fmt: skip
    tx.tags.put(tags, place.now())
    noted(tx, place, who, incident, "tagged", posts, **detail)
