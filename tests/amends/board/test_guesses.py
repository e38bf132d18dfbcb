"""Guessing passwords: how many are looked at, from where, and which nobody may choose."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from amends.board import board
from amends.board.password import weak
from amends.board.place import Place
from amends.cli.server import config
from models.person import KnockRow
from tests.amends.board.conftest import ORIGIN, Clock
from tests.amends.board.logins import RIGHT, Browser, browsers, log_in
from tests.battery import Record, tell, times


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    """Return a function that opens a browser somewhere; Ana and Bo have passwords."""
    with browsers(place) as opened:
        yield opened


def test_security_guesses_are_few_and_lock_nobody_out(
    browser: Browser, place: Place, clock: Clock, record_property: Record
) -> None:
    """Of a thousand guesses ten are looked at; Ana comes in from her own place all the while."""
    guesses = times(1000)
    thief, ana = browser("203.0.113.9"), browser("10.0.0.7")
    numbers = [log_in(thief, password=f"guess number {n}") for n in range(guesses)]
    assert log_in(ana) == 303
    looked_at = numbers.count(401)
    tell(record_property, f"{guesses} guesses: {looked_at} looked at, the victim got in")
    assert looked_at == 10 and set(numbers) == {401, 429}
    assert log_in(thief) == 429, "the right one isn't looked at either"
    assert log_in(thief, "bo") == 303, "another name has its own count"
    clock.now += timedelta(minutes=15, seconds=1)
    assert log_in(thief, password="one more") == 401


def test_security_guesses_at_once_are_no_more_than_in_a_row(browser: Browser) -> None:
    """Each is counted before it is looked at."""
    clients = [browser("203.0.113.9") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: log_in(clients[n % 8], password=f"guess {n}"), range(40)))
    assert numbers.count(401) == 10


def test_security_one_place_gets_fifty_wrong_over_all_names(browser: Browser) -> None:
    """Trying one password on everybody ends too, names there are and names there aren't."""
    thief = browser("203.0.113.9")
    numbers = [log_in(thief, f"name{n}", "summer of discs") for n in range(60)]
    assert numbers.count(401) == 50


def test_security_an_ipv6_network_is_one_place(browser: Browser) -> None:
    """Whoever has one address of it has all of them."""
    numbers = [log_in(browser(f"2001:db8::{n:x}"), password=f"guess {n}") for n in range(1, 15)]
    assert numbers.count(401) == 10
    assert log_in(browser("2001:db8:0:1::1")) == 303
    assert log_in(browser("::ffff:10.0.0.8")) == 303


def test_the_right_password_counts_for_nothing_and_old_guesses_are_forgotten(
    browser: Browser, place: Place, clock: Clock
) -> None:
    """Fifteen logins in a row are fine; who guessed from where is gone after a day."""
    client = browser()
    assert {log_in(client) for _ in range(15)} == {303}
    log_in(client, password="wrong for once")
    clock.now += timedelta(days=1, minutes=1)
    log_in(client, "bo", "wrong as well")
    with place.store.read() as tx:
        assert [row.name for row in tx.session.exec(select(KnockRow))] == ["bo"]


@pytest.mark.parametrize(("proxies", "looked_at"), [((), 10), (("10.9.9.9",), 10)])
def test_security_where_somebody_comes_from_cant_be_made_up(
    place: Place, browser: Browser, proxies: tuple[str, ...], looked_at: int
) -> None:
    """X-Forwarded-For counts only from the proxy that was named, and this isn't it."""
    served = config(board(place), proxies)
    served.load()
    with TestClient(served.loaded_app, client=("127.0.0.1", 1), headers=ORIGIN) as thief:
        numbers = [
            thief.post("/login", data={"name": "ana", "password": f"guess {n}"},
                       headers={"x-forwarded-for": f"198.51.100.{n}"}).status_code
            for n in range(15)
        ]  # fmt: skip
    assert numbers.count(401) == looked_at


def test_a_named_proxy_is_believed_about_the_last_hop_only(place: Place, browser: Browser) -> None:
    """What the visitor wrote before the proxy's own words doesn't count."""
    served = config(board(place), ["10.9.9.9"])
    served.load()
    with TestClient(served.loaded_app, client=("10.9.9.9", 1), headers=ORIGIN) as proxy:

        def through(visitor: str, n: int) -> int:
            answer = proxy.post("/login", data={"name": "ana", "password": f"guess {n}"},
                                headers={"x-forwarded-for": f"198.51.100.{n}, {visitor}"})  # fmt: skip
            return int(answer.status_code)

        assert [through("203.0.113.9", n) for n in range(12)].count(401) == 10
        assert through("203.0.113.10", 99) == 401


@pytest.mark.parametrize("bad", [
    "short", "password123", "P@ssw0rd2024!", "qwertyuiop", "1234567890", "iloveyou!!", "adminadmin1",
    "Summer2026!", "aaaaaaaaaaaa", "1q2w3e4r5t", "Welcome2Amends", "anabelle-1",
])  # fmt: skip
def test_what_everybody_tries_first_is_no_password(bad: str) -> None:
    """Told by rule: words, walks, digits for letters, what stands around them, and one's own name."""
    assert weak(bad, "anabelle")


@pytest.mark.parametrize("good", [RIGHT, "twelve slow herons", "Xk9#mQ2vLp", "blue kettle moon"])
def test_a_few_words_are_a_password(good: str) -> None:
    """Nobody is made to add a digit and a sign."""
    assert weak(good, "ana") == ""
