"""Strangers write what they like in six fields: no script runs, and nothing is asked of another site."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from models.campaign import Terms
from models.incident import IncidentRow, WatchRow
from models.post import Post
from models.store.items import Seen, Verdict
from models.tag import Tag
from tests import battery
from tests.amends.board.browser.conftest import NOW, Scene
from tests.amends.board.browser.hostile import payloads
from tests.battery import Record, tell, times

pytestmark = pytest.mark.browser

FULL = 500
FIELDS = ("text", "author", "URL", "title", "note", "source")

PLACED = """() => {
    const found = [];
    if (window.ran !== undefined) found.push("a script ran");
    const foreign = "script:not([src='/static/board.js']), iframe, object, embed, base, video, audio, img, math,"
        + " style, template, meta[http-equiv], link:not([href^='/']), [style], [srcdoc], [poster]";
    for (const node of document.querySelectorAll(foreign)) found.push(node.outerHTML.slice(0, 120));
    for (const node of document.querySelectorAll("*")) {
        for (const { name, value } of node.attributes) {
            if (/^on/i.test(name)) found.push(`${node.localName} ${name}=${value}`);
            if (/^(href|src|action|formaction|xlink:href|data)$/i.test(name) && !/^(https?:\\/\\/|\\/(?!\\/)|#|$)/i.test(value)) {
                found.push(`${node.localName} ${name}=${value}`);
            }
            if (/^(action|formaction)$/i.test(name) && new URL(value, location.href).origin !== location.origin) {
                found.push(`${node.localName} ${name}=${value}`);
            }
        }
    }
    return found;
}"""


def incident_of(scene: Scene, number: int, payload: str) -> tuple[str, int]:
    """Keep an incident in which every field says the same; return its slug and its post."""
    with scene.place.store.begin() as tx:
        row = tx.incidents.add(IncidentRow(
            slug=f"h{number}", title=payload, company=payload, terms=[payload], began=NOW,
            opened_at=NOW,
        ))  # fmt: skip
        watch, _ = tx.watches.add(WatchRow(
            incident_id=row.id or 0, key="", source=payload, address=payload, terms=[],
            created_at=NOW, trouble=payload,
        ))  # fmt: skip
        post = Post(
            source=payload, external_id=f"h{number}", text=payload, author=payload,
            url=f"https://x.example/{payload}", posted_at=NOW, as_of=NOW, parent_id=payload,
            thread_id=payload, lang="en",
        )  # fmt: skip
        kept = tx.posts.add(watch.as_watch(), [post], NOW)
        post_id = next(iter(kept.ids.values()))
        tx.tags.put_scored(tx.posts.unscored(10), [
            Tag(post_id=post_id, label="complaint", by="classifier:t", score=0.9)
        ], by="classifier:t", at=NOW)  # fmt: skip
        verdict = Verdict("follow", payload, f"https://x.example/{payload}")
        tx.items.decide(row.id or 0, [Seen(post_id, 0)], verdict, "ana", NOW)
        offers: dict[str, tuple[str, ...]] = {payload[:60]: ("3 %",), "": ("$5",)}
        terms = Terms(text=payload, how="call", who=payload, offers=offers, announced_at=NOW)
        tx.campaigns.add(row.id or 0, terms, "bo", NOW)
        tx.saved_views.add(row.id or 0, payload[:40], "state=all", "ana", NOW)
        tx.replies.add(payload[:60], payload.translate({123: "(", 125: ")"}), None, "ana", NOW)
    return row.slug, post_id


def guarded(chromium: Browser, scene: Scene) -> tuple[Page, list[str]]:
    """Return a page whose policy is off, so that escaping stands alone, and what went wrong on it."""
    wrong: list[str] = []
    context = chromium.new_context(bypass_csp=True)
    context.add_cookies([{"name": "amends", "value": scene.cookies["ana"], "url": scene.url}])
    page = context.new_page()
    page.on("dialog", lambda dialog: (wrong.append("a dialog"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: None if request.url.startswith(scene.url) else wrong.append(request.url),
    )
    page.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
    return page, wrong


def test_nothing_a_stranger_writes_runs(
    chromium: Browser, scene: Scene, record_property: Record
) -> None:
    """
    On queue, post, incident and credit page, and in the part that a script puts in their place.

    In the short form each classic on two of these pages, by turns.
    """
    page, wrong = guarded(chromium, scene)
    many = times(FULL)
    found: dict[str, Any] = {}
    shown = 0
    for number, payload in enumerate(payloads(many)):
        slug, post_id = incident_of(scene, number, payload)
        paths = ("", "/queue", f"/p/{post_id}", "/credit")
        for path in paths if battery.FULL else paths[number % 2 :: 2]:
            answer = page.goto(f"{scene.url}/i/{slug}{path}")
            assert answer is not None and answer.status == 200, (path, payload)
            if path == "/queue":
                page.locator("article [data-key='2']").first.click()
                page.locator("[aria-pressed=true][data-key='2']").wait_for()
            shown += 1
            placed = page.evaluate(PLACED)
            if placed or wrong:
                found[f"{path} {payload}"] = [*placed, *wrong]
                wrong.clear()
    page.goto(scene.url)
    found |= {"/": placed} if (placed := page.evaluate(PLACED)) else {}
    page.context.close()
    assert found == {}
    tell(
        record_property,
        f"{many} payloads x {len(FIELDS)} fields on {shown} pages: scripts run 0, off-site requests 0",
    )
