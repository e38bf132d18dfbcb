"""Did it work? From posts in the store to the verdict, on the command line and in the value."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from amends.digest import as_text, build, snapshot
from amends.effect.ask import effects
from amends.effect.judge import judge
from amends.effect.record import heard
from amends.effect.value import Effect
from amends.effect.words import notes
from classify.labels import Labels
from models.campaign import ActRow
from models.coverage import Span
from models.errors import SetupError
from models.store import Store
from tests.amends.conftest import Amends
from tests.amends.scene import BEGAN, HOUR, Scene

OUT = BEGAN + 40 * HOUR
END = BEGAN + 80 * HOUR


class Campaign(Scene):
    """People ask for credits and say thanks; two hours after the mail fewer ask, unless told otherwise."""

    def __init__(self, store: Store, left: float = 0.5, **deaf: Any) -> None:
        super().__init__(store, days=0)
        for label, an_hour in (("credit_request", 12), ("praise", 20)):
            posts = []
            for hour in range(80):
                at = BEGAN + hour * HOUR
                fewer = label == "credit_request" and at >= OUT + 2 * HOUR
                usual = an_hour * (left if fewer else 1.0)
                many = max(self.chance.gauss(usual, usual**0.5), 1)
                posts += self.crowd(Span(at, at + HOUR), many)
            self.say(posts, label)
        for span in deaf.get("heard", [Span(BEGAN, END)]):
            self.hear(span)

    def act(self, at: datetime | None = OUT, kind: str = "mail_batch", text: str = "sorry") -> int:
        """Note an act; return its id."""
        with self.store.begin() as tx:
            key = self.incident.id or 0
            row = ActRow(incident_id=key, kind=kind, text=text, at=at, recorded_at=END, by="ana")
            return tx.acts.add(row).id or 0

    def effect(self, act: int, label: str = "credit_request", now: datetime = END + HOUR) -> Effect:
        """Measure it."""
        with self.store.read() as tx:
            row = tx.incidents.find(self.incident.slug)
            return judge(heard(tx, row, tx.acts.get(act), label, now))


def test_a_mail_that_worked(store: Store) -> None:
    """What fell, how surely, since when, what would have come; and the hours it stands on add up."""
    scene = Campaign(store)
    effect = scene.effect(scene.act())

    assert effect.verdict == "fewer" and effect.change is not None
    assert effect.low is not None and effect.high is not None
    assert effect.low < -0.5 < effect.high < 0 and effect.low < effect.change < effect.high
    assert effect.said.startswith("Credit requests fell by ")
    assert "after the mail batch; without it about" in effect.said
    assert effect.lag in (None, 1, 2, 3)
    late = [one for one in effect.hours if one.counts and one.at >= OUT]
    assert effect.came == sum(one.voices or 0 for one in late)
    assert effect.expected == pytest.approx(sum(one.expected or 0 for one in late), abs=1)
    assert effect.after is not None and effect.after.voices == effect.came
    assert not any(one.counts for one in effect.hours if OUT <= one.at < OUT + 3 * HOUR)


def test_an_act_that_changed_nothing(store: Store) -> None:
    """Says so, and what would still fit."""
    scene = Campaign(store, left=1.0)
    effect = scene.effect(scene.act(kind="apology"))

    assert effect.verdict == "no detectable effect" and effect.lag is None
    assert effect.said.startswith("No detectable effect of the apology on credit requests: ")
    assert effect.low is not None and effect.high is not None and effect.low < 0 < effect.high


def test_voices_are_counted_not_posts(lite: Store) -> None:
    """Eve posts 600 times after the mail, Cleo's words are passed on 600 times: the verdict stays."""
    scene = Campaign(lite)
    act = scene.act()
    before = scene.effect(act)
    span, text = (
        Span(OUT + 5 * HOUR, OUT + 25 * HOUR),
        "where is the credit you promised to us, reelpost",
    )
    loud = [scene.post(span.since + n * span.length / 600, author="eve") for n in range(600)]
    scene.say(loud, "credit_request")
    scene.say([scene.post(one.posted_at or OUT, text=text) for one in loud], "credit_request")
    after = scene.effect(act)

    assert before.came is not None and after.came is not None
    assert after.came - before.came <= 3


def test_hours_nobody_read_are_unknown_not_zero(store: Store) -> None:
    """A few of them leave the test as it is; many after the act and nothing can be said."""
    hole = Span(OUT + 10 * HOUR, OUT + 16 * HOUR)
    scene = Campaign(store, left=1.0, heard=[Span(BEGAN, hole.since), Span(hole.until, END)])
    effect = scene.effect(scene.act())
    deaf = [one for one in effect.hours if one.voices is None]

    assert [one.at for one in deaf] == [hole.since + n * HOUR for n in range(6)]
    assert effect.verdict == "no detectable effect" and not any(one.counts for one in deaf)


def test_too_deaf_to_say(lite: Store) -> None:
    """Heard before and a third of the time after: no source can be gone by."""
    gaps = [Span(OUT + n * HOUR, OUT + (n + 1) * HOUR) for n in range(0, 40, 3)]
    scene = Campaign(lite, heard=[Span(BEGAN, OUT), *gaps])
    effect = scene.effect(scene.act())

    assert effect.verdict == "can't be said" and effect.change is None
    assert "because no source was read well enough both before and after it" in effect.said
    assert effect.left_out == ("x",)


@pytest.mark.parametrize(
    ("at", "now", "why"),
    [
        (BEGAN + 5 * HOUR, END, "12 hours before it are needed, and there are 5"),
        (OUT, OUT + 4 * HOUR, "9 hours after it are needed, of which the first 3"),
    ],
)
def test_too_near_the_beginning_or_the_end(
    lite: Store, at: datetime, now: datetime, why: str
) -> None:
    """It says how many hours are needed and how many there are."""
    scene = Campaign(lite)

    assert scene.effect(scene.act(at), now=now).why.startswith(why)


def test_too_few_voices(lite: Store) -> None:
    """Nobody complains, so nothing can be said about complaints."""
    scene = Campaign(lite)

    assert (
        scene.effect(scene.act(), "complaint").why
        == "30 voices before it are needed, and there are 0"
    )


def test_other_acts_and_steps_are_named(lite: Store) -> None:
    """Whatever else happened within the hours stands beside the verdict."""
    scene = Campaign(lite)
    act, other = scene.act(), scene.act(OUT + 6 * HOUR, "credit_posted")
    with lite.begin() as tx:
        tx.audit.note("status", f"incident:{scene.incident.id}", by="bo", now=OUT - 2 * HOUR,
                      incident_id=scene.incident.id, detail={"to": "resolved"})  # fmt: skip
    effect = scene.effect(act)

    assert [(one.what, one.act) for one in effect.beside] == [
        ("status: resolved", None), ("credit posted", other),
    ]  # fmt: skip
    assert notes(effect)[0] == (
        "Within these hours fell also status: resolved (6 March 2026, 02:00 UTC), credit posted"
        f" {other} (6 March 2026, 10:00 UTC); what that did can’t be told apart."
    )


def test_batches_are_steps_of_one_mailing(lite: Store) -> None:
    """They weigh what each says it reached, and each of them asks for the same effect."""
    scene = Campaign(lite)
    first = scene.act(OUT, text="Mailed 30,000 customers")
    second = scene.act(OUT + 5 * HOUR, text="Mailed another 10k customers")
    effect = scene.effect(second)

    assert [(one.act, one.share) for one in effect.batches] == [(first, 0.75), (second, 0.25)]
    assert "over the mailing in 2 batches" in effect.said or effect.verdict != "fewer"
    assert (scene.effect(first).change, effect.verdict) == (effect.change, "fewer")


def test_placebo_dates_leave_acts_out(lite: Store) -> None:
    """The same test at other hours is counted, and told."""
    scene = Campaign(lite, left=1.0)
    effect = scene.effect(scene.act())

    assert effect.placebo.dates >= 4 and effect.wider >= 1
    assert any("at which nothing happened" in note for note in notes(effect))


def test_the_digest_says_what_is_known_by_then(lite: Store) -> None:
    """A line for each act of that day and the one before; none while too few hours have passed."""
    scene = Campaign(lite)
    act, labels = scene.act(), Labels.load(None)
    with lite.read() as tx:
        row = tx.incidents.find(scene.incident.slug)
        known, early = (
            build(snapshot(tx, row, OUT.date(), now, labels, worked=True)).worked
            for now in (END + HOUR, OUT + 6 * HOUR)
        )
        sheet = as_text(build(snapshot(tx, row, OUT.date(), END + HOUR, labels, worked=True)))

    assert known == (scene.effect(act).said,) and early == ()
    assert "Credit requests fell by" in sheet


def test_a_draft_has_no_effect_yet(lite: Store) -> None:
    """And neither an act nor a label that there isn't."""
    scene = Campaign(lite)
    draft, labels = scene.act(None), [type("L", (), {"name": "complaint"})()]
    with lite.read() as tx:
        for act, label in ((draft, "complaint"), (99, "complaint"), (draft, "joy")):
            with pytest.raises(SetupError):
                effects(tx, act, labels, END, [label])


def test_the_command_prints_what_can_be_repeated(amends: Amends, incident: str) -> None:
    """As JSON for an analyst, hours as CSV, a sentence for everybody; a refusal is an answer, not a failure."""
    amends("act", "add", incident, "apology", "We are sorry", "--at", "2026-03-04T15:00")
    told = amends("effect", "1", "--label", "credit_request", "--as", "json")
    table, wrong = amends("effect", "1"), amends("effect", "1", "--label", "joy")

    (effect,) = json.loads(told.out)
    assert told.code == 0 and effect["verdict"] == "can't be said" and effect["change"] is None
    assert "It can’t be said what the apology did to credit requests" in table.err
    assert wrong.code == 2 and "there is no label “joy”" in wrong.err
    assert timedelta(0) <= datetime.fromisoformat(effect["at"]).utcoffset()  # type: ignore[operator]
