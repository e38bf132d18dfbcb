"""`amends output`, `outbox`, `digest send` and `diff`, `run`: as a person or cron uses them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.outputs.receivers import Hook, Mailbox
from tests.factories import a_post, a_watch
from tests.grounds import url_of
from tests.slots import canary

WAY = canary("Slack address")
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def outputs(home: Path, box: Mailbox, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home's outputs.toml, with a mail, a chat and a folder in it."""
    path = home / "outputs.toml"
    path.write_text(
        f'[output.team-mail]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\n'
        'from = "amends@reelpost.example"\nto = ["ana@reelpost.example"]\n'
        '[output.comms]\nkind = "slack"\nsecret = "SLACK_WEBHOOK"\n'
        f'[output.folder]\nkind = "file"\nfolder = "{home / "out"}"\n'
        '[digest]\nat = "00:00"\nto = ["team-mail", "comms", "folder"]\n'
    )  # fmt: skip
    monkeypatch.setenv("SLACK_WEBHOOK", hook.address(f"/services/T/B/{WAY}"))
    monkeypatch.setenv("AMENDS_ALLOW_PRIVATE", hook.host)
    return path


@pytest.fixture
def heard(amends: Amends, home: Path) -> str:
    """Return an incident in UTC with three posts of yesterday."""
    amends("incident", "open", "Discs late", "--company", "Reelpost", "--began",
           (YESTERDAY - timedelta(days=1)).isoformat(), "--tz", "UTC")  # fmt: skip
    say(home, 3)
    return "discs-late"


def say(home: Path, count: int) -> None:
    """Let people say more of yesterday."""
    store = Store.open(url_of(home))
    with store.read() as tx:
        incident = tx.incidents.find("discs-late")
    watch = a_watch(store, incident_id=incident.id, source="file")
    noon = YESTERDAY.replace(hour=12, minute=0)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(posted_at=noon) for _ in range(count)], YESTERDAY)
    store.close()


def test_send_and_diff_from_first_to_second_version(
    amends: Amends, outputs: Path, heard: str, box: Mailbox, hook: Hook, home: Path
) -> None:
    """Sent once to all; again only when numbers changed, and then it says which."""
    before = amends("digest", "diff", heard)
    assert "was sent yet" in before.err and "digest send" in before.err
    first = amends("digest", "send", heard)
    assert first.code == 0, first.err
    again = amends("digest", "send", heard)
    assert again.code == 0 and "sent there already" in again.err
    assert len(box.mails) == len(hook.came) == len(list((home / "out").iterdir())) == 1
    assert "- the same numbers" in amends("digest", "diff", heard).out

    say(home, 2)
    assert "All posts: 3 → 5 (2 more)." in amends("digest", "diff", heard).out
    assert amends("digest", "send", heard, "--to", "team-mail").code == 0
    second = box.mails[-1]
    assert "(version 2)" in second["Subject"] and len(hook.came) == 1
    text = second.get_body(("plain",))
    assert text is not None and "All posts: 3 → 5 (2 more)." in text.get_content()
    assert "Version 2, made" in amends("digest", "diff", heard).out


def test_what_fails_waits_is_shown_and_tried_again(
    amends: Amends, outputs: Path, heard: str, hook: Hook
) -> None:
    """The exit code says it, the list says why, doctor too; no secret is shown anywhere."""
    hook.answers = [(404, {}, b"no_service")]
    sent = amends("digest", "send", heard)
    listed = json.loads(amends("outbox", "list", "--as", "json").out)
    found = json.loads(amends("doctor", "--as", "json").out)

    assert sent.code == 1
    assert [(row["to"], row["state"]) for row in listed] == [("comms", "given up")]
    assert "404: no_service" in listed[0]["said"] and WAY not in sent.err + str(listed)
    assert "W23" in {one["finding"] for one in found}

    retried = amends("outbox", "retry")
    assert retried.code == 0 and len(hook.came) == 2
    assert json.loads(amends("outbox", "list", "--as", "json").out) == []
    rows = json.loads(amends("outbox", "list", "--all", "--as", "json").out)
    assert {row["state"] for row in rows} == {"sent"} and len(rows) == 3


def test_what_is_dropped_is_never_sent(
    amends: Amends, outputs: Path, heard: str, hook: Hook
) -> None:
    """Not by a retry either."""
    hook.answers = [(500, {}, b"")]
    amends("digest", "send", heard, "--to", "comms")
    (row,) = json.loads(amends("outbox", "list", "--as", "json").out)
    assert row["state"] == "waiting" and row["next_try"]
    assert amends("outbox", "drop", str(row["id"])).code == 0
    assert amends("outbox", "retry", str(row["id"])).code == 0
    assert len(hook.came) == 1


def test_run_for_cron_sends_what_is_due_and_a_dead_output_doesnt_stop_it(
    amends: Amends, outputs: Path, heard: str, box: Mailbox, hook: Hook
) -> None:
    """Collecting comes first; the digest of yesterday goes out, and the broken chat only waits."""
    hook.answers = [(503, {}, b"")]
    amends("watch", "add", heard, "thread_page", "http://127.0.0.1:1/thread")
    ran = amends("run", heard, "--once")
    assert "asked" in ran.err
    assert len(box.mails) >= 1 and "Discs late: " in box.mails[0]["Subject"]
    assert "comms: Discs late" in ran.err and "waiting" in ran.err

    outputs.write_text("nonsense = 1")
    ran = amends("run", heard, "--once")
    assert "asked" in ran.err and "“nonsense” means nothing there" in ran.err


def test_cron_sends_the_last_digest_of_a_closed_incident(
    amends: Amends, outputs: Path, heard: str, box: Mailbox
) -> None:
    """There is nothing to collect any more, and that is said; the digest goes out all the same."""
    amends("watch", "add", heard, "thread_page", "http://127.0.0.1:1/thread")
    assert amends("incident", "close", heard, "--yes").code == 0
    ran = amends("run", heard, "--once")
    assert ran.code == 2 and "is closed" in ran.err
    assert len(box.mails) >= 1


def test_outputs_are_listed_without_secrets_and_tried(
    amends: Amends, outputs: Path, box: Mailbox, hook: Hook
) -> None:
    """A test goes out at once; one that fails says why."""
    listed = amends("output", "list", "--as", "json")
    assert [row["name"] for row in json.loads(listed.out)] == ["team-mail", "comms", "folder"]
    assert WAY not in listed.out + listed.err
    assert amends("output", "test", "team-mail").code == 0 and len(box.mails) == 1
    hook.answers = [(403, {}, b"invalid_token")]
    refused = amends("output", "test", "comms")
    assert refused.code == 1 and "403: invalid_token" in refused.err
    assert "Traceback" not in refused.err and WAY not in refused.err
    unknown = amends("output", "test", "nobody")
    assert unknown.code == 2 and "there are: team-mail" in unknown.err


def test_without_outputs_send_says_what_to_do(amends: Amends, heard: str) -> None:
    """Nothing is made, and the file is named."""
    said = amends("digest", "send", heard)
    assert said.code == 2 and "outputs.toml" in said.err
    assert "outputs.toml" in amends("output", "list").err
