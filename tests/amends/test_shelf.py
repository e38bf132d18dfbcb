"""The shelf: past incidents on one scale, what is nearest to an offer, and what a home brings in itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from amends.course import closed, moved
from amends.shelf.ask import Shelf, Wish, shelf
from amends.shelf.near import Proposal, nearest
from amends.shelf.record import record
from amends.shelf.value import offers_of, scale
from amends.shelf.words import standing, told
from models.campaign import ActRow, Terms
from models.coverage import Span
from models.errors import SetupError
from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.scene import BEGAN, HOUR, MINUTE, Scene
from tests.factories import an_incident

NOW = BEGAN + 60 * HOUR
GOOD = """title,company,began,hours,offer,how,days,said,peak
Log-in down,Reelpost,2025-11-02,6,3 %; 24 cents,link,7,"Many asked, few thanked",410
Discs late,Reelpost,2025-06,48,pro rata,automatic,,,
"""


def the_shelf(store: Store, tmp_path: Path, slug: str | None = None, **wish: object) -> Shelf:
    """Return the shelf of a store."""
    with store.read() as tx:
        row = None if slug is None else tx.incidents.find(slug)
        return shelf(tx, tmp_path / "shelf.jsonl", NOW, Wish(**wish), row)  # type: ignore[arg-type]


def over(store: Store) -> Scene:
    """Return an incident of ten hours that is over: 3 % by a link, and what people said of it."""
    scene = Scene(store, days=0)
    key = scene.incident.id or 0
    scene.say(scene.crowd(Span(BEGAN, BEGAN + 3 * HOUR), 30))
    scene.say(scene.crowd(Span(BEGAN, BEGAN + 3 * HOUR), 10), "praise")
    scene.hear(Span(BEGAN, BEGAN + 30 * HOUR))
    texts = ("the 3% credit never came by mail, I didn't get any email", "they gave me a 9% credit",
             "no link for me", "where is my credit", "thanks for the 3% credit")  # fmt: skip
    scene.say([scene.post(BEGAN + 14 * HOUR + n * MINUTE, text=text, author=f"dre{n}")
               for n, text in enumerate(texts)], "credit_request")  # fmt: skip
    scene.say([scene.post(BEGAN + 15 * HOUR, text="no mail", author=f"dre{n}") for n in (0, 2, 2)],
              "credit_request", "credit_mail_missing")  # fmt: skip
    with store.begin() as tx:
        row = tx.incidents.find(scene.incident.slug)
        tx.acts.add(ActRow(incident_id=key, kind="apology", text="sorry", at=BEGAN + 90 * MINUTE,
                           recorded_at=NOW, by="ana"))  # fmt: skip
        terms = Terms(text="click", how="link", offers={"": ("3 %",)}, days=7, once=True,
                      announced_at=BEGAN + 12 * HOUR)  # fmt: skip
        tx.campaigns.add(key, terms, "bo", NOW)
        moved(tx, row, "resolved", by="bo", now=BEGAN + 10 * HOUR)
        closed(tx, row, by="bo", now=BEGAN + 20 * HOUR)
    return scene


def test_the_public_record_is_facts_with_a_source() -> None:
    """Eight of them, each says where it was read and that nothing was measured; five are of one company."""
    rows = record()
    assert len(rows) == 8 and len({one.name for one in rows}) == 8
    assert all(
        one.source and one.note == "from the public record, not measured here" for one in rows
    )
    facts = {one.name: (one.hours, one.offers, one.how, one.days) for one in rows}
    assert {name: facts[name] for name in facts if name.startswith("netflix")} == {
        "netflix-2008-03": (11.0, ("5 %",), "automatic", None),
        "netflix-2008-08": (72.0, ("15 %",), "automatic", None),
        "netflix-2010-10": (None, ("2 %", "3 %"), "link", None),
        "netflix-2011-03": (2.0, ("3 %", "24 cents"), "link", 7),
        "netflix-2011-07": (None, ("3 %",), "link", None),
    }
    assert all(offers_of("; ".join(one.offers)) == one.offers for one in rows)
    assert not any(one.peak or one.half or one.first_word for one in rows)


def test_one_scale() -> None:
    """Per cent for each hour down, and times of the time lost; pro rata is once."""
    stands = {one.name: scale(one) for one in record()}
    assert (stands["netflix-2008-03"].per_hour, stands["netflix-2008-03"].times) == (0.455, 3.3)
    assert (stands["netflix-2008-08"].per_hour, stands["netflix-2008-08"].times) == (0.208, 1.5)
    assert stands["netflix-2011-03"].times == 10.8
    assert (stands["comcast-2008-09"].per_hour, stands["comcast-2008-09"].times) == (None, 1.0)
    assert stands["netflix-2010-10"].times is stands["xfinity-rule"].times is None


def test_our_own_are_measured(store: Store, tmp_path: Path) -> None:
    """Once they are closed: how long, what, how claimed, and what came of it."""
    scene = over(store)
    one = the_shelf(store, tmp_path).precedents[0]
    assert (one.name, one.kind, one.hours) == ("discs-late", "measured", 10.0)
    assert (one.offers, one.how, one.days, one.claim) == (("3 %",), "link", 7, "once")
    assert one.first_word == 90 and scale(one).times == 2.2
    # 90 complain and 30 praise in three hours, five ask later.
    assert one.peak is not None and 700 <= one.peak <= 800
    assert one.requests == pytest.approx(1_000 * 5 / 125, abs=1)
    assert (one.conflicts, one.missed) == (1, 2)
    with store.begin() as tx:
        tx.incidents.find(scene.incident.slug).closed_at = None
    assert all(each.kind == "public record" for each in the_shelf(store, tmp_path).precedents)


def test_an_incident_is_held_against_the_others(store: Store, tmp_path: Path) -> None:
    """By what its campaign offers, how long it was down, how it is claimed; never against itself."""
    over(store)
    found = the_shelf(store, tmp_path, "discs-late")
    assert found.proposal == Proposal(offers=("3 %",), hours=10.0, how="link")
    assert "discs-late" not in {one.name for one in found.precedents}
    assert found.said[0] == (
        "3 % for 10 h is 0.3 % for each hour down, 2.2 times the time lost. Of 4 precedents on this "
        "scale 2 gave more and 2 less."
    )
    wished = the_shelf(
        store, tmp_path, "discs-late", like="3 % or 5 %", how="automatic", hours=11.0
    )
    assert wished.proposal == Proposal(offers=("3 %", "5 %"), hours=11.0, how="automatic")
    assert wished.nearest[0].precedent.name == "netflix-2008-03" and wished.nearest[0].distance == 0
    assert [line.split(" ")[0] for line in wished.said] == ["3", "5", "The"]


def test_another_incident_is_a_precedent(store: Store, tmp_path: Path) -> None:
    """The one that is over stands on the shelf of the one that burns, and is the nearest to it."""
    over(store)
    with store.begin() as tx:
        tx.incidents.add(an_incident(slug="again", title="Again", began=NOW - 10 * HOUR))
    found = the_shelf(store, tmp_path, "again", like="3 %", how="link")
    assert found.nearest[0].precedent.name == "discs-late" and found.nearest[0].distance == 0
    assert found.nearest[0].because == "the same offer; as long down; link too"


@pytest.mark.parametrize(
    ("proposal", "first", "because"),
    [
        (Proposal(offers=("15 %",)), "netflix-2008-08", "the same offer"),
        (Proposal(offers=("pro rata",)), "comcast-2008-09", "the same offer"),
        (Proposal(offers=("$5",)), "xfinity-rule", "the same offer"),
        (Proposal(offers=("$0.24",)), "netflix-2011-03", "the same offer"),
        (Proposal(hours=70), "netflix-2008-08", "as long down"),
        (Proposal(how="form"), "xfinity-rule", "form too"),
        (Proposal(offers=("10 %",), hours=22, how="automatic"), "netflix-2008-03",
         "1/2 as much offered; 1/2 as long down; automatic too"),
    ],
)  # fmt: skip
def test_nearest(proposal: Proposal, first: str, because: str) -> None:
    """By the ratio of what is known of both; what isn't known is far."""
    near = nearest(proposal, record())
    assert len(near) == 5 and [one.distance for one in near] == sorted(one.distance for one in near)
    assert near[0].precedent.name == first and near[0].because.startswith(because)


def test_without_hours_there_is_no_scale() -> None:
    """The sentence says what is missing; an offer in money has no place on it."""
    assert "how many hours" in standing(Proposal(offers=("3 %",)), record())[0]
    assert standing(Proposal(offers=("$5",), hours=3), record()) == []
    assert "No precedent" in standing(Proposal(offers=("3 %",), hours=3), [])[0]
    assert "Read at consumerist.com" in told(record()[0])


@pytest.mark.parametrize("wish", [{"like": "a lot"}, {"hours": -1.0}, {"hours": float("nan")},
                                  {"how": "pigeon"}])  # fmt: skip
def test_what_cant_be_meant(lite: Store, tmp_path: Path, wish: dict[str, object]) -> None:
    """One sentence, one remedy."""
    with pytest.raises(SetupError):
        the_shelf(lite, tmp_path, **wish)


def test_a_home_brings_in_its_own(amends: Amends, tmp_path: Path) -> None:
    """From CSV; again in place of what it was; and one is taken off again."""
    file = tmp_path / "past.csv"
    file.write_text(GOOD)
    assert "2 past incidents" in amends("shelf", "--add", str(file)).err
    file.write_text(GOOD.replace(",6,", ",7,"))
    assert amends("shelf", "--add", str(file)).code == 0
    rows = json.loads(amends("shelf", "--as", "json").out)
    own = [row for row in rows if row["kind"] == "brought in"]
    assert [(row["name"], row["hours"], row["times_lost"]) for row in own] == [
        ("log-in-down-2025-11-02", 7.0, 3.1), ("discs-late-2025-06", 48.0, 1.0)]  # fmt: skip
    assert own[0]["note"] == "brought in from a file, not measured here" and own[0]["peak"] == 410
    assert amends("shelf", "--remove", own[0]["name"]).code == 0
    assert amends("shelf", "--remove", own[0]["name"]).code == 2
    assert len(json.loads(amends("shelf", "--as", "json").out)) == len(rows) - 1


def test_lines_that_are_none_are_told_with_their_reason(amends: Amends, tmp_path: Path) -> None:
    """The good ones are kept; a file without any is refused."""
    file = tmp_path / "past.jsonl"
    lines = [
        {"title": "\u202eLog-in\x07 down", "hours": 6, "offer": ["3 %", "$5"]}, {"hours": 6},
        {"title": "A"}, {"title": "A", "hours": "many"}, {"title": "A", "hours": 0},
        {"title": "A", "offer": "a lot"}, {"title": "A", "hours": 1, "began": "2025-02-30"},
        {"title": "A", "hours": 1, "how": "pigeon"}, {"title": "A", "hours": 1, "mood": "bad"},
        {"title": "A", "hours": 1, "said": "x" * 600}, {"title": "A", "hours": 1, "days": 1.5}, 7,
        {"title": "\u202eLog-in\x07 down", "hours": 6},
    ]  # fmt: skip
    file.write_text("\n".join([*map(json.dumps, lines), "{", "", '{"title": "B", "hours": true}']))
    said = amends("shelf", "--add", str(file))
    assert said.code == 0 and "1 past incident put on the shelf, 14 lines left out" in said.err
    for line, why in ((2, "no title"), (3, "neither"), (4, "isn't a number"), (5, "so many hours"),
                      (6, "isn't an offer"), (7, "no day"), (8, "no way"), (9, "no “mood”"),
                      (10, "longer than 500"), (11, "whole number"), (12, "JSON object"),
                      (13, "earlier line"), (14, "JSON object"), (16, "isn't a number")):  # fmt: skip
        (told_,) = [each for each in said.err.splitlines() if each.startswith(f"line {line} ")]
        assert why in told_
    file.write_text("title,hours\nA,6,7\n")
    assert amends("shelf", "--add", str(file)).code == 2
    assert amends("shelf", "--add", str(tmp_path / "none.csv")).code == 2


def test_the_command_line(amends: Amends, incident: str) -> None:
    """A table says what isn't measured here; the nearest say why; a formula is no cell."""
    table = amends("shelf")
    assert table.code == 0 and "public record" in table.out and "not measured here" not in table.out
    assert "none of it was measured here" in table.err and "$5" in table.out
    near = json.loads(amends("shelf", "--like", "3 %", "--hours", "2", "--as", "json").out)
    assert (
        near[0]["name"] == "netflix-2011-03"
        and near[0]["because"] == "the same offer; as long down"
    )
    assert amends("shelf", incident, "--as", "csv").out.count("\r\n") == 6
    assert amends("shelf", "--like", "much").code == 2 and amends("shelf", "nowhere").code == 2


def test_a_spoilt_file_is_told(amends: Amends, home: Path) -> None:
    """Not a crash."""
    (home / "shelf.jsonl").write_text(
        '{"name": "a", "title": "A", "kind": "brought in", "hours": -1}\n'
    )
    said = amends("shelf")
    assert said.code == 2 and "shelf.jsonl" in said.err and "Traceback" not in said.err


def test_titles_in_another_script_keep_their_names(amends: Amends, tmp_path: Path) -> None:
    """Two titles that fold to nothing, or are long, keep names of their own."""
    file = tmp_path / "past.csv"
    titles = ["障害", "停止", "A" * 80 + "1", "A" * 80 + "2"]
    file.write_text("title,hours\n" + "".join(f"{title},3\n" for title in titles))
    assert "4 past incidents" in amends("shelf", "--add", str(file)).err
