"""What the board looks like, for the README: `AMENDS_SCREENS=1` makes the pictures anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.amends.board.browser.conftest import Opens, Scene
from tests.recorded import FIXTURES

SCREENS = FIXTURES / "screens"
MOST = 500_000
"""Bytes of all pictures together."""

NAMES = ("incident", "item", "phone", "queue")


@pytest.mark.browser
def test_pictures_are_made(opened: Opens, scene: Scene, tmp_path: Path) -> None:
    """The queue, an incident by night, a post, and a telephone; kept only on request."""
    where = SCREENS if "AMENDS_SCREENS" in os.environ else tmp_path
    where.mkdir(exist_ok=True)
    wide = {"width": 1100, "height": 780}
    with scene.place.store.read() as tx:
        post = tx.queue.lines(scene.incident_id, most=1)[0].post_id
    page = opened("ana", "/queue", viewport=wide, color_scheme="light")
    for key in "jjcjd":
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    page.screenshot(path=where / "queue.png")
    page = opened("bo", "", viewport=wide, color_scheme="dark")
    page.screenshot(path=where / "incident.png")
    page = opened("ana", f"/p/{post}", viewport=wide, color_scheme="light")
    page.screenshot(path=where / "item.png")
    page = opened("ana", "/queue", viewport={"width": 375, "height": 720}, has_touch=True)
    page.keyboard.press("j")
    page.screenshot(path=where / "phone.png")
    assert sum(path.stat().st_size for path in where.glob("*.png")) < MOST


def test_the_pictures_are_small() -> None:
    """All of them weigh no more than half a megabyte."""
    sizes = {path.stem: path.stat().st_size for path in SCREENS.glob("*.png")}
    assert sorted(sizes) == sorted(NAMES)
    assert sum(sizes.values()) < MOST
