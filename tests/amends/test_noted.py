"""Whatever a person changes by a command is in the audit trail; `show` tells it, `verify` proves it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from amends.cli import app
from models.alarm import AlarmRow
from models.home import Home
from models.store import Store
from tests.amends.conftest import Amends, Said
from tests.factories import NOW
from tests.grounds import url_of
from tests.models.tampering import unlocked

READS = {
    "ic", "themes", "posts", "try", "clock", "effect", "export", "incident list", "incident show",
    "watch list", "act list", "campaign list", "campaign requests", "campaign said", "digest show",
    "digest diff", "voices show", "voices texts", "voices regroupings", "alarms list", "alarms replay",
    "output list", "outbox list", "user list", "user token list", "monitor list", "monitor alerts",
    "monitor try", "audit show", "audit verify", "ingest sources", "classify labels", "classify score",
    "classify explain", "classify evaluate", "classify history", "classify corpus", "contradictions",
    "symptoms", "recovery", "db show", "retention show", "classify archive", "authors show",
}  # fmt: skip
"""Commands that change nothing."""

NOBODYS = {
    "board", "serve", "run", "worker",  # what people do through them is noted there; the rest is the clock's
    "output test",  # keeps nothing
    "classify run", "classify vectors",  # tags and words' vectors bear the classifier's name
    "verify",  # asks sources, and is the clock's like a round
    "backup", "db move",  # only read the home; the trail goes along
    "demo", "restore", "classify train",  # take long, and are looked at where they are tested
}  # fmt: skip

WRITES: tuple[tuple[str, ...], ...] = (
    ("user", "add", "ana", "--role", "admin"),
    ("user", "add", "bo", "--role", "lead"),
    ("incident", "status", "discs-late", "identified"),
    ("incident", "edit", "discs-late", "--title", "Discs very late"),
    ("incident", "close", "discs-late", "--yes"),
    ("incident", "reopen", "discs-late"),
    ("watch", "add", "discs-late", "feed", "https://blog.example/feed?token=hush-hush"),
    ("watch", "change", "1", "--requests-a-day", "9"),
    ("watch", "pause", "1"),
    ("watch", "resume", "1"),
    ("act", "add", "discs-late", "statement", "Soon", "--at", "draft"),
    ("act", "approve", "1", "--version", "0"),
    ("act", "publish", "1", "--version", "0", "--next", "none"),
    ("campaign", "add", "discs-late", "Sorry", "--offer", "3 %", "--how", "link"),
    ("campaign", "edit", "1", "--version", "0", "--text", "Very sorry"),
    ("campaign", "remove", "1", "--version", "1"),
    ("alarms", "ack", "1"),
    ("backfill", "discs-late", "file", "{posts}"),
    ("voices", "merge", "discs-late", "1", "2"),
    ("voices", "undo", "discs-late", "1"),
    ("voices", "merge", "discs-late", "1", "2"),
    ("voices", "split", "discs-late", "2"),
    ("classify", "ask", "--count", "1"),
    ("classify", "correct", "1", "complaint", "--by", "ana"),
    ("classify", "undo", "--by", "ana", "--yes"),
    ("classify", "add", "{examples}", "--set", "text=text", "--set", "labels=labels"),
    ("classify", "rollback", "{classifier}"),
    ("shelf", "--add", "{past}"),
    ("check", "other"),
    ("doctor", "--words-anew"),
    ("digest", "send", "discs-late", "--to", "here"),
    ("outbox", "retry"),
    ("outbox", "drop", "1"),
    ("user", "passwd", "bo"),
    ("user", "role", "bo", "agent"),
    ("user", "token", "add", "bo", "--title", "wall screen"),
    ("user", "token", "revoke", "1"),
    ("user", "disable", "bo", "--yes"),
    ("user", "enable", "bo"),
    ("monitor", "add", "status", "statuspage", "--company", "Reelpost"),
    ("monitor", "remove", "status", "--yes"),
    ("watch", "remove", "1", "--yes"),
    ("retention", "set", "90", "--source", "x"),
    ("retention", "hold", "--source", "x"),
    ("retention", "release", "--source", "x"),
    ("erase", "--post", "3", "--yes"),
    ("authors", "pseudonymise", "--yes"),
    ("authors", "rotate", "--yes"),
    ("incident", "open", "Another", "--company", "Other", "--began", "now"),
)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every command by its words."""
    if not hasattr(group, "commands"):
        yield " ".join(path)
        return
    for name, one in group.commands.items():
        yield from commands(one, (*path, name))


def trail(amends: Amends, *words: str) -> list[dict[str, Any]]:
    """Return what `audit show` says."""
    found: list[dict[str, Any]] = json.loads(amends("audit", "show", *words, "--as", "json").out)
    return found


def verified(amends: Amends) -> tuple[Said, dict[str, Any]]:
    """Return what `audit verify` says, and its one line."""
    said = amends("audit", "verify", "--as", "json")
    return said, json.loads(said.out)[0]


def test_security_every_command_is_known_to_read_or_to_write() -> None:
    """A newcomer nobody thought about fails here."""
    known = set(commands(typer.main.get_command(app)))
    written = {
        one for one in known for words in WRITES if words[: len(one.split())] == tuple(one.split())
    }

    assert known == READS | NOBODYS | written
    assert not written & (READS | NOBODYS)


def test_security_every_command_that_changes_something_is_noted(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """Each once: a row more, and no address, handle or text in any."""
    lines = [
        {"id": str(n), "text": f"Mydiscsdidntcome {'and again ' * n}", "author": "cleo"}
        for n in range(1, 4)
    ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "e.csv").write_text("text,labels\nthe discs of mine are late again,complaint\n")
    (tmp_path / "past.csv").write_text("title,hours\nThe flood,30\n")
    (home / "outputs.toml").write_text(
        f'[output.here]\nkind = "file"\nfolder = "{tmp_path / "out"}"\n'
    )
    classifier = (home / "classifiers" / "current").read_text().strip()
    store = Store.open(url_of(home), Home(home).seal)
    with store.begin() as tx:
        tx.alarms.open(AlarmRow(incident_id=1, kind="rise", subject="complaint", since=NOW,
                                opened_at=NOW, why="more", recorded_at=NOW))  # fmt: skip
        tx.audit.note("rang", "alarm:1", by="amends", now=NOW, incident_id=1)
    store.close()
    amends("incident", "open", "Other", "--company", "Other", "--began", "now")
    silent, failed, before = [], [], len(trail(amends))

    for words in WRITES:
        filled = [word.format(posts=tmp_path / "p.jsonl", examples=tmp_path / "e.csv", classifier=classifier,
                              past=tmp_path / "past.csv")
                  for word in words]  # fmt: skip
        said = amends(*filled, AMENDS_USER="bo" if words[1] == "approve" else "ana")
        after = len(trail(amends))
        if said.code:
            failed.append((words, said.err))
        if after == before:
            silent.append(words)
        before = after

    assert failed == [], failed
    assert silent == []
    told = str(trail(amends))
    for word in (
        "Mydiscsdidntcome",
        "cleo",
        "blog.example",
        "hush-hush",
        "http",
        "very late",
        "wall screen",
    ):
        assert word not in told
    said, line = verified(amends)
    assert said.code == 0 and line["ok"] and line["rows"] == before


def test_the_trail_is_shown_by_incident_person_and_time(amends: Amends, incident: str) -> None:
    """With what was before and after."""
    amends("incident", "status", incident, "monitoring", AMENDS_USER="bo")
    amends("incident", "open", "Other", "--company", "Other", "--began", "now", AMENDS_USER="ana")

    (moved,) = trail(amends, incident, "--by", "bo", "--since", "1h")
    assert (moved["did"], moved["about"], moved["incident"]) == ("status", "incident:1", incident)
    assert moved["changed"]["incident:1"]["status"] == ["investigating", "monitoring"]
    assert len(trail(amends)) == 3 and len(trail(amends, "--count", "1")) == 1
    assert trail(amends, "--by", "nobody") == []


def tampered(home: Path) -> None:
    """Change who did what the first row tells of, past what keeps the trail from it."""
    store = Store.open(url_of(home))
    with store.begin() as tx:
        connection = tx.session.connection()
        unlocked(connection)
        connection.exec_driver_sql("UPDATE audit SET \"by\" = 'eve' WHERE id = 1")
    store.close()


def test_security_a_changed_row_is_told_with_what_to_do(
    amends: Amends, incident: str, home: Path
) -> None:
    """Exit code 1, the row, what it means; doctor finds it as well."""
    amends("incident", "status", incident, "monitoring")
    tampered(home)

    said, line = verified(amends)
    doctor = amends("doctor", "--as", "json")

    assert (said.code, line["ok"], line["broken"]) == (1, False, 1)
    assert "row 1 isn't what was written" in line["what"] and "backup" in line["remedy"]
    assert doctor.code == 1 and "E17" in {one["finding"] for one in json.loads(doctor.out)}


@pytest.mark.sqlite("puts an older file of SQLite's in its place")
def test_a_restored_older_backup_is_told_as_one_and_is_no_lie(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """By whom, from when, how many rows came after it; an older file put there by hand is a lie."""
    amends("backup", str(tmp_path / "b.zst"))
    older = (home / "amends.db").read_bytes()
    for status in ("identified", "monitoring"):
        amends("incident", "status", incident, status)
    said = amends("restore", str(tmp_path / "b.zst"), "--replace", AMENDS_USER="bo")
    assert said.code == 0, said.err

    said, line = verified(amends)
    assert (said.code, line["rows"]) == (0, 2)
    assert "bo put back a backup" in said.err and "2 rows that came after it" in said.err
    amends("incident", "status", incident, "identified")
    assert verified(amends)[1]["rows"] == 3

    (home / "amends.db").write_bytes(older)
    said, line = verified(amends)
    assert said.code == 1 and "older database was put in its place" in line["what"]


def test_a_restore_cut_short_before_the_head_is_written_is_no_lie(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """The row that says so names the head that was known."""
    amends("backup", str(tmp_path / "b.zst"))
    amends("incident", "status", incident, "monitoring")
    head = (home / "audit.head").read_bytes()
    amends("restore", str(tmp_path / "b.zst"), "--replace")
    (home / "audit.head").write_bytes(head)

    assert verified(amends)[0].code == 0
    amends("incident", "status", incident, "identified")
    assert (home / "audit.head").read_text().split()[:2] == ["1", "3"]


def test_a_backup_of_another_home_is_proved_from_when_it_came(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """Its key isn't in a backup; rows changed after the restore are found all the same."""
    amends("backup", str(tmp_path / "b.zst"))
    new = tmp_path / "new"
    said = amends("--home", str(new), "restore", str(tmp_path / "b.zst"))
    assert said.code == 0 and "audit.key is in no backup" in said.err
    said = amends("--home", str(new), "audit", "verify", "--as", "json")
    assert said.code == 0 and "1 rows before it are another home's" in said.err

    tampered(new)
    said = amends("--home", str(new), "audit", "verify", "--as", "json")
    assert said.code == 1 and "aren't those that were restored" in json.loads(said.out)[0]["what"]


@pytest.mark.parametrize("gone", ["audit.head"])
def test_a_head_that_is_gone_is_told(amends: Amends, incident: str, home: Path, gone: str) -> None:
    """No lie is proved, but nothing about the end either; the next change writes it."""
    (home / gone).unlink()
    said, _ = verified(amends)
    assert said.code == 0 and "no audit.head" in said.err

    amends("incident", "status", incident, "monitoring")
    assert "no audit.head" not in verified(amends)[0].err
