"""What people say was offered, held against what was: every conflict flagged, no agreeing post."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from models.campaign import Batch, Terms
from models.mention import mentions
from models.offer import Finding, Heard, Judge, Offered, findings
from models.phase import course_of
from tests.battery import Record, tell
from tests.factories import NOW

DAY = timedelta(days=1)
OFFERS = {"": ("3 %", "24 cents"), "streaming": ("$5",), "two at a time": ("1 month",)}


def judge(*offers: dict[str, tuple[str, ...]], at: datetime = NOW) -> Judge:
    """Return a judge of campaigns that began a day after one another."""
    each = [Terms(text="Sorry.", how="link", offers=one, batches=(Batch(at + n * DAY),))
            for n, one in enumerate(offers)]  # fmt: skip
    courses = [course_of(terms, "UTC") for terms in each]
    return Judge(
        Offered(terms, course) for terms, course in zip(each, courses, strict=True) if course
    )


def heard(
    text: str, at: datetime = NOW + DAY, post_id: int = 1, voice: str = "x cleo"
) -> list[Heard]:
    """Return what a post mentions."""
    return [Heard(post_id, one, at, voice, text) for one in mentions(text)]


def found(text: str, at: datetime = NOW + DAY) -> list[Finding]:
    """Return what a post's mentions are."""
    return [judge(OFFERS).finding(one) for one in heard(text, at)]


SAYS = (
    "they gave me {}", "my credit: {} off", "got {} as a credit, great", "told on the phone: {} credit",
    "the mail says {} credit", "wow, only {}!", "{} off my bill", "apparently a {} credit for all",
)  # fmt: skip
AGREE = ("3%", "3 %", "three per cent", "3 percent", "24 cents", "24c", "$0.24", "€0.24", "3.0%")
CLASH = (
    "2%",
    "15 per cent",
    "thirty percent",
    "94 cents",
    "$2",
    "€4",
    "£3",
    "12 %",
    "$50",
    "30p",
    "4%",
)


def test_every_conflict_is_flagged_and_no_agreeing_post(record_property: Record) -> None:
    """200 posts, half of them saying something else than was offered."""
    chance = Random(20_260_304)
    flagged = wrong = 0
    for n in range(200):
        clash = n % 2 == 0
        text = chance.choice(SAYS).format(chance.choice(CLASH if clash else AGREE))
        result = found(text)
        assert result, text
        flagged += clash and result == ["conflict"]
        wrong += not clash and result != ["agrees"]
    tell(
        record_property,
        f"offers: {flagged} of 100 conflicts flagged, {wrong} of 100 agreeing posts",
    )
    assert (flagged, wrong) == (100, 0)


def test_of_the_wrong_plan() -> None:
    """Only where the post names a plan, and only others are offered that."""
    assert found("I have streaming and got a $5 credit") == ["agrees"]
    assert found("Two-at-a-time here and they gave me $5 off") == ["wrong_plan"]
    assert found("I have streaming and got a free month") == ["wrong_plan"]
    assert found("they gave me $5 off") == ["agrees"]
    # What every plan is offered is right for each.
    assert found("streaming: 3% credit") == ["agrees"]
    assert found("streaming: 9% credit") == ["conflict"]


def test_the_longer_name_is_meant() -> None:
    """“streaming plus” isn't “streaming”, though it holds it."""
    one = judge({"streaming": ("3 %",), "streaming plus": ("5 %",)})
    assert [one.finding(each) for each in heard("3% off for Streaming Plus")] == ["wrong_plan"]
    assert [one.finding(each) for each in heard("5% off for Streaming Plus")] == ["agrees"]


def test_before_anything_was_offered_it_is_a_rumour() -> None:
    """Up to the very moment at which the offer begins."""
    early = NOW - timedelta(microseconds=1)
    assert found("heard of a 3% credit", early) == ["rumour"]
    assert found("heard of a 3% credit", NOW) == ["agrees"]
    assert found("heard of a 9% credit", early) == ["rumour"]


def test_a_later_offer_doesnt_excuse_what_was_said_before_it() -> None:
    """3 % on Wednesday was wrong if it was offered on Thursday."""
    both = judge({"": ("2 %",)}, {"": ("3 %",)})
    assert [both.finding(one) for one in heard("3% credit", NOW)] == ["conflict"]
    assert [both.finding(one) for one in heard("3% credit", NOW + DAY)] == ["agrees"]
    assert [both.finding(one) for one in heard("2% credit", NOW + DAY)] == ["agrees"]


def test_wishes_are_no_conflicts_and_bare_numbers_need_no_unit() -> None:
    """Who wants a free month doesn't say that it was offered."""
    assert found("I want a free month") == ["asked"]
    assert found("a credit of 3") == ["agrees"]
    assert found("a credit of 9") == ["conflict"]


def test_each_finding_has_its_posts_voices_and_first_appearance() -> None:
    """By when it was written, not by when it came in; the worst comes first."""
    posts = [
        *heard("3% credit", NOW + 3 * DAY, 1, "x ana"), *heard("9% credit", NOW + 2 * DAY, 2, "x cleo"),
        *heard("nine per cent credit", NOW + DAY, 3, "x dre"), *heard("9% off", NOW + 4 * DAY, 4, "x dre"),
    ]  # fmt: skip
    first, second = findings(posts, judge(OFFERS))
    assert (first.finding, first.worth, first.posts, first.voices) == ("conflict", "9 %", 3, 2)
    assert (first.first, first.first_at, first.post_ids) == (3, NOW + DAY, (2, 3, 4))
    assert (second.finding, second.posts) == ("agrees", 1)
