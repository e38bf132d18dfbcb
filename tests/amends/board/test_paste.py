"""Threads pasted and files uploaded: into the incident, with what couldn't be read named."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board import pasting
from amends.board.place import Place
from classify.labels import Labels
from ingest.disk import Disk
from ingest.registry import all_sources
from models.incident import Watch
from models.store import Store
from models.tag import Tag
from tests.amends.board.conftest import Clock
from tests.factories import NOW

As = Callable[[str | None], TestClient]

THREAD = """Cleo
March 4, 2026 at 9:12 am
Still no discs, and nobody answers the phone.

Dre
March 4, 2026 at 9:40 am
Same here. I want my money back for this month.
"""


class Complaints:
    """A classifier to which everything is a complaint."""

    by = "classifier:t"

    def tag(self, rows: list[tuple[int, str]]) -> tuple[list[Tag], list[int]]:
        """Tag them."""
        return [Tag(post_id=n, label="complaint", by=self.by, score=0.9) for n, _ in rows], []


@contextmanager
def disk() -> Iterator[Any]:
    """Open the way to the disk alone."""
    opened = Disk()
    yield opened
    opened.close()


@pytest.fixture
def place(lite: Store, tmp_path: Path, clock: Clock) -> Place:
    """Return a place that can read files."""
    return Place(
        store=lite, home=tmp_path, labels=Labels.load(None), now=clock, asker=disk,
        sources={"file": all_sources()["file"]}, classifier=Complaints,  # type: ignore[arg-type]
    )  # fmt: skip


def pasted(browser: TestClient, *, text: str = "", file: Any = None, **said: str) -> str:
    """Send the form, wait until it is read, and return the page that says what became of it."""
    files = {"file": file or ("", b"")}
    answer = browser.post("/i/discs-late/paste", data={"text": text} | said, files=files)
    assert answer.status_code == 303, answer.text
    for _ in range(300):
        page = browser.get(answer.headers["location"])
        assert page.status_code == 200
        if "refresh" not in page.headers:
            return page.text
        time.sleep(0.02)
    raise AssertionError


def texts(place: Place) -> list[tuple[str | None, str, list[str]]]:
    """Return author, text and labels of the incident's posts, the oldest first."""
    with place.store.read() as tx:
        return [(one.author, one.text, list(one.labels)) for one in tx.views.posts(1)][::-1]


def test_a_pasted_thread_comes_in(place: Place, watch: Watch, as_: As) -> None:
    """Its posts are stored and tagged, and wait in the queue; the paste itself is gone."""
    page = pasted(as_("bo"), text=THREAD)

    assert "2 posts read, 2 of them new, 0 rejected" in page
    assert texts(place) == [
        ("Cleo", "Still no discs, and nobody answers the phone.", ["complaint"]),
        ("Dre", "Same here. I want my money back for this month.", ["complaint"]),
    ]
    with place.store.read() as tx:
        assert len(tx.queue.lines(1)) == 2
        (row,) = tx.audit.of(1, NOW, NOW.replace(year=2027))
        assert (row.did, row.by, row.detail) == ("pasted", "bo", {"bytes": len(THREAD.strip())})
    assert list((place.home / "pasted").iterdir()) == []
    digest = as_("eve").get("/i/discs-late/digest").text
    assert "the paste (bo)" in digest and str(place.home) not in digest


def test_twice_the_same_is_once(place: Place, watch: Watch, as_: As) -> None:
    """Nothing is doubled, and one watch stands for both."""
    browser = as_("bo")
    pasted(browser, text=THREAD)

    assert "2 posts read, 0 of them new" in pasted(browser, text=THREAD)
    with place.store.read() as tx:
        assert len(tx.watches.of(1, once=True)) == 1


def test_a_file_with_odd_lines_names_them(place: Place, watch: Watch, as_: As) -> None:
    """Where, why and how they begin; no path of ours, and kept where the others are."""
    lines = [json.dumps({"id": "1", "text": "no discs", "author": "cleo"}), "{oops <b>", "[]"]
    body = gzip.compress("\n".join(lines).encode())

    page = pasted(as_("bo"), file=("../../etc/posts.jsonl.gz", body), format="jsonl")

    assert "1 post read" in page and "2 rejected" in page and "posts.jsonl.gz:2" in page
    assert "{oops &lt;b&gt;" in page and str(place.home) not in page and "/etc/" not in page
    assert len((place.home / "rejects.jsonl").read_text().splitlines()) == 2
    assert sorted(path.name for path in place.home.glob("pasted/*")) == []


def test_the_undated_get_the_time_that_is_said(place: Place, watch: Watch, as_: As) -> None:
    """In the incident's zone."""
    pasted(as_("bo"), text='{"id": "1", "text": "no discs"}', undated_as="2026-03-04T09:00")

    with place.store.read() as tx:
        (one,) = tx.views.posts(1)
    assert one.posted_at == NOW.replace(hour=9)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"text": "  "}, "nothing in it"),
        ({"text": "x", "format": "docx"}, "no format"),
        ({"text": "x", "undated_as": "soon"}, "isn&#39;t a time"),
        ({"text": "x", "map": "colour=red"}, "which column holds what"),
    ],
)
def test_what_cant_be_is_said(
    place: Place, watch: Watch, as_: As, said: dict[str, str], why: str
) -> None:
    """Before anything is read."""
    answer = as_("bo").post("/i/discs-late/paste", data=said)

    assert answer.status_code == 400 and why in answer.text and texts(place) == []


def test_what_is_no_thread_ends_with_a_sentence(place: Place, watch: Watch, as_: As) -> None:
    """And the page stops to look again."""
    page = pasted(as_("bo"), file=("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" * 50))

    assert "it stopped" in page and 'role="alert"' in page and str(place.home) not in page


def test_too_large_is_refused_unread(place: Place, watch: Watch, as_: As) -> None:
    """By what it says of its size, and by what comes."""
    browser = as_("bo")
    large = b"x" * (pasting.LARGEST + 1)

    answer = browser.post("/i/discs-late/paste", files={"file": ("a.txt", large)})
    assert answer.status_code == 413
    chunks = (b"x" * 1024 for _ in range(3))
    untold = browser.post("/i/discs-late/paste", content=chunks,
                          headers={"content-type": "multipart/form-data; boundary=b"})  # fmt: skip
    assert untold.status_code == 413 and texts(place) == []


def test_a_paste_is_of_its_incident_and_for_leads(place: Place, watch: Watch, as_: As) -> None:
    """Whoever guesses another address sees nothing."""
    assert as_("bo").get("/i/discs-late/paste/nothing").status_code == 404
    assert as_("ana").get("/i/discs-late/paste/nothing").status_code == 403
