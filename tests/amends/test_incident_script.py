"""The script of the recorded incident: two weeks that hold together, in words of its own."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import msgspec

from amends.cli.demo import folder
from amends.incident_script import Script, read_lines, read_script
from models.campaign import ACT_KINDS, ActRow
from models.post import clean
from models.promise import clocks

SCRIPT = read_script(folder())
LINES = read_lines(folder())
BY_ID = {line.id: line for line in LINES}


def test_the_script_tells_two_weeks_of_about_1000_posts() -> None:
    """It is as long as the README says, in order, and over before it has been played."""
    script: Script = SCRIPT
    times = [line.at for line in LINES]

    assert 960 <= len(LINES) <= 1060
    assert times == sorted(times)
    assert times[-1] < script.plays_at <= script.began + timedelta(days=14)
    assert {act.kind for act in script.acts} == set(ACT_KINDS)
    assert all(act.at < script.plays_at for act in script.acts)


def test_a_few_talk_before_it_began_and_fewer_and_fewer_after_it() -> None:
    """What X's search reaches back to is quiet, so that there is a usual; the tail ends in it."""
    days = Counter((line.at - SCRIPT.began).days for line in LINES)
    quiet = [line for line in LINES if line.at < SCRIPT.began]

    assert 30 <= len(quiet) <= 60 and {line.place for line in quiet} == {"x"}
    assert SCRIPT.began - min(line.at for line in quiet) < timedelta(days=7)
    assert days[2] > days[3] > days[4] > days[7]
    assert sum(days[n] for n in (11, 12)) <= 20


def test_two_batches_one_of_them_wrong_and_what_was_said_of_it() -> None:
    """The campaign is what the first batch and the correction say; the second says 2 %."""
    (campaign,) = SCRIPT.campaigns
    first, second = [act for act in SCRIPT.acts if act.kind == "mail_batch"]
    right = next(act for act in SCRIPT.acts if act.kind == "statement" and act.at > second.at)
    wrong = [line for line in LINES if re.search(r"\b(2 ?%|(2|two) percent)", line.text)]

    assert [one.at for one in campaign.batches] == [first.at, second.at]
    assert (campaign.days, campaign.once, campaign.offers[""][0]) == (7, True, "3 %")
    assert "2 %" in second.text and "3 %" in first.text and "2 %" in right.text
    assert min(line.at for line in wrong) > second.at
    assert len([line for line in wrong if line.at < right.at]) >= 20


def test_what_we_promise_is_read_from_our_words() -> None:
    """Updates by the clock and by Friday noon; one of them came late."""
    acts = [ActRow(id=n, incident_id=1, kind=act.kind, text=act.text, at=act.at, recorded_at=act.at)
            for n, act in enumerate(SCRIPT.acts)]  # fmt: skip
    known = clocks(acts, SCRIPT.plays_at, SCRIPT.tz)

    assert {clock.promise.words for clock in known} >= {
        "Next update 14:40", "We will tell you more by Friday noon",
        "Click the link within 7 days, once",
    }  # fmt: skip
    assert Counter(clock.state for clock in known)["kept late"] == 1
    assert not any(clock.state == "overdue" for clock in known)


def test_every_post_of_the_script_is_sound() -> None:
    """Ids are unique; replies and reposts come after what they answer, at the same place."""
    assert len(BY_ID) == len(LINES)
    assert {line.place for line in LINES} == {"x", "forum", *SCRIPT.articles}
    for line in LINES:
        about = line.reply_to or line.repost_of
        assert bool(line.text) != bool(line.repost_of), line
        assert line.text == clean(line.text)
        assert about is None or BY_ID[about].place == line.place
        assert about is None or BY_ID[about].at < line.at


def test_the_cast_plays_in_it() -> None:
    """Ana answers, Bo approves, Cleo is furious, Dre asks for a credit, Eve is a bot."""
    authors = {line.author.lower().split("_")[0].split(" ")[0] for line in LINES}

    assert authors >= {"ana", "cleo", "dre", "eve"}
    assert any("Bo " in line.text for line in LINES if line.official)
    assert {line.author.split(" ")[0] for line in LINES if line.official} == {"Ana"}
    # X's search leaves out the company's own handles, so the script has no posts by them.
    assert not any(line.official for line in [line for line in LINES if line.place == "x"])


def test_people_speak_for_themselves() -> None:
    """The only copies are those of the one complaint that people copied on purpose."""
    texts = Counter(line.text for line in LINES if line.text)

    copied = {text: number for text, number in texts.items() if number > 1}

    assert list(copied.values()) == [8]
    assert "twenty four cents" in next(iter(copied))


def test_the_demo_is_no_echo_of_what_the_classifier_learnt() -> None:
    """No post of the demo stands in the corpus: its tags would say nothing."""
    corpus = folder().parents[2] / "classify" / "corpus"
    learnt = {
        msgspec.json.decode(line)["text"]
        for file in corpus.rglob("*.jsonl")
        for line in file.read_bytes().split(b"\n")
        if line
    }

    assert learnt
    assert learnt.isdisjoint(line.text for line in LINES)


def test_hostile_texts_are_part_of_it() -> None:
    """Markup, a formula, a line separator, direction marks and emoji go through the demo too."""
    text = "\n".join(line.text for line in LINES)

    assert all(bad in text for bad in ("<script>", "[/red]", "=HYPERLINK(", "\u2028", "\u202e"))
    assert any(line.text.startswith("=") for line in LINES)
    assert "😄" in text


def test_the_public_sleeps_and_wakes() -> None:
    """The nights are quiet, the failure and the evening of lost mails are loud."""
    hours = Counter(int((line.at - SCRIPT.began).total_seconds() // 3600) for line in LINES)

    first, night, evening = hours[0], sum(hours[h] for h in range(16, 21)), hours[57]

    assert first >= 25
    assert night <= 8
    assert evening >= 15
