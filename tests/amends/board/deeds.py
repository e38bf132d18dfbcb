"""Every way of the board and the API to change something, each tried once on what it needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from fastapi.testclient import TestClient

from amends.board.incident_edit import mark
from amends.board.place import Place
from models.alarm import AlarmRow
from models.campaign import ActRow
from models.incident import Watch
from models.store.acts import Signer
from tests.amends.board.conftest import posts
from tests.amends.board.logins import RIGHT
from tests.factories import NOW

CANARY = "Mymaildidntcome from @cleo_of_the_discs"
"""What Cleo wrote; no row of the trail may hold it."""

HERE, THERE = "/i/discs-late", "/api/incidents/discs-late"
TERMS = {"text": "3 % off", "how": "link", "offers": "3 %"}
SHORT = {"text": "3 % off", "how": "link", "offers": [{"plan": "", "worths": ["3 %"]}]}


class Scene:
    """A board with all it takes: `page` is Bo's browser, `root` an admin's, `api` a program of Bo's."""

    def __init__(self, place: Place, watch: Watch, as_: Callable[[str | None], TestClient]) -> None:
        self.place, self.watch, self.anybody = place, watch, as_(None)
        self.page, self.root, self.api = as_("bo"), as_("root"), as_(None)
        self._numbers = count(1)
        with place.store.begin() as tx:
            bo, until = tx.people.named("bo"), place.now() + timedelta(days=1)
            _, secret = tx.people.grant(bo, "t", "write", place.now(), until)
        self.api.headers["authorization"] = f"Bearer {secret}"

    def post(self) -> int:
        """Return a fresh post of Cleo's, with an item."""
        said = f"{CANARY} {next(self._numbers)} {'x' * next(self._numbers)}"
        return posts(self.place.store, self.watch, (said, ("complaint",)), author="cleo")[0]

    def item(self) -> str:
        """Return a fresh item as a form names it."""
        return f"{self.post()}:0"

    def named(self) -> dict[str, int]:
        """Return a fresh item as a program names it."""
        return {"post_id": self.post(), "version": 0}

    def act(self, *, approved: bool = False) -> int:
        """Return a draft of Ana's."""
        with self.place.store.begin() as tx:
            row = tx.acts.add(ActRow(incident_id=1, kind="apology", text="Sorry.", by="ana",
                                     recorded_at=NOW))  # fmt: skip
            if approved:
                tx.acts.approve(row.id or 0, 0, Signer("bo", "lead"), NOW)
        return row.id or 0

    def alarm(self) -> int:
        """Return an alarm that goes on, for a label of its own."""
        with self.place.store.begin() as tx:
            return tx.alarms.open(AlarmRow(
                incident_id=1, kind="rise", subject=f"label {next(self._numbers)}", since=NOW,
                opened_at=NOW, why="more", recorded_at=NOW,
            )).id or 0  # fmt: skip

    def campaign(self) -> int:
        """Return a campaign of Bo's."""
        return int(self.api.post(f"{THERE}/campaigns", json=SHORT).json()["id"])

    def reply(self) -> tuple[int, str]:
        """Return a saved reply and the version of it."""
        said = {"title": f"Reply {next(self._numbers)}", "text": "Hello."}
        kept = self.api.post("/api/replies", json=said).json()
        return kept["id"], kept["at"]

    def person(self) -> int:
        """Return somebody new."""
        with self.place.store.begin() as tx:
            return tx.people.add(f"new {next(self._numbers)}", "agent", NOW).id or 0

    def link(self) -> str:
        """Return an invitation's secret."""
        number = self.person()
        with self.place.store.begin() as tx:
            return tx.people.invite(tx.people.get(number), self.place.now())

    def token(self) -> int:
        """Return a token."""
        with self.place.store.begin() as tx:
            bo = tx.people.named("bo")
            return tx.people.grant(bo, "t", "read", NOW, NOW + timedelta(days=1))[0].id or 0

    def view(self) -> int:
        """Return a saved view."""
        title = f"View {next(self._numbers)}"
        with self.place.store.begin() as tx:
            return tx.saved_views.add(1, title, "state=open", "bo", NOW).id or 0

    def copy(self) -> int:
        """Return a post that says in nearly the same words what another one says."""
        long = (
            f"{CANARY} although I wrote to the company on monday and on tuesday and nobody answers"
        )
        said = [f"{long} at all {'a' * next(self._numbers)}h" for _ in range(2)]
        both = ((one, ("complaint",)) for one in said)
        return posts(self.place.store, self.watch, *both, author="cleo")[1]

    def split(self) -> tuple[str, int]:
        """Return an item that was set apart from another one, and the number of that."""
        post = self.copy()
        with self.place.store.begin() as tx:
            return f"{post}:0", tx.clusters.split(1, post, "bo", NOW)

    def monitor(self) -> tuple[str, str]:
        """Return a monitor's name and its secret."""
        name = f"m{next(self._numbers)}"
        with self.place.store.begin() as tx:
            _, secret = tx.monitors.add(name, "json", company="Other", tz="UTC", terms=[], watches=[],
                                        settings={"key": "id", "state": "state"}, now=NOW)  # fmt: skip
        return name, secret

    def mark(self) -> str:
        """Return what the form of the incident carries."""
        with self.place.store.read() as tx:
            return mark(tx.incidents.find("discs-late"))


Deed = Callable[[Scene], Any]
ITEM, ACT, REPLY, WATCH = f"{HERE}/items", f"{HERE}/acts", "/replies", f"{HERE}/watches/1"


def form(path: str, **said: Any) -> Deed:
    """Return a deed of Bo's browser."""
    return lambda scene: scene.page.post(path, data=said)


def on_item(path: str, **said: Any) -> Deed:
    """Return a deed of Bo's browser on a fresh item."""
    return lambda scene: scene.page.post(f"{ITEM}/{path}", data={"item": scene.item()} | said)


def _regroup(scene: Scene) -> Any:
    item, number = scene.split()
    return scene.page.post(f"{ITEM}/regroup", data={"item": item, "number": number})


def _undone(scene: Scene) -> Any:
    number = scene.post()
    scene.page.post(f"{ITEM}/decide", data={"item": f"{number}:0", "decision": "dismiss"})
    return scene.page.post(f"{ITEM}/undo", data={"item": f"{number}:1"})


def _undone_by_api(scene: Scene) -> Any:
    one = scene.named()
    scene.api.post(f"{THERE}/verdicts", json={"items": [one], "decision": "follow"})
    return scene.api.post(f"{THERE}/verdicts/undo", json=one | {"version": 1})


def _changed_reply(scene: Scene) -> Any:
    number, seen = scene.reply()
    return scene.page.post(
        f"/replies/{number}", data={"title": f"T{number}", "text": CANARY, "seen": seen}
    )


def _put_reply(scene: Scene) -> Any:
    number, seen = scene.reply()
    said = {"title": f"U{number}", "text": CANARY, "seen": seen}
    return scene.api.put(f"/api/replies/{number}", json=said)


def _removed_reply(scene: Scene) -> Any:
    number, seen = scene.reply()
    return scene.api.delete(f"/api/replies/{number}", params={"seen": seen})


def _called(scene: Scene, *, in_address: bool) -> Any:
    name, secret = scene.monitor()
    path = f"/hooks/{name}" + (f"/{secret}" if in_address else "")
    headers = {} if in_address else {"authorization": f"Bearer {secret}"}
    return scene.anybody.post(path, json={"id": name, "state": "down"}, headers=headers)


def _logged_in(scene: Scene) -> Any:
    secret = scene.link()
    scene.anybody.post(f"/invitation/{secret}", data={"password": RIGHT})
    name = f"new {next(scene._numbers) - 1}"
    return scene.anybody.post("/login", data={"name": name, "password": RIGHT})


DEEDS: dict[tuple[str, str], Deed] = {
    ("POST", "/i/{slug}/items/claim"): on_item("claim"),
    ("POST", "/i/{slug}/items/release"): on_item("release"),
    ("POST", "/i/{slug}/items/assign"): on_item("assign", person="ana"),
    ("POST", "/i/{slug}/items/seen"): on_item("seen"),
    ("POST", "/i/{slug}/items/correct"): on_item("correct", label="complaint:1"),
    ("POST", "/i/{slug}/items/decide"): on_item("decide", decision="reply", note=CANARY,
                                                url="https://x.example/@cleo/1?token=abc"),
    ("POST", "/i/{slug}/items/undo"): _undone,
    ("POST", "/i/{slug}/items/split"): lambda s: s.page.post(f"{ITEM}/split", data={"item": f"{s.copy()}:0"}),
    ("POST", "/i/{slug}/items/merge"): lambda s: s.page.post(
        f"{ITEM}/merge", data={"item": s.item(), "other": str(s.post())}),
    ("POST", "/i/{slug}/items/regroup"): _regroup,
    ("POST", "/i/{slug}/queue/correct"): lambda s: (s.post(), s.page.post(
        f"{HERE}/queue/correct", data={"put_label": "praise", "put": "1", "texts": 0, "query": "q=nobodysaidthis"}))[1],
    ("POST", "/i/{slug}/ask"): lambda s: s.page.post(
        f"{HERE}/ask", data={"post": str(n := s.post()), "passed": str(n)}),
    ("POST", "/i/{slug}/spot"): lambda s: s.page.post(
        f"{HERE}/spot", data={"post": str(s.post()), "day": "2026-03-04"}),
    ("POST", "/i/{slug}/views"): form(f"{HERE}/views", title="Angry", query="label=complaint"),
    ("POST", "/i/{slug}/views/{view_id}/remove"): lambda s: s.page.post(f"{HERE}/views/{s.view()}/remove"),
    ("POST", "/i/{slug}/paste"): lambda s: s.page.post(
        f"{HERE}/paste", files={"file": ("posts.jsonl", b'{"id": "1", "text": "no discs", "author": "cleo"}\n')}),
    ("POST", "/i/{slug}/acts"): form(f"{HERE}/acts", kind="apology", text=CANARY),
    ("POST", "/i/{slug}/acts/{act_id:int}"): lambda s: s.page.post(
        f"{ACT}/{s.act()}", data={"version": 0, "kind": "apology", "text": CANARY}),
    ("POST", "/i/{slug}/acts/{act_id:int}/approve"): lambda s: s.page.post(
        f"{ACT}/{s.act()}/approve", data={"version": 0}),
    ("POST", "/i/{slug}/acts/{act_id:int}/publish"): lambda s: s.page.post(
        f"{ACT}/{s.act(approved=True)}/publish", data={"version": 0}),
    ("POST", "/i/{slug}/alarms/{alarm_id:int}/ack"): lambda s: s.page.post(f"{HERE}/alarms/{s.alarm()}/ack"),
    ("POST", "/i/{slug}/credit"): form(f"{HERE}/credit", **TERMS),
    ("POST", "/i/{slug}/credit/{campaign_id:int}"): lambda s: s.page.post(
        f"{HERE}/credit/{s.campaign()}", data=TERMS | {"text": CANARY, "version": 0}),
    ("POST", "/i/{slug}/edit"): lambda s: s.page.post(
        f"{HERE}/edit", data={"seen": s.mark(), "title": CANARY, "company": "Reelpost", "terms": "reelpost",
                              "tz": "UTC", "began": "2026-03-04T12:00"}),
    ("POST", "/i/{slug}/status"): form(f"{HERE}/status", to="monitoring"),
    ("POST", "/i/{slug}/close"): form(f"{HERE}/close"),
    ("POST", "/i/{slug}/reopen"): form(f"{HERE}/reopen"),
    ("POST", "/incidents/open"): form("/incidents/open", title="Other", company="Other"),
    ("POST", "/i/{slug}/watches/add"): form(f"{HERE}/watches/add", do="save", source="x", terms="discs",
                                            canary="@cleo_of_the_discs"),
    ("POST", "/i/{slug}/watches/{watch_id:int}/pause"): form(f"{WATCH}/pause"),
    ("POST", "/i/{slug}/watches/{watch_id:int}/resume"): form(f"{WATCH}/resume"),
    ("POST", "/i/{slug}/watches/{watch_id:int}/change"): form(
        f"{WATCH}/change", seen="None None None", canary="@cleo_of_the_discs"),
    ("POST", "/i/{slug}/watches/{watch_id:int}/remove"): lambda s: s.page.post(
        f"{HERE}/watches/{s.api.post(f'{THERE}/watches', json={'source': 'x', 'terms': ['a']}).json()['id']}/remove"),
    ("POST", "/replies"): form("/replies", title="Hello", text=CANARY),
    ("POST", "/replies/{reply_id:int}"): _changed_reply,
    ("POST", "/people"): lambda s: s.root.post("/people", data={"name": "fay", "role": "agent"}),
    ("POST", "/people/{person_id}/link"): lambda s: s.root.post(f"/people/{s.person()}/link"),
    ("POST", "/people/{person_id}/role"): lambda s: s.root.post(
        f"/people/{s.person()}/role", data={"role": "lead"}),
    ("POST", "/people/{person_id}/disable"): lambda s: s.root.post(f"/people/{s.person()}/disable"),
    ("POST", "/people/{person_id}/enable"): lambda s: s.root.post(f"/people/{s.person()}/enable"),
    ("POST", "/people/{person_id}/token"): lambda s: s.root.post(
        f"/people/{s.person()}/token", data={"title": "t", "scope": "read"}),
    ("POST", "/tokens/{token_id}/revoke"): lambda s: s.root.post(f"/tokens/{s.token()}/revoke"),
    ("POST", "/invitation/{secret}"): lambda s: s.anybody.post(
        f"/invitation/{s.link()}", data={"password": RIGHT}),
    ("POST", "/login"): _logged_in,
    ("POST", "/logout"): lambda s: s.anybody.post("/logout"),
    ("POST", "/hooks/{name}"): lambda s: _called(s, in_address=False),
    ("POST", "/hooks/{name}/{secret}"): lambda s: _called(s, in_address=True),
    ("POST", "/api/incidents"): lambda s: s.api.post("/api/incidents", json={"title": "N", "company": "N"}),
    ("PATCH", "/api/incidents/{slug}"): lambda s: s.api.patch(THERE, json={"look_within": 5}),
    ("POST", "/api/incidents/{slug}/acts"): lambda s: s.api.post(
        f"{THERE}/acts", json={"kind": "apology", "text": CANARY}),
    ("PUT", "/api/incidents/{slug}/acts/{act_id}"): lambda s: s.api.put(
        f"{THERE}/acts/{s.act()}", json={"kind": "apology", "text": CANARY, "version": 0}),
    ("POST", "/api/incidents/{slug}/acts/{act_id}/publish"): lambda s: s.api.post(
        f"{THERE}/acts/{s.act(approved=True)}/publish", json={"version": 0}),
    ("POST", "/api/incidents/{slug}/alarms/{alarm_id}/ack"): lambda s: s.api.post(
        f"{THERE}/alarms/{s.alarm()}/ack"),
    ("POST", "/api/incidents/{slug}/campaigns"): lambda s: s.api.post(f"{THERE}/campaigns", json=SHORT),
    ("PUT", "/api/incidents/{slug}/campaigns/{campaign_id}"): lambda s: s.api.put(
        f"{THERE}/campaigns/{s.campaign()}", json=SHORT | {"text": CANARY, "version": 0}),
    ("DELETE", "/api/incidents/{slug}/campaigns/{campaign_id}"): lambda s: s.api.delete(
        f"{THERE}/campaigns/{s.campaign()}", params={"version": 0}),
    ("POST", "/api/incidents/{slug}/items/claim"): lambda s: s.api.post(
        f"{THERE}/items/claim", json={"items": [s.named()]}),
    ("POST", "/api/incidents/{slug}/items/seen"): lambda s: s.api.post(
        f"{THERE}/items/seen", json={"post_ids": [s.post()]}),
    ("POST", "/api/incidents/{slug}/verdicts"): lambda s: s.api.post(
        f"{THERE}/verdicts", json={"items": [s.named()], "decision": "escalate", "note": CANARY}),
    ("POST", "/api/incidents/{slug}/verdicts/undo"): _undone_by_api,
    ("POST", "/api/incidents/{slug}/tags"): lambda s: s.api.post(
        f"{THERE}/tags", json={"post_ids": [s.post()], "label": "praise"}),
    ("POST", "/api/incidents/{slug}/regroupings"): lambda s: s.api.post(
        f"{THERE}/regroupings", json={"did": "split", "post_id": s.copy()}),
    ("POST", "/api/incidents/{slug}/regroupings/{regrouping_id}/undo"): lambda s: s.api.post(
        f"{THERE}/regroupings/{s.split()[1]}/undo"),
    ("POST", "/api/replies"): lambda s: s.api.post("/api/replies", json={"title": "R", "text": CANARY}),
    ("PUT", "/api/replies/{reply_id}"): _put_reply,
    ("DELETE", "/api/replies/{reply_id}"): _removed_reply,
    ("POST", "/api/incidents/{slug}/watches"): lambda s: s.api.post(
        f"{THERE}/watches", json={"source": "x", "terms": ["b"]}),
    ("PATCH", "/api/incidents/{slug}/watches/{watch_id}"): lambda s: s.api.patch(
        f"{THERE}/watches/1", json={"paused": True, "canary": "@cleo_of_the_discs"}),
    ("DELETE", "/api/incidents/{slug}/watches/{watch_id}"): lambda s: s.api.delete(
        f"{THERE}/watches/{s.api.post(f'{THERE}/watches', json={'source': 'x', 'terms': ['c']}).json()['id']}"),
}  # fmt: skip
