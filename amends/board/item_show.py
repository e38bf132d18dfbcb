"""One post for itself, under an address that stays: all that was said, decided and done about it."""

from __future__ import annotations

from fastapi import Request, Response

from amends.board.deed import inside, notice, part
from amends.board.door import Door, Here, Who
from amends.board.render import render
from amends.board.reply_draft import credit_of, draft
from amends.board.shown import FORMULA, setting, shown
from models.errors import SetupError
from models.post import LONGEST_TEXT

door = Door()

LARGEST = 2**63 - 1
AROUND = 20
"""Posts shown of those around it, and of those that say the same."""


@door.page("/i/{slug}/p/{post_id}", "viewer")
def show(
    request: Request, place: Here, who: Who, slug: str, post_id: int, reply: int | None = None,
    back: str = "",
) -> Response:  # fmt: skip
    """Show it; a script gets the item alone."""
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        key = incident.id or 0
        line = tx.queue.line(key, post_id) if 0 < post_id <= LARGEST else None
        if line is None:
            message = f"there is no post {post_id} to work on in this incident"
            raise SetupError(message, "the queue lists those it has")
        if request.headers.get("x-part") == "item":
            return part(place, who, slug, [post_id], inside(back, slug))
        thread, alike = tx.queue.thread(key, line, AROUND), tx.queue.alike(key, post_id, AROUND)
        tags, verdicts = tx.queue.tags(post_id), tx.items.history(key, post_id)
        regrouped = tx.clusters.about(key, [post_id, *(row.post_id for row in alike)])
        audit = tx.audit.about(key, f"post:{post_id}")
        moment = tx.happenings.moment(key)
        replies = tx.replies.every(next(iter(line.labels), None)) if who.may("agent") else []
        credit = credit_of(tx.acts.of(key)) if replies else ""
        team = [person.name for person in tx.people.able("agent")]
    around = shown(place, incident, who, [*thread, *alike])
    above = {line.parent_id, None} - {None}
    chosen = next((row for row in replies if row.id == reply), None)
    return render(
        request, "item_show.html", **setting(place, incident), **notice(request),
        one=shown(place, incident, who, [line], LONGEST_TEXT)[0], notice="",
        back=request.url.path, thread=around[: len(thread)], alike=around[len(thread) :],
        regrouped=regrouped,
        above=[raw.external_id in above for raw in thread], tags=tags, verdicts=verdicts,
        audit=audit, replies=replies, chosen=chosen,
        draft=draft(chosen, line, incident, credit) if chosen else "",
        at=f"{moment[0]}.{moment[1]}", formula=FORMULA, team=team or [who.name],
    )  # fmt: skip
