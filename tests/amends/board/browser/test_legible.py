"""Everybody can read and use every page: names, contrast, order, landmarks, and a telephone's width."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.responses import HTMLResponse
from playwright.sync_api import Page

from amends.board import registry
from models.campaign import Batch, Terms
from models.store.items import Seen, Verdict
from tests.amends.board.browser.conftest import NOW, SLUG, Opens, Scene

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
CHECKS = (HERE / "checks.js").read_text(encoding="utf-8")
NARROW = (HERE / "narrow.js").read_text(encoding="utf-8")

MORE = ("queue?label=complaint&q=tv", "queue?state=dismissed")


def pages(scene: Scene) -> list[str]:
    """Return every page there is that needs no more than an incident and a post, newcomers included."""
    with scene.place.store.begin() as tx:
        first, second = tx.queue.lines(scene.incident_id, most=2)
        seen = [Seen(first.post_id, first.version)]
        tx.items.decide(scene.incident_id, seen, Verdict("dismiss", "a copy"), "root", NOW)
        terms = Terms(text="Click the link.", how="link", offers={"": ("3 %",)}, days=7,
                      batches=(Batch(NOW, 12_000),))  # fmt: skip
        offered = tx.campaigns.add(scene.incident_id, terms, "root", NOW)
        tx.replies.add(
            "Look again", "It is in your account.", "credit_request", "root", NOW, "before"
        )
    known = {"{slug}": SLUG, "{post_id}": str(second.post_id)}
    found = []
    for route in (route for door in registry.pages() for route in door.routes):
        path = getattr(route, "path", "")
        for name, value in known.items():
            path = path.replace(name, value)
        shows = getattr(route, "response_class", None) is HTMLResponse and "GET" in route.methods
        if shows and "{" not in path:
            found.append(path)
    return [*found, *(f"/i/{SLUG}/{more}" for more in (*MORE, f"credit/{offered.id}"))]


def looked_at(page: Page, scene: Scene, check: str) -> dict[str, list[str]]:
    """Return what a check finds on each page, everything that folds unfolded."""
    found = {}
    for path in pages(scene):
        answer = page.goto(f"{scene.url}{path}")
        assert answer is not None and answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
        found[path] = page.evaluate(check)
    assert len(found) > 10
    return {path: wrong for path, wrong in found.items() if wrong}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_trips(opened: Opens, scene: Scene, scheme: str) -> None:
    """Controls have names, words stand out, headings and landmarks are in order, by day and night."""
    page = opened("root", "", color_scheme=scheme)
    assert looked_at(page, scene, CHECKS) == {}


def test_a_telephone_shows_it_all(opened: Opens, scene: Scene) -> None:
    """At 375 px nothing reaches out of the page, and every control is big enough for a thumb."""
    page = opened("root", "", viewport={"width": 375, "height": 760}, has_touch=True)
    assert looked_at(page, scene, NARROW) == {}


def test_tab_goes_where_eyes_go(opened: Opens) -> None:
    """The focus goes down the page as one reads it, and one always sees where it is."""
    page = opened("ana", "/queue")
    places = []
    for _ in range(60):
        page.keyboard.press("Tab")
        places.append(
            page.evaluate("""() => {
            const node = document.activeElement;
            const style = getComputedStyle(node);
            const all = [...document.querySelectorAll("*")];
            return {
                at: all.indexOf(node), name: node.outerHTML.slice(0, 90),
                seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                hidden: node.getBoundingClientRect().top < (node.closest(".top, .skip") ? -1
                    : document.querySelector(".top").getBoundingClientRect().bottom - 1),
            };
        }""")
        )
    assert [place["name"] for place in places if not place["seen"] or place["hidden"]] == []
    order = [place["at"] for place in places]
    assert order == sorted(order) and len(set(order)) == len(order)


def test_whoever_may_only_look_is_offered_nothing_else(opened: Opens) -> None:
    """A viewer's queue has no control that would be refused."""
    page = opened("eve", "/queue")
    posts = page.locator("main form[method=post]")
    assert page.locator("article.item").count() > 10 and posts.count() == 0


def test_keys_can_be_switched_off(opened: Opens) -> None:
    """Who dictates or types by switch presses keys by accident; the choice is kept."""
    page = opened("ana", "/queue")
    page.keyboard.press("?")
    page.get_by_label("Single keys do something").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator("article.item:focus").count() == 0
    page.reload()
    page.keyboard.press("j")
    assert page.locator("article.item:focus").count() == 0
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys do something").check()
    page.get_by_role("button", name="Close").click()
    page.locator("body").press("j")
    assert page.locator("article.item:focus").count() == 1
