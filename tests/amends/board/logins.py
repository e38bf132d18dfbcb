"""Browsers in several places, and the login form sent from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from fastapi.testclient import TestClient

from amends.board import board
from amends.board.password import hashed
from amends.board.place import Place
from tests.amends.board.conftest import ORIGIN
from tests.slots import odd

RIGHT = odd("password of a person")
Browser = Callable[..., TestClient]


@cache
def kept() -> str:
    """Return what is kept of the right password."""
    return hashed(RIGHT)


@contextmanager
def browsers(place: Place) -> Iterator[Browser]:
    """Give a function that opens a browser somewhere; Ana and Bo have passwords."""
    with place.store.begin() as tx:
        for name, role in (("ana", "agent"), ("bo", "admin")):
            tx.people.set_password(tx.people.add(name, role, place.now()), kept())
    app = board(place)
    opened: list[TestClient] = []

    def client(at: str = "10.0.0.1", *, url: str = "http://testserver") -> TestClient:
        one = TestClient(
            app, base_url=url, client=(at, 1), headers=ORIGIN, follow_redirects=False
        )  # fmt: skip
        opened.append(one)
        return one

    try:
        yield client
    finally:
        for one in opened:
            one.close()


def log_in(client: TestClient, name: str = "ana", password: str = RIGHT, **more: str) -> int:
    """Send the form, and return the number of the answer."""
    form = {"name": name, "password": password, **more}
    return int(client.post("/login", data=form).status_code)


def inside(client: TestClient) -> bool:
    """Return whether somebody is logged in."""
    return bool(client.get("/").status_code == 200)
