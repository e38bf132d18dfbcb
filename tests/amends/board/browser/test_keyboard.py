"""A shift at the board with the keyboard alone: work, news, a lost race, second thoughts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from models.store.items import Seen, Verdict
from tests.amends.board.browser.conftest import NOW, Opens, Scene
from tests.amends.board.conftest import posts

pytestmark = pytest.mark.browser

LOST = ("status of 409",)
"""What a browser notes of an answer that somebody was faster."""


def at(page: Page) -> Locator:
    """Return the item with the focus."""
    return page.locator("article.item:focus-within, article.item:focus")


def post_of(item: Locator) -> int:
    """Return an item's post."""
    return int(item.get_attribute("data-post") or 0)


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def settled(page: Page) -> None:
    """Wait until nothing is on its way."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def claim(page: Page) -> int:
    """Claim the item with the focus, and go on."""
    post = post_of(at(page))
    press(page, "c")
    expect(page.locator(f"#p{post} .badge", has_text="yours")).to_be_visible()
    expect(page.locator(f"#p{post}")).to_be_focused()
    press(page, "j")
    return post


def correct(page: Page) -> int:
    """Turn the label of the second key round, and go on."""
    post = post_of(at(page))
    tag = page.locator(f"#p{post} [data-key='2']")
    was = tag.get_attribute("aria-pressed")
    press(page, "2")
    expect(tag).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    expect(page.locator(f"#p{post}")).to_be_focused()
    press(page, "j")
    return post


def answer(page: Page) -> int:
    """Mark an answer as sent; the next item has the focus then."""
    post = post_of(at(page))
    press(page, "r")
    page.keyboard.type("We are sorry. Your disc leaves tomorrow.")
    press(page, "Tab")
    page.keyboard.type(f"https://x.example/reelpost/{post}")
    press(page, "Enter")
    expect(page.locator(f"#p{post} .badge", has_text="answered")).to_be_visible()
    expect(page.locator(f"#p{post} ~ article.item").first).to_be_focused()
    return post


def dismiss(page: Page) -> int:
    """Dismiss the item with the focus; the next one has it then."""
    post = post_of(at(page))
    press(page, "d")
    expect(page.locator(f"#p{post} .badge", has_text="dismissed")).to_be_visible()
    expect(page.locator(f"#p{post} ~ article.item").first).to_be_focused()
    return post


def test_twenty_posts(opened: Opens, scene: Scene) -> None:
    """Ana claims, corrects, answers and dismisses twenty posts, and touches nothing but keys."""
    page = opened("ana", "")
    press(page, "g", "q")
    page.wait_for_url(re.compile("/queue$"))
    page.evaluate("window.same = true")
    press(page, "j")
    done: dict[str, list[int]] = {"claim": [], "correct": [], "answer": [], "dismiss": []}
    for _ in range(5):
        for name, deed in (
            ("claim", claim),
            ("correct", correct),
            ("answer", answer),
            ("dismiss", dismiss),
        ):
            done[name].append(deed(page))

    assert page.evaluate("window.same") is True
    everything = [post for some in done.values() for post in some]
    assert len(set(everything)) == 20
    key = scene.incident_id
    with scene.place.store.read() as tx:
        items = {post: tx.items.get(key, post) for post in everything}
        answers = {post: tx.items.history(key, post)[0] for post in done["answer"]}
        corrected = [tx.queue.tags(post)[0] for post in done["correct"]]
        audit = [row for post in everything for row in tx.audit.about(key, f"post:{post}")]
    assert {items[post].holder for post in done["claim"]} == {"ana"}
    assert {items[post].decision for post in done["answer"]} == {"reply"}
    assert all(row.url == f"https://x.example/reelpost/{post}" for post, row in answers.items())
    assert {items[post].decision for post in done["dismiss"]} == {"dismiss"}
    assert {(tag.label, tag.by) for tag in corrected} == {("praise", "ana")}
    assert len(audit) == 20 and {row.by for row in audit} == {"ana"}


def test_undo(opened: Opens, scene: Scene) -> None:
    """What was dismissed by mistake is back with one key, although the focus has moved on."""
    page = opened("ana", "/queue")
    press(page, "j")
    post = dismiss(page)
    press(page, "u")
    expect(page.locator(f"#p{post} [data-key=d]")).to_be_visible()
    with scene.place.store.read() as tx:
        row = tx.items.get(scene.incident_id, post)
    assert (row.open, row.decision) == (True, None)


def test_a_key_held_down_decides_once(opened: Opens, scene: Scene) -> None:
    """A finger that stays on a key does not go through the queue."""
    page = opened("ana", "/queue")
    press(page, "j")
    page.keyboard.down("d")
    for _ in range(8):
        page.keyboard.down("d")
        page.wait_for_timeout(60)
    page.keyboard.up("d")
    settled(page)
    assert page.locator("article.item.done").count() == 1


@pytest.mark.parametrize("down", [1, 6])
def test_news_come_without_a_reload(opened: Opens, scene: Scene, down: int) -> None:
    """A new post is announced within five seconds; what one reads stays where it is."""
    page = opened("ana", "/queue")
    press(page, *["j"] * down)
    page.evaluate("window.same = true")
    before = at(page).bounding_box()
    posts(scene.place.store, scene.watch, ("where is my CREDIT", ("credit_request",)),
          author_followers=900_000_000)  # fmt: skip
    link = page.get_by_role("link", name="1 new post – show")
    expect(link).to_be_visible(timeout=5_000)
    assert at(page).bounding_box() == before
    assert page.title().startswith("(1) ")
    assert page.evaluate("window.same") is True
    link.focus()
    press(page, "Enter")
    expect(page.locator("article.item", has_text="where is my CREDIT")).to_be_visible()
    expect(page.get_by_role("link", name="new post")).to_have_count(0)


def test_what_came_between_page_and_stream_is_told(opened: Opens, scene: Scene) -> None:
    """A tab that was not looked at hears what it missed."""
    page = opened("ana", "/queue")
    other = page.context.new_page()
    page.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", { get: () => window.state ?? "visible" });
        window.state = "hidden";
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    posts(scene.place.store, scene.watch, ("one", ()), ("two", ()))
    page.wait_for_timeout(2_500)
    expect(page.locator("#news")).to_be_hidden()
    page.evaluate('window.state = "visible"; document.dispatchEvent(new Event("visibilitychange"))')
    expect(page.get_by_role("link", name="2 new posts – show")).to_be_visible(timeout=5_000)
    other.close()


def test_a_colleagues_claim_shows(opened: Opens, scene: Scene) -> None:
    """What Bo does on his board is on Ana's within five seconds, and her focus stays."""
    ana, bo = opened("ana", "/queue"), opened("bo", "/queue")
    press(ana, "j", "j")
    post = post_of(at(ana))
    press(bo, "j", "j", "c")
    expect(ana.locator(f"#p{post} .badge", has_text="bo")).to_be_visible(timeout=5_000)
    expect(ana.locator(f"#p{post}")).to_be_focused()
    expect(ana.locator(f"#p{post} [data-key=d]")).to_have_count(0)


def test_a_lost_race(opened: Opens, scene: Scene) -> None:
    """Bo was faster: Ana is told at once who and when, sees how it stands, and nothing is overwritten."""
    page = opened("ana", "/queue", expected=LOST)
    press(page, "j")
    post = post_of(at(page))
    key = scene.incident_id
    with scene.place.store.begin() as tx:
        tx.items.decide(key, [Seen(post, 0)], Verdict("follow"), "bo", NOW)
    press(page, "d")
    item = page.locator(f"#p{post}")
    expect(item.get_by_role("alert")).to_contain_text("bo was faster")
    expect(item.locator(".badge", has_text="followed")).to_be_visible()
    expect(item).to_be_focused()
    expect(page.locator("#said")).to_contain_text("bo was faster")
    with scene.place.store.read() as tx:
        assert [row.by for row in tx.items.history(key, post)] == ["bo"]


def test_what_was_written_outlives_a_lost_race(opened: Opens, scene: Scene) -> None:
    """Ana's half-written answer is not thrown away because Bo claimed the post meanwhile."""
    page = opened("ana", "/queue", expected=LOST)
    press(page, "j")
    post = post_of(at(page))
    press(page, "r")
    page.keyboard.type("Dear Cleo, we looked for your disc")
    with scene.place.store.begin() as tx:
        tx.items.claim(scene.incident_id, [Seen(post, 0)], "bo", "bo", NOW)
        tx.audit.note("claimed", f"post:{post}", by="bo", now=NOW, incident_id=scene.incident_id)
    item = page.locator(f"#p{post}")
    expect(item.locator("[data-stale]")).to_contain_text("bo changed this", timeout=5_000)
    expect(item.locator("textarea")).to_have_value("Dear Cleo, we looked for your disc")
    expect(item.locator("textarea")).to_be_focused()
    press(page, "Tab", "Tab", "Enter")
    expect(item.get_by_role("alert")).to_contain_text("bo was faster")
    expect(item.locator("textarea")).to_have_value("Dear Cleo, we looked for your disc")


def test_no_answer_loses_nothing(opened: Opens, scene: Scene) -> None:
    """A board that is away is said to be; the words stay in their field."""
    page = opened("ana", "/queue", expected=("ERR_FAILED", "ERR_INTERNET"))
    press(page, "j", "r")
    page.keyboard.type("Dear Cleo")
    page.route("**/items/decide", lambda route: route.abort())
    press(page, "Tab", "Tab", "Enter")
    expect(page.locator("#said")).to_contain_text("Not sent")
    expect(at(page).locator("textarea")).to_have_value("Dear Cleo")
    page.unroute("**/items/decide")
    press(page, "Enter")
    expect(page.locator("article.item .badge", has_text="answered")).to_be_visible()


def test_from_the_list_to_a_file(opened: Opens, scene: Scene) -> None:
    """The incident is opened from the list of all, and its queue taken along as a table."""
    page = opened("ana", "/../../")
    page.get_by_role("link", name="Discs late").focus()
    press(page, "Enter")
    page.wait_for_url(scene.address(""))
    press(page, "g", "q")
    page.wait_for_url(re.compile("/queue$"))
    page.get_by_role("link", name="CSV").focus()
    with page.expect_download() as begun:
        press(page, "Enter")
    lines = begun.value.path().read_text("utf-8-sig").splitlines()
    assert begun.value.suggested_filename.endswith(".csv") and len(lines) > 500


def test_keys_that_lead_around(opened: Opens, scene: Scene) -> None:
    """Search, pick, open, leave, help and the way between the pages."""
    page = opened("ana", "/queue")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "Escape", "/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.get_by_role("searchbox")).to_have_value("jk")
    press(page, "Escape", "j", "x", "j", "k")
    expect(at(page).get_by_role("checkbox")).to_be_checked()
    press(page, "r")
    expect(at(page).locator("textarea")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("article.item:focus")).to_have_count(1)
    post = post_of(at(page))
    press(page, "Enter")
    page.wait_for_url(re.compile(f"/p/{post}$"))
    press(page, "c")
    page.wait_for_url(re.compile("done=claim"))
    expect(page.locator(f"#p{post} .badge", has_text="yours")).to_be_visible()
    press(page, "g", "i")
    page.wait_for_url(scene.address(""))
