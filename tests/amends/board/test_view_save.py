"""A view that would sort people by what they didn't say isn't kept, by whichever of its words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.incident import Watch

As = Callable[[str | None], TestClient]
VIEWS = "/i/discs-late/views"


@pytest.mark.parametrize(("title", "query"), [
    ("Union members", ""), ("Angry ones", "q=muslim"), ("Angry ones", "q=no+discs+and+in+debt"),
    ("the GAY ones", "q=discs"), ("Convicted", "label=complaint"),
])  # fmt: skip
def test_it_is_refused_with_a_sentence(
    place: Place, watch: Watch, as_: As, title: str, query: str
) -> None:
    """And a way out; nothing is kept."""
    answer = as_("ana").post(VIEWS, data={"title": title, "query": query})

    assert answer.status_code == 400
    assert (
        "it would sort people by" in answer.text
        and "looking for a word once is fine" in answer.text
    )
    with place.store.read() as tx:
        assert tx.saved_views.of(watch.incident_id) == []


def test_a_view_of_what_posts_say_is_kept(place: Place, watch: Watch, as_: As) -> None:
    """And a search for a word without keeping it."""
    ana = as_("ana")
    assert ana.post(VIEWS, data={"title": "Refunds", "query": "q=refund"}).status_code == 303
    assert ana.get("/i/discs-late/queue?q=union").status_code == 200
    with place.store.read() as tx:
        assert [row.title for row in tx.saved_views.of(watch.incident_id)] == ["Refunds"]
