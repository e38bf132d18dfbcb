"""The same shift with the browser's scripts switched off: links, forms, and nothing else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from models.store.items import Seen
from tests.amends.board.browser.conftest import NOW, Opens, Scene

pytestmark = pytest.mark.browser


def nth(page: Page, place: int) -> tuple[int, Locator]:
    """Return an item by its place in the queue, the first is 0: its post and itself."""
    item = page.locator("article.item").nth(place)
    post = int(item.get_attribute("data-post") or 0)
    return post, page.locator(f"#p{post}")


def press(item: Locator, name: str) -> None:
    """Click a button of an item and wait for the page that follows."""
    with item.page.expect_navigation():
        item.get_by_role("button", name=name).first.click()


def test_twenty_posts(opened: Opens, scene: Scene) -> None:
    """Ana claims, corrects, answers and dismisses twenty posts, by links and forms alone."""
    page = opened("ana", "", java_script_enabled=False)
    page.get_by_role("link", name="Queue").click()
    done: dict[str, list[int]] = {"claim": [], "correct": [], "reply": [], "dismiss": []}
    for n in range(5):
        post, item = nth(page, 2 * n)
        press(item, "Claim")
        expect(item.locator(".badge", has_text="yours")).to_be_visible()
        done["claim"].append(post)

        post, item = nth(page, 2 * n + 1)
        press(item, "Praise")
        done["correct"].append(post)

        post, item = nth(page, 2 * n + 2)
        item.locator("summary", has_text="Reply").click()
        item.get_by_label("What we answer").fill("We are sorry.")
        item.get_by_label("Its link").fill(f"https://x.example/{post}")
        press(item, "Mark as sent")
        expect(page.get_by_role("status").filter(has_text="answered")).to_be_visible()
        done["reply"].append(post)

        post, item = nth(page, 2 * n + 2)
        press(item, "Dismiss")
        expect(page.get_by_role("status").filter(has_text="dismissed")).to_be_visible()
        done["dismiss"].append(post)

    assert len({post for some in done.values() for post in some}) == 20
    key = scene.incident_id
    with scene.place.store.read() as tx:
        assert {tx.items.get(key, post).holder for post in done["claim"]} == {"ana"}
        assert {tx.items.get(key, post).decision for post in done["reply"]} == {"reply"}
        assert {tx.items.get(key, post).decision for post in done["dismiss"]} == {"dismiss"}
        assert {tx.queue.tags(post)[0].by for post in done["correct"]} == {"ana"}


def test_undo(opened: Opens, scene: Scene) -> None:
    """The notice of what was done takes it back."""
    page = opened("ana", "/queue", java_script_enabled=False)
    post, item = nth(page, 0)
    press(item, "Dismiss")
    expect(item).to_have_count(0)
    with page.expect_navigation():
        page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(item).to_be_visible()
    with scene.place.store.read() as tx:
        assert tx.items.get(scene.incident_id, post).decision is None


def test_a_lost_race(opened: Opens, scene: Scene) -> None:
    """Bo was faster: a page says who, when and how it stands, and nothing is overwritten."""
    page = opened("ana", "/queue", java_script_enabled=False, expected=("status of 409",))
    post, item = nth(page, 0)
    with scene.place.store.begin() as tx:
        tx.items.claim(scene.incident_id, [Seen(post, 0)], "bo", "bo", NOW)
    press(item, "Dismiss")
    expect(page.get_by_role("heading", level=1)).to_have_text("bo was faster")
    expect(page.locator(f"#p{post} .badge", has_text="bo")).to_be_visible()
    page.get_by_role("link", name="Back", exact=True).click()
    page.wait_for_url(re.compile("/queue"))
    with scene.place.store.read() as tx:
        row = tx.items.get(scene.incident_id, post)
    assert (row.holder, row.decision) == ("bo", None)


def test_nothing_is_offered_that_needs_a_script(opened: Opens) -> None:
    """Without scripts there is no word of keys, and no bar that never fills."""
    page = opened("ana", "/queue", java_script_enabled=False)
    expect(page.locator("[data-opens]")).to_be_hidden()
    expect(page.locator("#news")).to_be_hidden()
    expect(page.locator("#keys")).to_be_hidden()
