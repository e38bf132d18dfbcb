"""What became of those who complained: who was answered, what each said later, and beside whom."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from amends.effect.recovery import FEWEST, SILENCE, Recovery, compare, recovery_of, sentences
from models.columns import from_micros, to_micros
from models.coverage import Span
from models.store import Store
from models.store.items import Seen, Verdict
from models.store.recoveries import Spell
from tests.amends.conftest import Amends
from tests.amends.scene import BEGAN, HOUR, MINUTE, Scene

LATER = BEGAN + 72 * HOUR


class Desk(Scene):
    """People complain, are answered or not, and say something later or not."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, days=0)
        self.hear(Span(BEGAN, LATER))

    def says(self, author: str, at: datetime, label: str = "complaint") -> int:
        """Let somebody say something; return its post."""
        return self.say([self.post(at, author=author)], label)[0]

    def answers(self, post: int, at: datetime, decision: Any = "reply") -> None:
        """Mark a post as answered."""
        with self.store.begin() as tx:
            item = tx.items.get(self.incident.id or 0, post)
            seen = [Seen(post, item.version)]
            tx.items.decide(self.incident.id or 0, seen, Verdict(decision), "ana", at)

    def became(self, now: datetime = LATER) -> Recovery:
        """Return what became of them."""
        with self.store.read() as tx:
            return recovery_of(tx, tx.incidents.find(self.incident.slug), now)


def test_each_voice_goes_one_way(store: Store) -> None:
    """What was said before the answer is no answer to it; the last word decides."""
    desk = Desk(store)
    first, answer, later = BEGAN + HOUR, BEGAN + 5 * HOUR, BEGAN + 8 * HOUR
    for name in ("cleo", "dre", "flo", "gus", "hal", "ida"):
        desk.answers(desk.says(name, first), answer)
    # Cleo thanked before she was answered and says nothing any more: silent, not thankful.
    desk.says("cleo", BEGAN + 2 * HOUR, "praise")
    desk.says("dre", later, "praise")
    # Flo thanked, then complained again; Gus complained, then thanked.
    desk.says("flo", later, "praise")
    desk.says("flo", later + HOUR)
    desk.says("gus", later)
    desk.says("gus", later + HOUR, "praise")
    # Hal complained again, but before the answer; Ida asks for something.
    desk.says("hal", BEGAN + 3 * HOUR)
    desk.says("ida", later, "credit_request")
    # Jo was answered an hour ago; Kim's post was followed, not answered; Lou's answer was taken back.
    desk.answers(desk.says("jo", LATER - 3 * HOUR), LATER - HOUR)
    desk.answers(desk.says("kim", first), answer, "follow")
    taken = desk.says("lou", first)
    desk.answers(taken, answer)
    with store.begin() as tx:
        item = tx.items.get(desk.incident.id or 0, taken)
        tx.items.undo(desk.incident.id or 0, Seen(taken, item.version), "ana", answer)
    # Eve never complained: her answer is none of these.
    desk.answers(desk.says("eve", first, "credit_request"), answer)

    found = desk.became()
    turns = found.turns
    assert (turns.complained, turns.answered, turns.never) == (9, 7, 2)
    assert (turns.thanked, turns.silent, turns.again) == (2, 2, 1)
    assert (turns.otherwise, turns.early) == (1, 1)
    assert found.compared is None and found.sure
    said = " ".join(sentences(found))
    assert "2 thanked us" in said and "1 it is too early" in said and "can’t be said" in said


def test_an_answer_to_an_earlier_wish_is_none_to_the_complaint(store: Store) -> None:
    """Dre asked, was answered, and complains only then."""
    desk = Desk(store)
    desk.answers(desk.says("dre", BEGAN + HOUR, "credit_request"), BEGAN + 2 * HOUR)
    desk.says("dre", BEGAN + 4 * HOUR)
    found = desk.became()
    assert (found.turns.complained, found.answered, found.turns.never) == (1, 0, 1)


def test_what_nobody_read_may_have_been_said(lite: Store) -> None:
    """With a hole in it silence isn't sure, and the words say so."""
    desk = Desk(lite)
    desk.answers(desk.says("cleo", BEGAN + HOUR), BEGAN + 2 * HOUR)
    found = desk.became(LATER + 5 * HOUR)
    assert not found.sure and "unheard" in sentences(found)[-1]


def test_answered_and_others_over_the_same_hours(store: Store) -> None:
    """Those answered are silent, those like them aren't; whoever complained long before isn't like them."""
    desk = Desk(store)
    crowd = [desk.post(BEGAN + 6 * HOUR + n * MINUTE, author=f"cleo{n}") for n in range(60)]
    old = [desk.post(BEGAN + n * MINUTE, author=f"old{n}") for n in range(30)]
    again = [desk.post(BEGAN + 12 * HOUR + n * MINUTE, author=f"cleo{n}") for n in range(30, 60)]
    ids = desk.say([*crowd, *old, *again])[:30]
    with store.begin() as tx:
        seen = [Seen(one, 0) for one in ids]
        key = desk.incident.id or 0
        tx.items.decide(key, seen, Verdict("reply"), "ana", BEGAN + 8 * HOUR)

    one = desk.became().compared
    assert one is not None and (one.answered, one.others) == (30, 30)
    assert (one.silent, one.silent_others) == (1.0, 0.0)
    assert 0.7 < one.low < one.difference == 1.0


def test_who_was_answered_before_stands_beside_nobody() -> None:
    """Fifty are answered one after the other, fifty never are: only those stand beside all of them."""
    crowd = [
        Spell(f"v{n}", to_micros(BEGAN + n * MINUTE), None,
              to_micros(BEGAN + 2 * HOUR + n * MINUTE) if n % 2 else None)
        for n in range(100)
    ]  # fmt: skip
    last = Spell("last", to_micros(BEGAN + 95 * MINUTE), None, to_micros(BEGAN + 5 * HOUR))
    one = compare([*crowd, last], BEGAN + 72 * HOUR)
    assert one is not None and one.answered == 51
    # Those answered first had the later ones beside them; the very last one only those never answered.
    assert one.others == 50 + 50
    told = [each for each in crowd if each.told is not None]
    alone = compare([*told, last._replace(told=to_micros(BEGAN + 4 * HOUR))], BEGAN + 72 * HOUR)
    assert alone is not None and alone.answered == 50


def spells(chance: Random, lift: float) -> list[Spell]:
    """Return 400 voices: a third is answered some hours later; `lift` is what that adds to silence."""
    found = []
    for number in range(400):
        at = BEGAN + chance.random() * 48 * HOUR
        told = at + chance.random() * 6 * HOUR if chance.random() < 1 / 3 else None
        # The next word comes after hours that are drawn alike for all, unless the answer stills it.
        follows = at + chance.expovariate(1 / 20) * HOUR
        if told is not None and follows <= told:
            told = None
        if told is not None and chance.random() < lift:
            follows = BEGAN + 400 * HOUR
        found.append(Spell(f"v{number}", to_micros(at), to_micros(follows),
                           None if told is None else to_micros(told)))  # fmt: skip
    return found


@pytest.mark.parametrize("lift", [0.0, 0.3])
def test_the_interval_holds_the_truth(lift: float) -> None:
    """In 95 of 100 simulated incidents, give or take four; waiting for an answer counts as no silence."""
    share = 2.718281828 ** (-SILENCE / (20 * HOUR))
    truth = lift * (1 - share)
    held = 0
    for seed in range(200):
        one = compare(spells(Random(seed), lift), BEGAN + 200 * HOUR)
        assert one is not None
        held += one.low <= truth <= one.high
    assert held >= 182


def test_too_few_are_not_compared() -> None:
    """Neither none, nor fewer than twenty on a side."""
    assert compare([], LATER) is None
    few = spells(Random(1), 0.0)[: FEWEST * 2]
    assert compare(few, from_micros(max(one.at for one in few)) + timedelta(days=9)) is None


def test_it_is_told_on_the_command_line(amends: Amends, incident: str) -> None:
    """A table with words, and every number for programs; nothing has been said yet."""
    said = amends("recovery", incident)
    assert said.code == 0 and "never answered" in said.out and "complained yet" in said.err
    (row,) = json.loads(amends("recovery", incident, "--as", "json").out)
    assert row["complained"] == 0 and row["compared"] is None
    assert amends("recovery", incident, "--as", "csv").out.startswith("what,voices\r\n")
