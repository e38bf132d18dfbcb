"""What becomes of an event at each output: taken, tried again, or given up; and never twice for nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from amends.outputs import Event, Line, enqueue
from amends.outputs.sending import FIRST, GIVES_UP, LONGEST, Sent, Ways, deliver, send_due
from amends.outputs.settings import Chat, Folder, Mail, Output, Outputs, Teams, Webhook
from models.outbox import OutboxRow
from models.store import Store
from models.store.outbox import HOLDS
from tests.amends.outputs.conftest import MORNING, Clock, a_line, a_sheet
from tests.amends.outputs.receivers import Hook, Mailbox
from tests.slots import canary

WAY = canary("Slack address")
TEAMS = f"/teams/{canary('Teams address')}"
KEY = canary("webhook secret").encode().ljust(24, b"k")

WaysTo = Callable[..., Ways]


def put(store: Store, event: Event, *to: str) -> None:
    """Put an event into the outbox."""
    with store.begin() as tx:
        enqueue(tx, event, to)


def row_of(store: Store, to: str, event_id: str = "alarm.discs-late.7") -> OutboxRow:
    """Return how an event stands with one output."""
    with store.read() as tx:
        return next(row for row in tx.outbox.of(event_id) if row.destination == to)


def go(
    store: Store, named: dict[str, Output], ways: Ways, clock: Clock, chance: float = 1.0
) -> list[Sent]:
    """Send what is due, with this luck."""
    return send_due(store, Outputs(named=named), ways, clock, chance=lambda: chance)


def test_one_event_reaches_every_kind_of_output_once(
    store: Store, box: Mailbox, hook: Hook, ways_to: WaysTo, clock: Clock, tmp_path: Path
) -> None:
    """Under one id, and a second look sends nothing more."""
    named: dict[str, Output] = {
        "mail": Mail(host="127.0.0.1", port=box.port, security="none", sender="a@reelpost.example", to=("ana@reelpost.example",)),
        "chat": Chat(secret="SLACK"), "team": Teams(secret="TEAMS"),
        "program": Webhook(url=hook.address("/in"), secret="KEY"),
        "folder": Folder(folder=str(tmp_path / "out"), form="json"),
    }  # fmt: skip
    ways = ways_to(
        hook.host,
        SLACK=hook.address("/slack"),
        TEAMS=hook.address(TEAMS),
        KEY="whsec_" + base64.b64encode(KEY).decode(),
    )
    hook.answers = [(202, {}, b"")] * 3
    put(store, a_sheet(), *named)

    assert {one.state for one in go(store, named, ways, clock)} == {"sent"}
    assert go(store, named, ways, clock) == []

    assert sorted(came.path for came in hook.came) == ["/in", "/slack", TEAMS]
    assert len(box.mails) == 1
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "digest.discs-late.2026-03-04.1.json"
    program = next(came for came in hook.came if came.path == "/in")
    body = json.loads(program.body)
    assert body == json.loads(file.read_text())
    assert (body["type"], body["timestamp"]) == ("amends.digest", "2026-03-05T14:00:00Z")
    assert body["data"]["id"] == program.headers["webhook-id"] == "digest.discs-late.2026-03-04.1"
    assert body["data"]["value"]["digest"]["posts"]["posts"] == 4266
    stamp = program.headers["webhook-timestamp"]
    assert stamp == str(int(MORNING.timestamp()))
    signed = f"{program.headers['webhook-id']}.{stamp}.".encode() + program.body
    mark = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert program.headers["webhook-signature"] == f"v1,{mark}"


def test_after_a_crash_in_the_middle_it_comes_again_the_same(
    lite: Store, hook: Hook, ways_to: WaysTo, clock: Clock
) -> None:
    """Claimed and never marked: it waits for the claim to end, and then the body is the same."""
    named: dict[str, Output] = {"program": Webhook(url=hook.address("/in"), secret="KEY")}
    ways = ways_to(hook.host, KEY=KEY.decode())
    put(lite, a_line(), "program")
    with lite.begin() as tx:
        crashed = tx.outbox.claim("program", clock())
    assert crashed is not None
    assert go(lite, named, ways, clock) == []
    clock.now += HOLDS
    assert [one.state for one in go(lite, named, ways, clock)] == ["sent"]
    with lite.begin() as tx:
        tx.outbox.sent(crashed, clock())

    put(lite, a_line(id="alarm.discs-late.8", value=a_line().value), "program")
    go(lite, named, ways, clock)
    assert [json.loads(came.body)["data"]["value"] for came in hook.came].count(
        json.loads(hook.came[0].body)["data"]["value"]
    ) == 2


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "sent"), (202, "sent"), (204, "sent"), (301, "given up"), (400, "given up"),
     (401, "given up"), (403, "given up"), (404, "given up"), (408, "waiting"), (410, "given up"),
     (413, "given up"), (425, "waiting"), (429, "waiting"), (500, "waiting"), (503, "waiting")],
)  # fmt: skip
def test_what_each_answer_means(
    lite: Store, hook: Hook, ways_to: WaysTo, clock: Clock, status: int, state: str
) -> None:
    """Taken, later, or never; what it said is kept for people, in one short line, and no secret."""
    secret = hook.address(f"/services/T1/B1/{WAY}")
    hook.answers = [
        (status, {"location": "http://evil.example/"}, b"invalid\r\n\x1b[31m_payload " * 99)
    ]
    put(lite, a_line(), "chat")
    (one,) = go(lite, {"chat": Chat(secret="S")}, ways_to(hook.host, S=secret), clock)
    row = row_of(lite, "chat")
    assert (one.state, row.state, len(hook.came)) == (state, state, 1)
    if state != "sent":
        assert str(status) in (row.said or "") and "invalid" in (row.said or "")
        assert len(row.said or "") <= 300 and "\x1b" not in (row.said or "")
        assert WAY not in (row.said or "") + one.said
    assert bool(row.value) == (state != "sent")


def test_who_says_when_to_come_back_is_obeyed(
    lite: Store, hook: Hook, ways_to: WaysTo, clock: Clock
) -> None:
    """To the second, for all that goes there."""
    named: dict[str, Output] = {"chat": Chat(secret="S")}
    ways = ways_to(hook.host, S=hook.address("/s"))
    hook.answers = [(429, {"retry-after": "1234"}, b"")]
    put(lite, a_line(), "chat")
    put(lite, a_line(id="alarm.8"), "chat")
    go(lite, named, ways, clock)
    assert row_of(lite, "chat").not_before == MORNING + timedelta(seconds=1234)

    clock.on(seconds=1233)
    assert go(lite, named, ways, clock) == [] and len(hook.came) == 1
    clock.on(seconds=1)
    assert [one.state for one in go(lite, named, ways, clock)] == ["sent", "sent"]


def test_waits_grow_up_to_half_an_hour_and_end_after_three_days(
    lite: Store, hook: Hook, ways_to: WaysTo, clock: Clock
) -> None:
    """With chance in between; what is given up then can be tried again by a person."""
    named: dict[str, Output] = {"chat": Chat(secret="S")}
    ways = ways_to(hook.host, S=hook.address("/s"))
    hook.answers = [(500, {}, b"")] * 10_000
    put(lite, a_line(), "chat")
    waits = []
    while row_of(lite, "chat").state == "waiting":
        go(lite, named, ways, clock, chance=0.0 if len(waits) == 1 else 1.0)
        waits.append(row_of(lite, "chat").not_before - clock())
        clock.now = max(row_of(lite, "chat").not_before, clock())
    assert waits[:3] == [FIRST, FIRST, 4 * FIRST]
    assert max(waits) == LONGEST and GIVES_UP < clock() - MORNING < GIVES_UP + 2 * LONGEST
    assert "tried for 3 days" in (row_of(lite, "chat").said or "")
    hook.answers = []
    with lite.begin() as tx:
        tx.outbox.retry([], clock())
    assert [one.state for one in go(lite, named, ways, clock)] == ["sent"]


def test_a_dead_output_keeps_no_other_waiting(
    lite: Store, hook: Hook, ways_to: WaysTo, clock: Clock, tmp_path: Path
) -> None:
    """A secret that isn't set, an output that is gone, a private address, and one that works."""
    named: dict[str, Output] = {
        "unset": Chat(secret="NOT_SET"),
        "inside": Webhook(url="http://10.1.2.3/hook", secret="KEY"),
        "folder": Folder(folder=str(tmp_path / "out"), form="md"),
        "blocked": Folder(folder="/proc/nowhere"),
    }  # fmt: skip
    put(lite, a_line(), "unset", "gone", "inside", "folder", "blocked")
    told = {one.destination: one for one in go(lite, named, ways_to(KEY=KEY.decode()), clock)}
    assert {name: one.state for name, one in told.items()} == {
        "unset": "waiting", "gone": "given up", "inside": "given up", "folder": "sent",
        "blocked": "waiting",
    }  # fmt: skip
    assert "NOT_SET isn't set" in told["unset"].said and "private network" in told["inside"].said
    assert "no output “gone” any more" in told["gone"].said


def test_what_this_version_cant_read_is_given_up_and_the_next_is_sent(
    lite: Store, ways_to: WaysTo, clock: Clock, tmp_path: Path
) -> None:
    """A row that another version wrote harms nobody else."""
    put(lite, a_line(), "folder")
    with lite.begin() as tx:
        tx.outbox.of("alarm.discs-late.7")[0].value = '{"id":"x","kind":"y"}'
    put(lite, a_line(id="alarm.8"), "folder")
    named: dict[str, Output] = {"folder": Folder(folder=str(tmp_path / "out"))}
    told = go(lite, named, ways_to(), clock)
    assert sorted(one.state for one in told) == ["given up", "sent"]
    assert "another version" in (row_of(lite, "folder").said or "")


@pytest.mark.parametrize("form", ["html", "md", "text", "json"])
def test_a_file_is_whole_and_the_same_event_is_the_same_file(
    ways_to: WaysTo, tmp_path: Path, form: Any
) -> None:
    """Twice sent is one file; nothing half done stays beside it."""
    output = Folder(folder=str(tmp_path / "out"), form=form)
    evil = a_line(
        id="alarm.evil", value=Line(title="=1+1 <script>", text="<b>\x1b[31m", items=("x",))
    )
    for event in (a_sheet(), a_line(), evil, a_sheet(), a_line()):
        deliver(output, event, ways_to(), MORNING)
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert [name.rpartition(".")[0] for name in files] == [
        "alarm.discs-late.7", "alarm.evil", "digest.discs-late.2026-03-04.1"
    ]  # fmt: skip
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert "\x1b" not in written
    assert form not in ("html", "md") or "<script>" not in written


def test_a_server_that_never_answers_is_left_in_time(ways_to: WaysTo) -> None:
    """The deadline is for the whole, also where it lets us in and says nothing."""
    import socket

    from models.errors import OutputBusy

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        ways = ways_to(host, deadline=0.3)
        with pytest.raises(OutputBusy, match=r"didn't answer|can't be reached"):
            ways.courier.hand(f"http://{host}/", b"{}", {}, MORNING)


def test_a_mail_server_that_drips_is_left_in_time() -> None:
    """Each of its lines comes soon enough, but there is no end to them."""
    import socket
    import threading
    import time

    from amends.outputs.mail import mail_of
    from amends.outputs.mail_send import send_mail
    from models.errors import OutputBusy

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def drip() -> None:
            taken, _ = server.accept()
            with taken:
                try:
                    while True:
                        taken.sendall(b"220-wait\r\n")
                        time.sleep(0.02)
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        output = Mail(host="127.0.0.1", port=server.getsockname()[1], security="none",
                      sender="a@reelpost.example", to=("ana@reelpost.example",))  # fmt: skip
        with pytest.raises(OutputBusy):
            send_mail(output, mail_of(a_line(), output), "", deadline=0.4)
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize("name", ["digest", "line"])
def test_what_the_first_amends_put_in_can_still_be_sent(
    ways_to: WaysTo, tmp_path: Path, name: str
) -> None:
    """The kept rows are never written anew: a new field needs a default, an old one stays."""
    kept = Path(__file__).parents[3] / "fixtures" / "outbox" / f"{name}.json"
    event = msgspec.json.decode(kept.read_bytes(), type=Event)
    deliver(Folder(folder=str(tmp_path)), event, ways_to(), MORNING)
    assert (tmp_path / f"{event.id}.html").stat().st_size > 1_000
