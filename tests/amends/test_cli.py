"""The commands, as each of the three users would type them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.amends.conftest import Amends
from tests.conftest import database

LINES = [
    {"id": "1", "text": "third day without discs, this is awful", "author": "cleo",
     "created_at": "2026-03-04T15:00:00Z"},
    {"id": "2", "text": "where is my credit? I want a refund for these days", "author": "dre",
     "created_at": "2026-03-04T16:00:00Z"},
    {"id": "3", "text": "=cmd|' /C calc'!A1 [/red] <b>thanks</b> for nothing", "author": "@eve"},
]  # fmt: skip


def jsonl(path: Path, lines: list[object]) -> str:
    """Write lines to a file and return its name."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_an_incident_is_opened_listed_and_closed(amends: Amends, incident: str) -> None:
    """A list is an array of objects with slug and id, and a status is changed in the open."""
    listed = json.loads(amends("incident", "list", "--as", "json").out)
    assert [(one["id"], one["slug"]) for one in listed] == [(1, incident)]
    assert listed[0]["began"] == "2026-03-03T14:40:00Z"

    assert amends("incident", "status", incident, "monitoring").out.strip() == "monitoring"
    assert amends("incident", "close", "1", "--yes").code == 0
    assert json.loads(amends("incident", "show", "1", "--as", "json").out)[0]["closed_at"]
    assert amends("incident", "reopen", incident).code == 0


def test_what_destroys_asks_first(amends: Amends, incident: str) -> None:
    """Off a terminal nothing is closed or removed without --yes."""
    said = amends("incident", "close", incident)

    assert said.code == 2
    assert "add --yes" in said.err


def test_a_file_is_stored_tagged_listed_and_digested(
    amends: Amends, incident: str, tmp_path: Path
) -> None:
    """The corridor from one end to the other; a second run adds nothing."""
    file = jsonl(tmp_path / "posts.jsonl", [*LINES, {"id": "4"}])

    first = json.loads(amends("backfill", incident, "file", file, "--as", "json").out)[0]
    second = json.loads(amends("backfill", incident, "file", file, "--as", "json").out)[0]

    assert (first["posts"], first["new"], first["tagged"], first["rejected"]) == (3, 3, 3, 1)
    assert second["new"] == 0
    asked = amends("posts", incident, "--label", "credit_request", "--as", "jsonl").out
    assert [json.loads(line)["external_id"] for line in asked.splitlines()] == ["2"]
    found = amends("posts", incident, "--search", "discs AWFUL", "--as", "jsonl").out
    assert len(found.splitlines()) == 1
    digest = json.loads(amends("digest", "show", incident, "--as", "json").out)
    assert (digest["day"], digest["posts"]["posts"], digest["undated"]) == ("2026-03-04", 2, 1)


def test_rejects_are_kept_with_file_line_and_reason(
    amends: Amends, incident: str, tmp_path: Path, home: Path
) -> None:
    """A bad line never loses the good ones beside it, and isn't lost itself."""
    file = tmp_path / "posts.jsonl"
    file.write_text(json.dumps(LINES[0]) + '\n{"id": \n' + json.dumps(LINES[1]) + "\n")

    said = amends("backfill", incident, "file", str(file))

    assert said.code == 0
    assert str(home / "rejects.jsonl") in said.err
    kept = [json.loads(line) for line in (home / "rejects.jsonl").read_text().splitlines()]
    assert len(kept) == 1
    assert kept[0]["where"].startswith(f"{file}:2")
    assert kept[0]["reason"]


def test_stdin_is_a_file_too(
    amends: Amends, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dash reads what is piped in."""
    piped = "".join(json.dumps(line) + "\n" for line in LINES).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))

    said = amends("backfill", incident, "file", "-", "--as", "json")

    assert json.loads(said.out)[0]["new"] == 3


def test_a_spreadsheet_takes_no_formula_from_us(
    amends: Amends, incident: str, tmp_path: Path
) -> None:
    """Cells that would be formulas begin with an apostrophe."""
    amends("backfill", incident, "file", jsonl(tmp_path / "p.jsonl", LINES))

    rows = list(csv.DictReader(io.StringIO(amends("posts", incident, "--as", "csv").out)))

    hostile = next(row for row in rows if row["external_id"] == "3")
    assert hostile["text"].startswith("'=cmd")
    assert hostile["author"] in ("'@eve", "eve")


def test_hostile_text_is_printed_as_it_is(amends: Amends, incident: str, tmp_path: Path) -> None:
    """Rich markup in a post is text, not markup."""
    amends("backfill", incident, "file", jsonl(tmp_path / "p.jsonl", LINES))

    assert "[/red] <b>thanks</b>" in amends("posts", incident).out


def test_labels_in_a_file_become_a_persons_tags_only_when_asked(
    amends: Amends, incident: str, tmp_path: Path
) -> None:
    """Without --labels-by a labels column is left alone."""
    labelled = [LINES[0] | {"labels": ["praise"]}]
    file = jsonl(tmp_path / "p.jsonl", labelled)  # type: ignore[arg-type]

    amends("backfill", incident, "file", file)
    assert not amends("posts", incident, "--label", "praise", "--as", "jsonl").out

    amends("backfill", incident, "file", file, "--labels-by", "ana")
    line = json.loads(amends("posts", incident, "--label", "praise", "--as", "jsonl").out)
    assert line["labels"] == {"praise": {"score": 1.0, "by": "ana"}}


def test_undated_posts_can_be_given_a_time(amends: Amends, incident: str, tmp_path: Path) -> None:
    """--undated-as says when those without a time were posted, in the incident's zone."""
    file = jsonl(tmp_path / "p.jsonl", LINES)
    amends("backfill", incident, "file", file, "--undated-as", "2026-03-03T20:00")

    lines = amends("posts", incident, "--as", "jsonl").out.splitlines()

    assert json.loads(lines[-1])["posted_at"] == "2026-03-04T02:00:00Z"


def test_a_dry_run_counts_and_stores_nothing(amends: Amends, incident: str, tmp_path: Path) -> None:
    """It says how many, and the store stays empty."""
    file = jsonl(tmp_path / "p.jsonl", LINES)

    said = amends("backfill", incident, "file", file, "--dry-run", "--as", "json")

    assert json.loads(said.out)[0]["posts"] == 3
    assert json.loads(amends("posts", incident, "--as", "json").out) == []


def test_try_shows_reasons_and_stores_nothing(amends: Amends, tmp_path: Path) -> None:
    """Ten posts, tagged, with the words behind the tags."""
    file = jsonl(tmp_path / "p.jsonl", LINES)

    shown = json.loads(amends("try", file, "--as", "json").out)

    assert "credit_request" in shown[1]["labels"]
    assert "credit" in shown[1]["because"]
    assert json.loads(amends("incident", "list", "--as", "json").out) == []


def test_acts_are_written_down(amends: Amends, incident: str) -> None:
    """An act without a time is a draft."""
    amends("act", "add", incident, "apology", "We are sorry", "--at", "2026-03-04T14:00")
    amends("act", "add", incident, "statement", "Soon", "--at", "draft")

    acts = json.loads(amends("act", "list", incident, "--as", "json").out)

    assert [(act["kind"], act["at"], act["draft"]) for act in acts] == [
        ("apology", "2026-03-04T20:00:00Z", False),
        ("statement", None, True),
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("posts", "nothing-here"), 2, "there is no incident"),
        (("watch", "add", "{incident}", "tiktok"), 2, "there is no source called"),
        (("watch", "add", "{incident}", "wordpress"), 2, "needs an address"),
        (("watch", "add", "{incident}", "feed", "ftp://x"), 2, "isn't a web address"),
        (("watch", "add", "{incident}", "x", "--set", "color=red"), 2, "no setting"),
        (("incident", "open", "A", "--company", "B", "--tz", "Mars/Base"), 2, "no time zone"),
        (("incident", "open", "A", "--company", "B", "--began", "soon"), 2, "isn't a time"),
        (("posts", "{incident}", "--label", "anger"), 2, "no label"),
        (("digest", "show", "{incident}", "--day", "someday"), 2, "isn't a day"),
        (("backfill", "{incident}", "x"), 2, "X_BEARER_TOKEN isn't set"),
        (("backfill", "{incident}", "file", "/no/such/file"), 2, "no"),
        (("backfill", "{incident}", "file", "/"), 2, "folder"),
        (("backfill", "{incident}", "file"), 2, "which file"),
        (("run", "{incident}", "--once"), 2, "listens nowhere"),
        (("act", "add", "{incident}", "rant", "no"), 2, "no kind of act"),
        (("watch", "pause", "99"), 2, "no watch 99"),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_2(
    amends: Amends, incident: str, words: tuple[str, ...], code: int, said: str
) -> None:
    """What went wrong, what to do, no traceback."""
    ended = amends(*(word.replace("{incident}", incident) for word in words))

    assert ended.code == code, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_files_that_cannot_be_read_do_not_keep_the_others_out(
    amends: Amends, incident: str, tmp_path: Path
) -> None:
    """An empty, a binary and a good file: the good one goes in, the others are named."""
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "picture.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    jsonl(tmp_path / "good.jsonl", LINES)

    said = amends("backfill", incident, "file", f"{tmp_path}/*.jsonl", "--as", "json")

    assert said.code != 0
    assert "empty.jsonl" in said.err
    assert "picture.jsonl" in said.err
    assert [line["new"] for line in json.loads(said.out)] == [3]


def test_an_unreachable_watch_is_trouble_not_silence(amends: Amends, incident: str) -> None:
    """A round in which nobody answered fails, and the list says why."""
    amends("watch", "add", incident, "thread_page", "http://127.0.0.1:1/thread")

    assert amends("run", incident, "--once", AMENDS_ALLOW_PRIVATE="127.0.0.1:1").code == 1
    watch = json.loads(amends("watch", "list", incident, "--as", "json").out)[0]
    assert watch["state"] == "throttled"
    assert "nothing listens there" in watch["trouble"]
    checked = amends("check", incident)
    assert checked.code == 1


def test_a_watch_on_our_own_network_is_refused_unless_named(amends: Amends, incident: str) -> None:
    """The list says why, and which setting would name this very server."""
    amends("watch", "add", incident, "thread_page", "http://127.0.0.1:1/thread")

    assert amends("run", incident, "--once", AMENDS_ALLOW_PRIVATE="127.0.0.1:2").code == 1
    watch = json.loads(amends("watch", "list", incident, "--as", "json").out)[0]
    assert "AMENDS_ALLOW_PRIVATE=127.0.0.1:1" in watch["trouble"]
    said = amends("run", incident, "--once", AMENDS_ALLOW_PRIVATE="*")
    assert (said.code, "doesn't name one server" in said.err) == (2, True)


def test_doctor_numbers_its_findings(amends: Amends) -> None:
    """Each finding has a number, a level and a remedy."""
    found = json.loads(amends("doctor", "--as", "json").out)

    assert {"finding", "level", "what", "remedy"} == set(found[0])
    assert all(one["finding"][1:].isdigit() for one in found)


def test_help_is_there_at_once() -> None:
    """Nothing heavy is imported for --help."""
    heavy = "{'sklearn', 'sqlmodel', 'sqlalchemy', 'matplotlib', 'numpy', 'httpx', 'skops', 'rich'}"
    code = (
        "import sys\nfrom amends.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        f"sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_home_may_stand_anywhere(tmp_path: Path) -> None:
    """People write --home where they think of it."""
    words = [sys.executable, "-m", "amends", "incident", "list", "--as", "json", "--home"]
    ended = subprocess.run(
        [*words, str(tmp_path / "h")], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, "[]")
    assert (tmp_path / "h" / "amends.db").exists()


def test_the_corridor_runs_on_postgresql_too(
    amends: Amends, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """AMENDS_DATABASE_URL is all it takes."""
    url = database("postgresql", request, tmp_path)
    opened = amends(
        "incident", "open", "Elsewhere", "--company", "Reelpost", AMENDS_DATABASE_URL=url
    )
    assert opened.code == 0, opened.err

    amends("backfill", "elsewhere", "file", jsonl(tmp_path / "p.jsonl", LINES))

    asked = amends("posts", "elsewhere", "--label", "credit_request", "--as", "jsonl").out
    assert [json.loads(line)["external_id"] for line in asked.splitlines()] == ["2"]
    digest = json.loads(amends("digest", "show", "elsewhere", "--as", "json").out)
    assert digest["posts"]["posts"] == 2
