"""Contradictions and symptoms on the board, for programs and by command; words of one's own."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from amends.truth.told import told
from amends.truth.vocabulary import vocabulary
from models.campaign import ActRow
from models.errors import SetupError
from models.incident import Watch
from models.store import Store
from tests.amends.board.conftest import Clock, as_, clock, place, posts, watch  # noqa: F401
from tests.amends.conftest import Amends
from tests.factories import NOW, a_watch
from tests.grounds import url_of

As = Callable[[str | None], TestClient]
API = "/api/incidents/discs-late"
EVIL = "<script>alert(1)</script> {{ 7*7 }} \u202e @cleo"
TOLD = ("chat told me there is no credit", ("complaint",))
FAILS = (f"TV app won't load in Spain {EVIL}", ("complaint",))


@pytest.fixture
def said(place: Place, watch: Watch) -> list[int]:  # noqa: F811
    """Return posts that contradict and that name a symptom, from the oldest on."""
    with place.store.begin() as tx:
        tx.acts.add(ActRow(incident_id=1, kind="statement", text="All get a credit <script>alert(2)</script>",
                           at=NOW.replace(hour=1), by="ana", recorded_at=NOW))  # fmt: skip
    return posts(place.store, watch, (f"{TOLD[0]} {EVIL}", TOLD[1]), FAILS)


def test_the_credit_page_says_what_they_were_told_otherwise(said: list[int], as_: As) -> None:  # noqa: F811
    """With what we had said, and the post; strangers' words are only words, and a viewer sees no handle."""
    page = as_("eve").get("/i/discs-late/credit").text
    assert "What they were told otherwise" in page and "“there is no credit”" in page
    assert "We said: “All get a credit" in page and f'/i/discs-late/p/{said[0]}"' in page
    assert "<script>alert" not in page and "\u202e" not in page and "@cleo" not in page
    assert "@cleo" in as_("ana").get("/i/discs-late/credit").text


def test_the_incident_page_says_what_fails(said: list[int], as_: As) -> None:  # noqa: F811
    """Once it was looked for, with the page's words."""
    eve = as_("eve")
    for _ in range(200):
        page = eve.get("/i/discs-late").text
        if "What fails, and what the status page says" in page:
            break
        time.sleep(0.02)
    assert "page says nothing of it" in page and "Spain 1" in page and "TV app" in page
    assert "<script>alert" not in page and "\u202e" not in page and "@cleo" not in page


def test_programs_get_both(said: list[int], as_: As) -> None:  # noqa: F811
    """A viewer's without authors; lines by place; of another day nothing."""
    eve = as_("eve")
    (one,) = eve.get(f"{API}/contradictions").json()["found"]
    assert (one["channel"], one["says"], one["against"]) == ("chat", "no_credit", "statement")
    assert one["post_ids"] == [said[0]] and one["examples"][0]["author"] is None
    assert "@cleo" not in one["examples"][0]["text"]
    (tv,) = eve.get(f"{API}/symptoms?by=place").json()["found"]
    assert (tv["component"], tv["part"], tv["voices"], tv["page"]) == ("tv_app", "Spain", 1, "")
    assert eve.get(f"{API}/symptoms?day=2026-03-01").json()["found"] == []
    assert eve.get(f"{API}/contradictions?day=2026-03-01").json()["found"] == []
    assert eve.get(f"{API}/symptoms?by=weather").status_code == 422
    assert as_(None).get(f"{API}/symptoms").status_code == 401


def filled(home: Path) -> None:
    """Let Cleo and Dre complain."""
    kept = Store.open(url_of(home))
    heard = a_watch(kept, incident_id=1, source="x", terms=["reelpost"])
    posts(kept, heard, TOLD, ("Roku app is buffering in Leeds", ("complaint",)))
    kept.close()


def test_the_commands_say_them(amends: Amends, incident: str, home: Path) -> None:
    """For people, and for machines every key."""
    filled(home)
    (one,) = json.loads(amends("contradictions", incident, "--as", "json").out)
    assert (one["channel"], one["says"], one["voices"]) == ("chat", "no_credit", 1)
    assert one["example"] == TOLD[0] and one["first_at"] == "2026-03-04T11:58:00Z"
    table = amends("contradictions", incident)
    assert "no_credit" in table.out and "1 voice in 1 post; from all 2 distinct" in table.err
    said = amends("symptoms", incident, "--day", "2026-03-04", "--as", "csv")
    (row,) = csv.DictReader(io.StringIO(said.out))
    assert (row["component"], row["page"]) == ("tv_app", "page says nothing of it")
    assert json.loads(row["devices"]) == {"Roku": 1} and json.loads(row["places"]) == {"Leeds": 1}
    by = amends("symptoms", incident, "--day", "2026-03-04", "--by", "device", "--as", "jsonl")
    assert json.loads(by.out)["part"] == "Roku"
    for command in ("contradictions", "symptoms"):
        assert amends(command, "nothing-such").code == 2
        assert amends(command, incident, "--day", "2026-03-01").code == 0


def test_a_file_in_the_home_adds_words(amends: Amends, incident: str, home: Path) -> None:
    """New channels, and words for those there are; what can't be read is one sentence."""
    filled(home)
    own = home / "truth.toml"
    own.write_text(
        '[channel.kiosk]\ntitle = "Kiosk"\nwords = ["kiosk"]\n[component.tv_app]\nwords = ["big screen"]\n'
    )
    known = vocabulary(own)
    assert [one.channel for one in told("the kiosk told me there is no credit", known)] == ["kiosk"]
    assert known.components.all("big screen and tv app")[0].name == "tv_app"
    assert told("chat told me there is no credit", known)
    own.write_text('[channel.kiosk]\nwrods = ["kiosk"]\n')
    said = amends("contradictions", incident)
    assert (said.code, "truth.toml" in said.err, "Traceback" in said.err) == (2, True, False)


@pytest.mark.parametrize(
    "wrong", ["[", "channel = 3", "[channel.x]\nwords = [3]", '[channel.x]\nwords = [" "]',
              f'[channel.x]\nwords = ["{"w" * 301}"]', '[weather]\nwords = ["rain"]'],
)  # fmt: skip
def test_a_file_that_cant_be_meant(tmp_path: Path, wrong: str) -> None:
    """It says which, and what to do."""
    own = tmp_path / "truth.toml"
    own.write_text(wrong)
    with pytest.raises(SetupError, match=r"truth\.toml"):
        vocabulary(own)


def test_signs_in_words_are_only_signs(tmp_path: Path) -> None:
    """A phrase is no regular expression, but for * / and ~."""
    own = tmp_path / "truth.toml"
    own.write_text('[channel.x]\nwords = ["(a+)+$", "c++ desk"]\n')
    known = vocabulary(own)
    assert told("the c++ desk told me there is no credit", known)[0].channel == "x"
    assert vocabulary(tmp_path / "none.toml") is vocabulary()
