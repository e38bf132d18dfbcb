"""A board with a team: Ana answers, Bo leads, Eve may only look, and Cleo and Dre write the posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.place import Place
from classify.labels import Labels
from models.errors import SetupError
from models.incident import Watch
from models.store import Store
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

TEAM = {"eve": "viewer", "ana": "agent", "bo": "lead", "root": "admin"}
ORIGIN = {"sec-fetch-site": "same-origin"}


class Clock:
    """The time as the test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return it."""
        return self.now


def never() -> AbstractContextManager[Any]:
    """Open no way to the web."""
    return nullcontext(None)


def no_classifier() -> Any:
    """Have none."""
    message = "there is no classifier here"
    raise SetupError(message)


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands until it is set."""
    return Clock()


@pytest.fixture
def watch(lite: Store) -> Watch:
    """Return a watch of the incident discs-late."""
    return a_watch(lite, source="x", terms=["reelpost"])


@pytest.fixture
def place(lite: Store, tmp_path: Path, clock: Clock) -> Place:
    """Return where the board stands."""
    return Place(
        store=lite, home=tmp_path, labels=Labels.load(None), sources={},
        classifier=no_classifier, asker=never, now=clock,
    )  # fmt: skip


@pytest.fixture
def as_(place: Place) -> Iterator[Callable[[str | None], TestClient]]:
    """Return a function that opens a browser for one of the team; for None nobody is logged in."""
    app = board(place)
    with place.store.begin() as tx:
        for name, role in TEAM.items():
            tx.people.add(name, role, place.now())
    clients: list[TestClient] = []

    def browser(name: str | None) -> TestClient:
        client = TestClient(app, follow_redirects=False, headers=ORIGIN)
        clients.append(client)
        if name is not None:
            with place.store.begin() as tx:
                client.cookies.set("amends", tx.people.log_in(tx.people.named(name), place.now()))
        return client

    yield browser
    for client in clients:
        client.close()


def posts(
    store: Store, watch: Watch, *said: tuple[str, tuple[str, ...]], **fields: Any
) -> list[int]:
    """Keep posts with these texts and labels, a minute apart, the first the oldest; return their ids."""
    batch = [
        a_post(text=text, posted_at=NOW - timedelta(minutes=len(said) - n), **fields)
        for n, (text, _) in enumerate(said)
    ]
    with store.begin() as tx:
        kept = tx.posts.add(watch, batch, NOW)
        ids = [kept.ids[post.source, post.external_id] for post in batch]
        rows = tx.posts.unscored(len(batch))
        tags = [
            Tag(post_id=number, label=label, by="classifier:t", score=0.9)
            for number, (_, labels) in zip(ids, said, strict=True)
            for label in labels
        ]
        tx.tags.put_scored(rows, tags, by="classifier:t", at=NOW)
    return ids
