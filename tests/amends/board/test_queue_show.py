"""The queue as a page: leaves, filters that come off one by one, views, masks, and marked words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.incident import Watch
from models.store.items import Seen, Verdict
from models.tag import Tag
from tests.amends.board.conftest import posts
from tests.factories import NOW

Open = Callable[[str | None], TestClient]
QUEUE = "/i/discs-late/queue"


def ids(page: str) -> list[int]:
    """Return the posts of a page in their order."""
    return [int(one) for one in re.findall(r'data-post="(\d+)"', page)]


def test_leaves_of_fifty(place: Place, watch: Watch, as_: Open) -> None:
    """The next one is a link, and the way back to the start too."""
    all_ = posts(place.store, watch, *[(f"post in words {n}", ()) for n in range(120)])
    ana = as_("ana")

    found, path = [], QUEUE
    for _ in range(3):
        page = ana.get(path).text
        found.append(ids(page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(following[1]) if following else ""
    assert [len(leaf) for leaf in found] == [50, 50, 20] and path == ""
    assert [*chain(*found)] == all_
    assert "<strong>120</strong> posts" in page and "Back to the most urgent" in page


def test_each_filter_comes_off_alone(place: Place, watch: Watch, as_: Open) -> None:
    """What is on is said in words, each a link to the same without it."""
    first, second = posts(place.store, watch, ("down in Ohio", ("complaint",)), ("down too", ()))
    ana = as_("ana")

    page = ana.get(f"{QUEUE}?label=complaint&q=down&unseen=1&folded=0").text
    assert ids(page) == [first]
    offs = dict(re.findall(r'<a class="badge" href="([^"]+)">(.*?) <span', page))
    assert {html.unescape(words) for words in offs.values()} == {
        "Complaint", "“down”", "nobody has looked yet", "each copy by itself",
    }  # fmt: skip
    (without,) = (href for href, words in offs.items() if words == "Complaint")
    assert ids(ana.get(html.unescape(without)).text) == [first, second]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [("state=x", "there is no state"), ("label=x", "there is no label"), ("since=x", "is no time"),
     ("until=9999-99-99T00:00", "is no time"), ("since=0001-01-01T00:00%2B14:00", "is no time")],
)  # fmt: skip
def test_a_filter_that_cant_be_read(
    place: Place, watch: Watch, as_: Open, query: str, wrong: str
) -> None:
    """It is said, with what to do."""
    answer = as_("ana").get(f"{QUEUE}?{query}")
    assert answer.status_code in (400, 404) and wrong in answer.text


@pytest.mark.parametrize(
    "after", ["x", "1", "1.", "9" * 40 + ".1", "999999999999999999.1", "1.1'--"]
)
def test_a_cursor_that_is_none_of_ours(place: Place, watch: Watch, as_: Open, after: str) -> None:
    """It is the first leaf."""
    all_ = posts(place.store, watch, ("still no discs", ()))
    assert ids(as_("ana").get(QUEUE, params={"after": after}).text) == all_


def test_times_are_the_incidents(place: Place, watch: Watch, as_: Open) -> None:
    """What is typed is local time there."""
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").tz = "Asia/Tokyo"
    old, new = posts(place.store, watch, ("older", ()), ("newer", ()))
    ana = as_("ana")

    assert ids(ana.get(f"{QUEUE}?since=2026-03-04T20:59").text) == [new]
    assert ids(ana.get(f"{QUEUE}?until=2026-03-04T20:59").text) == [old]


def test_mine_and_nobodys(place: Place, watch: Watch, as_: Open) -> None:
    """`me` is whoever looks."""
    mine, others, free = posts(place.store, watch, ("a b", ()), ("c d", ()), ("e f", ()))
    with place.store.begin() as tx:
        tx.items.claim(1, [Seen(mine, 0)], "ana", "ana", NOW)
        tx.items.claim(1, [Seen(others, 0)], "bo", "bo", NOW)

    assert ids(as_("ana").get(f"{QUEUE}?holder=me").text) == [mine]
    assert ids(as_("bo").get(f"{QUEUE}?holder=me").text) == [others]
    assert ids(as_("ana").get(f"{QUEUE}?holder=nobody").text) == [free]
    assert ids(as_("ana").get(f"{QUEUE}?holder=bo").text) == [others]


def test_a_copy_that_is_sought_is_never_folded_away(place: Place, watch: Watch, as_: Open) -> None:
    """One stands for those that are sought, not one that isn't."""
    (first,) = posts(place.store, watch, ("the same words", ()), source="x")
    (second,) = posts(place.store, watch, ("the same words", ()), source="bluesky", author="dre")
    with place.store.begin() as tx:
        tx.items.claim(1, [Seen(first, 0)], "ana", "ana", NOW)
    ana = as_("ana")

    assert ids(ana.get(QUEUE).text) == [first]
    for query in ("source=bluesky", "holder=nobody", "unseen=1", "q=dre"):
        assert ids(ana.get(f"{QUEUE}?{query}").text) == [second], query


def test_who_may_only_look_sees_no_handles_and_no_buttons(
    place: Place, watch: Watch, as_: Open
) -> None:
    """Not in the text, the author, the link, nor by searching for a name."""
    (number,) = posts(place.store, watch, ("@reelpost_help where is it", ()),
                      author="cleopatra", url="https://x.example/cleopatra/1")  # fmt: skip
    eve = as_("eve")

    for path in (QUEUE, f"/i/discs-late/p/{number}"):
        page = eve.get(path).text
        assert "c…a" in page
        assert "cleopatra" not in page and "reelpost_help" not in page
        assert "/items/" not in page
    assert ids(eve.get(f"{QUEUE}?q=cleopatra").text) == []
    assert ids(as_("ana").get(f"{QUEUE}?q=cleopatra").text) == [number]


def test_saved_views(place: Place, watch: Watch, as_: Open) -> None:
    """They stand for all, keep only filters, and go away again."""
    posts(place.store, watch, ("still no discs", ()))
    ana = as_("ana")

    ana.post("/i/discs-late/views", data={"title": "Copies <b>", "query": "folded=0&x=1&after=1.1"})
    page = as_("eve").get(QUEUE).text
    assert f'href="{QUEUE}?folded=0"' in page and "Copies &lt;b&gt;" in page
    assert ana.post("/i/discs-late/views", data={"title": "copies <B>"}).status_code == 400
    assert as_("eve").post("/i/discs-late/views", data={"title": "mine"}).status_code == 403

    ana.post("/i/discs-late/views/1/remove")
    assert "Copies" not in ana.get(QUEUE).text.split("<main")[1].split("</nav>")[0]


def test_what_strangers_wrote_stays_text(place: Place, watch: Watch, as_: Open) -> None:
    """No tag, no link but to the web, no letters that turn the writing round."""
    evil = "<script>alert(1)</script> \u202eevil"
    (number,) = posts(place.store, watch, (evil, ("complaint",)), author='"><img src=x>')
    ana = as_("ana")

    for path in (QUEUE, f"/i/discs-late/p/{number}", f"{QUEUE}/correct?put_label=praise"):
        page = ana.get(path).text
        assert "<script>alert" not in page and "<img" not in page and "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_a_permalink_tells_it_all(place: Place, watch: Watch, as_: Open) -> None:
    """Its thread, those that say the same, who put what on it and what was done."""
    (top,) = posts(place.store, watch, ("the question", ()), external_id="top")
    one, same = posts(place.store, watch, *[("the answer", ("complaint",))] * 2, parent_id="top")
    with place.store.begin() as tx:
        tx.items.decide(1, [Seen(one, 0)], Verdict("follow", "tell legal"), "bo", NOW)
        tx.tags.put([Tag(post_id=same, label="complaint", by="bo", put=False)], NOW)

    page = as_("ana").get(f"/i/discs-late/p/{one}").text
    thread, _, rest = page.partition("In its thread")[2].partition('id="alike"')
    assert f"/p/{top}" in thread and "this post answers that one" in thread
    assert f"/p/{same}" in rest.split("<h2>Tags")[0]
    assert f"bo, of post {same} that says the same" in rest and "overruled" in rest
    assert "tell legal" in rest
    assert as_("ana").get("/i/discs-late/p/999").status_code == 404
    assert as_("ana").get(f"/i/discs-late/p/{'9' * 25}").status_code == 404


def test_a_saved_reply_fills_the_draft(place: Place, watch: Watch, as_: Open) -> None:
    """What we know is filled in, and what wasn't is left to see."""
    (number,) = posts(place.store, watch, ("where is it", ()), author="{company}")
    with place.store.begin() as tx:
        tx.replies.add("Sorry", "Dear {author}, {company} is sorry; {credit}.", None, "bo", NOW)

    page = as_("ana").get(f"/i/discs-late/p/{number}?reply=1").text
    assert "Dear {company}, Reelpost is sorry; {credit}.</textarea>" in page
    assert 'name="reply" value="1"' in page


def test_bulk_correction_after_a_preview(place: Place, watch: Watch, as_: Open) -> None:
    """All hits and those that say the same, if they are still as many as the preview said."""
    one, copy, other = posts(place.store, watch, *[("discs by mail", ())] * 2, ("else", ()))
    ana = as_("ana")

    page = ana.get(f"{QUEUE}/correct?q=mail&put_label=praise").text
    assert "<strong>1</strong> different text in 2 posts; 0 are so already" in page
    fields = {"query": "q=mail", "put_label": "praise", "put": "1", "texts": "1"}
    assert ana.post(f"{QUEUE}/correct", data=fields | {"texts": "2"}).status_code == 409
    assert ana.post(f"{QUEUE}/correct", data=fields).status_code == 303
    with place.store.read() as tx:
        held = {line.post_id: list(line.labels) for line in tx.queue.these(1, [one, copy, other])}
        (entry,) = [row for row in tx.audit.of(1, NOW, NOW + timedelta(1)) if "all" in row.did]
    assert held == {one: ["praise"], copy: ["praise"], other: []}
    assert entry.detail == {"label": "praise", "texts": 1, "filters": ["q"]}
