"""The recorded incident on a served board, and a browser for each of the team."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy.engine import make_url

from amends import course
from amends.board import board
from amends.board.place import Place
from amends.cli import main
from amends.cli.demo import folder
from amends.incident_script import read_script
from classify.labels import Labels
from classify.shelf import ready
from ingest.registry import all_sources
from models.incident import Watch
from models.store import Store
from tests.amends.board.conftest import TEAM, never
from tests.amends.board.serving import Serving
from tests.conftest import database
from tests.grounds import ON

CHROMIUM = "/usr/bin/chromium"
SLUG = read_script(folder()).slug
NOW = read_script(folder()).plays_at


class Scene(msgspec.Struct, frozen=True):
    """A served board: where it is, what lies behind it, and whom a cookie lets in."""

    url: str
    place: Place
    watch: Watch
    cookies: dict[str, str]

    @property
    def incident_id(self) -> int:
        """The incident everybody looks at."""
        return self.watch.incident_id

    def address(self, path: str) -> str:
        """Return a page of the incident, such as `/queue`."""
        return f"{self.url}/i/{SLUG}{path}"


class Played(NamedTuple):
    """A home in which the recorded incident was played, and where its database lies."""

    home: Path
    url: str


@pytest.fixture(scope="session")
def played(
    tmp_path_factory: pytest.TempPathFactory, trained: Path, request: pytest.FixtureRequest
) -> Played:
    """Play the recorded incident, once for all tests."""
    home = tmp_path_factory.mktemp("played")
    shutil.copytree(trained, home / "classifiers")
    url = database(ON, request, home)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        for name in [name for name in os.environ if name.startswith("AMENDS_")]:
            patch.delenv(name)
        patch.setenv("AMENDS_DATABASE_URL", url)
        main(["--home", str(home), "demo"])
    return Played(home, url)


@pytest.fixture
def scene(
    played: Played, trained: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Scene]:
    """Serve a board of that incident to this test alone."""
    home = tmp_path / "home"
    shutil.copytree(played.home, home)
    labels = Labels.load()
    store = Store.open(database(ON, request, home, make_url(played.url).database or ""))
    place = Place(
        store=store, home=home, labels=labels, sources=all_sources(), asker=never,
        classifier=lambda: ready(trained, lambda _: None, now=NOW, labels=labels),
        now=lambda: NOW,
    )  # fmt: skip
    cookies = {}
    with store.begin() as tx:
        incident = tx.incidents.find(SLUG)
        course.reopened(tx, incident, by="bo", now=NOW)
        for row in tx.watches.of(incident.id or 0):
            row.paused_at = None
        watch = next(row for row in tx.watches.of(incident.id or 0) if row.source == "x")
        for name, role in TEAM.items():
            cookies[name] = tx.people.log_in(tx.people.add(name, role, NOW), NOW)
    with Serving(board(place)) as serving:
        yield Scene(serving.url, place, watch.as_watch(), cookies)
    store.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the browser. For a module only: while it runs, nothing else may own an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


Opens = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, scene: Scene) -> Iterator[Opens]:
    """
    Return a function that opens a page for one of the team.

    Whatever a browser complains of, or asks of another site, fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def note_request(url: str) -> None:
        if not url.startswith((scene.url, "data:", "blob:")):
            wrong.append(f"asked {url}")

    def open_(who: str, path: str, *, expected: tuple[str, ...] = (), **said: object) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1200, "height": 900}} | said))  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "amends", "value": scene.cookies[who], "url": scene.url}])
        page = context.new_page()
        page.on("request", lambda request: note_request(request.url))
        page.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
        page.on(
            "console",
            lambda line: (
                wrong.append(f"console: {line.text}")
                if line.type == "error" and not any(one in line.text for one in expected)
                else None
            ),
        )
        page.goto(scene.address(path))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
