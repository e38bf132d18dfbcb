"""Saved replies: written by leads, filled in plain text, never overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from amends.board.reply_draft import credit_of, draft
from models.campaign import ActRow
from models.errors import SetupError
from models.incident import Watch
from models.reply import ReplyRow, fields_of, filled
from tests.amends.board.conftest import Clock, posts
from tests.factories import NOW, an_incident

pytestmark = pytest.mark.both

As = Callable[[str | None], TestClient]
NEW = {"title": "Credit", "text": "Hi {author},\n{credit} is yours.", "label": "credit_request"}


def saved(text: str) -> ReplyRow:
    """Return a saved reply that isn't kept."""
    return ReplyRow(title="t", text=text, by="bo", at=NOW)


def test_a_reply_is_written_listed_changed_and_removed(as_: As, place: Place, clock: Clock) -> None:
    """By a lead; everybody reads how it would read."""
    bo, eve = as_("bo"), as_("eve")

    assert bo.post("/replies", data=NEW).headers["location"] == "/replies#r1"
    assert "Hi cleo," in eve.get("/replies").text and "$5 is yours." in eve.get("/replies").text
    clock.now += timedelta(minutes=1)
    seen = bo.get("/replies/1").text.split('name="seen" value="')[1].split('"')[0]
    bo.post("/replies/1", data=NEW | {"text": "New words.", "seen": seen})
    assert "New words." in eve.get("/replies").text

    seen = bo.get("/replies/1").text.split('name="seen" value="')[1].split('"')[0]
    assert bo.post("/replies/1", data=NEW | {"seen": seen, "do": "remove"}).status_code == 303
    assert "There is none yet" in eve.get("/replies").text
    with place.store.read() as tx:
        assert tx.replies.every() == []


@pytest.mark.parametrize("name", ["eve", "ana"])
def test_only_leads_write_them(as_: As, name: str) -> None:
    """Who answers reads them."""
    browser = as_(name)

    assert browser.post("/replies", data=NEW).status_code == 403
    assert browser.get("/replies/new").status_code == 403
    assert browser.get("/replies").status_code == 200


def test_a_change_nobody_saw_isnt_overwritten(as_: As, clock: Clock) -> None:
    """The second is told by whom, and keeps what they wrote."""
    bo, root = as_("bo"), as_("root")
    bo.post("/replies", data=NEW)
    seen = {"seen": NOW.isoformat()}
    clock.now += timedelta(minutes=1)
    root.post("/replies/1", data=NEW | seen | {"text": "Root was here."})

    late = bo.post("/replies/1", data=NEW | seen | {"text": "Bo wrote this."})

    assert late.status_code == 409
    assert "root has changed" in late.text
    assert "Root was here." in late.text and "Bo wrote this." in late.text


def test_two_changes_in_one_moment_are_told_apart(as_: As) -> None:
    """The clock stands; the second still loses."""
    bo, root = as_("bo"), as_("root")
    bo.post("/replies", data=NEW)
    same = NEW | {"seen": NOW.isoformat()}

    assert root.post("/replies/1", data=same).status_code == 303
    assert bo.post("/replies/1", data=same).status_code == 409


def test_a_preview_keeps_nothing(as_: As, place: Place) -> None:
    """It shows how it would read, escaped."""
    shown = as_("bo").post("/replies", data=NEW | {"text": "<b>{author}</b>", "do": "preview"})

    assert "&lt;b&gt;cleo&lt;/b&gt;" in shown.text
    with place.store.read() as tx:
        assert tx.replies.every() == []


@pytest.mark.parametrize(
    "text", ["Hi {autor}", "Hi {author", "Hi }", "{}", "{author.name}", "{{author}}"]
)
def test_unknown_fields_are_refused(as_: As, place: Place, text: str) -> None:
    """With the fields there are, and the words still in the form."""
    with pytest.raises(SetupError, match=r"field|brace"):
        fields_of(text)

    answer = as_("bo").post("/replies", data=NEW | {"text": text})

    assert answer.status_code == 400 and "{company}" in answer.text
    with place.store.read() as tx:
        assert tx.replies.every() == []


def test_a_draft_is_filled_in_plain_text(place: Place, watch: Watch) -> None:
    """What a stranger calls themselves is never read for fields, and steers nothing."""
    posts(place.store, watch, ("my credit?", ()), author="{company}\u202e<b>")
    with place.store.read() as tx:
        (line,) = tx.queue.lines(1)
    incident = an_incident(company="Reelpost", title="Discs late")

    text = draft(saved("{author}: {company}, {incident}, {credit}"), line, incident)

    assert text == "{company}<b>: Reelpost, Discs late, {credit}"
    assert draft(saved("{credit}"), line, incident, "$5") == "$5"
    assert filled("{a}", {"a": "{a}"}) == "{a}"


def test_the_credit_is_the_newest_that_was_posted() -> None:
    """Drafts don't count."""

    def act(text: str, **said: object) -> ActRow:
        plain = {"incident_id": 1, "kind": "credit_posted", "recorded_at": NOW, "at": NOW}
        return ActRow(**(plain | {"text": text} | said))

    assert (
        credit_of([act("$1"), act("$5"), act("Sorry", kind="apology"), act("$9", at=None)]) == "$5"
    )
    assert credit_of([]) == ""


def test_those_for_a_label_come_first(place: Place) -> None:
    """Then those for any post; those for another label not at all."""
    with place.store.begin() as tx:
        for title, label in (("a", None), ("b", "praise"), ("c", "complaint"), ("d", "praise")):
            tx.replies.add(title, "words", label, "bo", NOW)
        assert [row.title for row in tx.replies.every("praise")] == ["b", "d", "a"]
        assert len(tx.replies.every()) == 4
