"""How long a source asks to be left alone, in every way that is in use."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from ingest.source import Request, Response
from ingest.waiting import LONGEST, QUARTER, retry_after, until_reset
from models.errors import SourceBusy

AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
EPOCH = int(AT.timestamp())


def date(minutes: float) -> str:
    """Return a date header's text, so many minutes from now."""
    return format_datetime(datetime.fromtimestamp(EPOCH + minutes * 60, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0), ("1", 1), ("120", 120), (" 120 ", 120), ("1.5", 1.5),
        ("3600", 3600), ("3601", LONGEST), ("2678400", LONGEST), ("9" * 19, LONGEST),
        ("9" * 400, None), ("-5", None), ("NaN", None), ("inf", None), ("1e3", None),
        ("", None), ("soon", None), ("٣٠", 30), ("12:00", None),
        (date(2), 120), (date(0), 0), (date(-10), 0), (date(60 * 24 * 31), LONGEST),
        ("Wed, 04 Mar 2026 12:02:00 +0000", 120), ("Wed, 04 Mar 2026 13:02:00 +0100", 120),
        ("Wednesday, 04-Mar-26 12:02:00 GMT", 120), ("Wed Mar  4 12:02:00 2026", 120),
        ("Wed, 99 Mar 2026 12:02:00 GMT", None), ("2026-03-04T12:02:00Z", 120),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    """Never below nothing, never above an hour, and what can't be read says nothing."""
    assert retry_after({"retry-after": value}, AT) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 90)}, 91),
        ({"x-rate-limit-reset": str(EPOCH + 90)}, 91),
        ({"x-rate-limit-remaining": "12", "x-rate-limit-reset": str(EPOCH + 90)}, None),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH - 90)}, 1),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 99_999)}, QUARTER),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-03-04T12:01:30.000Z"}, 91),
        ({"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "90"}, 91),
        ({"x-ratelimit-remaining": "3.0", "x-ratelimit-reset": "90"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "90"}, 91),
        ({"x-ratelimit-reset": "tomorrow"}, None),
        ({"x-ratelimit-reset": "nan"}, None),
        ({}, None),
    ],
)
def test_a_reset_is_an_epoch_a_date_or_seconds_to_go(
    headers: dict[str, str], seconds: float | None
) -> None:
    """X, Mastodon and Reddit each say it in their own way; with questions left it means nothing."""
    assert until_reset(headers, AT) == seconds


def test_the_source_s_own_clock_counts() -> None:
    """Ours may be ten minutes off, and then we would come back too early or sleep for nothing."""
    theirs = {"date": date(-10)}

    assert retry_after(theirs | {"retry-after": date(-9)}, AT) == 60
    assert until_reset(theirs | {"x-rate-limit-reset": str(EPOCH - 570)}, AT) == 31


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-rate-limit-remaining": "17", "x-rate-limit-reset": str(EPOCH + 90)}, None),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 90)}, 91),
        ({"retry-after": "7", "x-rate-limit-reset": str(EPOCH + 90)}, 7),
    ],
)
def test_a_429_says_as_much_as_its_headers(headers: dict[str, str], seconds: float | None) -> None:
    """Without any, and with questions left, it is a wait of unknown length and no traceback."""
    response = Response(
        request=Request(url="https://api.example/"), status=429, body=b"", at=AT, headers=headers
    )

    with pytest.raises(SourceBusy) as caught:
        response.check()

    assert caught.value.retry_after == seconds
