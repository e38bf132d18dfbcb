"""Themes: alike from hour to hour, true to what people mean, and none rather than a silly one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from classify.themes import Complaint, Theme, themes
from tests.classify.day_of_complaints import HOUR, NEW, SINCE, STOP, a_day, known_at

MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)
HOURS = [MIDNIGHT + n * HOUR for n in range(25)]
WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "bdgklmnprst"]
DICE = random.Random(1)


def said(*texts: str, voice: str = "") -> list[Complaint]:
    """Return complaints over a day, each by somebody else unless one voice says them all."""
    step = timedelta(hours=24) / max(len(texts), 1)
    return [
        Complaint(id=n, voice=voice or f"v{n}", at=MIDNIGHT + n * step, text=text)
        for n, text in enumerate(texts)
    ]


def where(found: list[Theme]) -> dict[int, str]:
    """Return of each complaint the name of its theme."""
    return {number: theme.name for theme in found for number in theme.ids}


@cache
def known(seed: int, hour: int) -> list[Theme]:
    """Return the themes of a day when so many hours have passed; to find them takes a good part of a second."""
    return known_at(a_day(MIDNIGHT, seed)[0], MIDNIGHT, hour)


@pytest.mark.parametrize("seed", [0, 2])
def test_a_complaint_stays_in_the_theme_of_its_name_from_hour_to_hour(seed: int) -> None:
    """Nine of ten do, though everything is found anew each time."""
    stayed = every = 0
    before: dict[int, str] = {}
    for hour in range(1, 25):
        now = where(known(seed, hour))
        stayed += sum(now.get(number) == name for number, name in before.items())
        every += len(before)
        before = now

    assert every > 2_000
    assert stayed / every >= 0.9


@pytest.mark.parametrize("seed", [1, 2])
def test_themes_are_what_people_mean(seed: int) -> None:
    """Of a theme's complaints nine of ten are about one thing, and hardly one is left over."""
    day, about = a_day(MIDNIGHT, seed)

    found = known(seed, 24)

    most = sum(Counter(about[n] for n in theme.ids).most_common(1)[0][1] for theme in found)
    assert most / sum(len(theme.ids) for theme in found) >= 0.9
    assert sum(len(theme.ids) for theme in found) >= 0.9 * len(day)
    assert len({theme.name for theme in found}) == len(found) <= 8


@pytest.mark.parametrize("seed", [0, 2])
def test_what_is_new_is_told_within_the_hour_and_nothing_else_is(seed: int) -> None:
    """An hour after the fifth topic came up it has a theme, new since 13:00; and keeps that all day."""
    _, about = a_day(MIDNIGHT, seed)

    for hour in range(1, 25):
        new = [theme for theme in known(seed, hour) if theme.since]
        assert bool(new) == (hour > SINCE)
        for theme in new:
            assert theme.since == MIDNIGHT + SINCE * HOUR
            assert sum(about[number] == NEW for number in theme.ids) > len(theme.ids) / 2


def test_what_comes_later_changes_nothing_before() -> None:
    """Order and what isn't said yet make no difference; between two steps what is new only joins."""
    day, about = a_day(MIDNIGHT, 1)
    now = MIDNIGHT + 12 * HOUR
    until = [one for one in day if one.at < now]

    found = themes(until, HOURS[:13], STOP)

    assert themes(until[::-1], HOURS[:13], STOP) == found
    more = [*until, Complaint(id=999, voice="cleo", at=now, text="password reset fails")]
    after = themes(more, HOURS[:13], STOP)
    joined = {number: name for number, name in where(after).items() if number != 999}
    assert joined == where(found)
    login = Counter(name for number, name in joined.items() if about[number] == "login")
    assert where(after)[999] == login.most_common(1)[0][0]


def test_many_copies_weigh_more_and_count_as_voices() -> None:
    """A theme of few texts that hundreds pass on comes first."""
    texts = [f"login fails on {word}" for word in WORDS[:30]]
    texts += [f"discs late in {word}" for word in WORDS[30:40]]
    day = said(*texts)
    day = [
        Complaint(id=o.id, voice=o.voice, at=o.at, text=o.text, heard=((o.at, 100),))
        if "discs" in o.text
        else o
        for o in day
    ]

    assert [theme.name for theme in themes(day, HOURS, STOP)] == ["discs", "login fails"]


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ([], []),
        ([""] * 100, []),
        (["down"] * 100, []),
        (["discs late"] * 100, []),
        (["😡😡😡 !!! ..."] * 60, []),
        (["12345 67890", "5003 5003"] * 40, []),
        (["\ud800 late \udfff"] * 50, []),
        (["\x00\x1b[31m\u202e"] * 50, []),
        (["x" * 100_000] * 30 + ["late " * 100_000] * 30, []),
        ([" ".join(DICE.choices(WORDS, k=8)) for _ in range(400)], []),
        (["สินค้ายังไม่มาถึงเลยค่ะ", "เข้าสู่ระบบไม่ได้เลย"] * 40, None),
        (["我的碟片还没有到", "无法登录我的账户", "为什么收了两次钱"] * 40, None),
        (["डिस्क अभी तक नहीं आई", "लॉगिन नहीं हो रहा है"] * 40, None),
        (["لم تصل الأقراص بعد", "تم خصم المبلغ مرتين من بطاقتي"] * 40, None),
        (["@all #outage https://evil.example/x www.evil.example"] * 60, []),
        (["<script>alert(1)</script> =cmd|calc!A0"] * 60, []),
    ],
)  # fmt: skip
def test_no_theme_is_better_than_a_silly_one(texts: list[str], names: list[str] | None) -> None:
    """Nothing said, one thing said, noise, or a script of another kind: nothing breaks."""
    found = themes(said(*texts), HOURS, STOP)

    if names is not None:
        assert [theme.name for theme in found] == names
    whole = "\n".join(texts)
    assert all(part in whole for theme in found for part in theme.name.split(", "))


def test_one_who_says_many_things_makes_no_theme() -> None:
    """Eve sells discs in two hundred wordings: that is one voice."""
    eve = said(*(f"cheap discs at eve's shop {word}" for word in WORDS[:200]), voice="eve")
    others = [
        Complaint(id=900 + n, voice=f"v{n}", at=MIDNIGHT + n * HOUR / 2, text=f"login fails {word}")
        for n, word in enumerate(WORDS[200:240])
    ]

    assert [theme.name for theme in themes([*eve, *others], HOURS, STOP)] == ["login fails"]
