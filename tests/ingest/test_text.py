"""From markup and written dates to plain text and aware times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.text import html_text, when


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2026-03-03T10:12:44+01:00", (9, 12, 44)),
        ("2026-03-03T09:12:44", (8, 12, 44)),
        ("Tue, 03 Mar 2026 09:20:31 +0000", (9, 20, 31)),
        ("March 3, 2026 at 10:12 am", (9, 12, 0)),
        ("3 March 2026 10:12 pm", (21, 12, 0)),
        ("Tue Mar 03, 2026 10:12 pm", (21, 12, 0)),
    ],
)
def test_a_stamp_is_read_in_its_zone(stamp: str, utc: tuple[int, int, int]) -> None:
    """With an offset it is taken at its word, without one in the site's zone."""
    assert when(stamp, "Europe/Warsaw") == datetime(2026, 3, 3, *utc, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["", "today", "3 minutes ago", "10:12", "x" * 200, "32 Mar 2026"])
def test_what_is_no_full_date_is_unknown(stamp: str) -> None:
    """Nothing is filled in from today."""
    assert when(stamp) is None


def test_blocks_become_lines_and_quotations_stay_out() -> None:
    """A quoted complaint must not count twice; scripts never get through."""
    html = (
        "<p>Card <em>again</em> &#8211; no<br>x</p><blockquote>old</blockquote><script>1</script>"
    )

    assert html_text(html) == "Card again – no\nx"
    assert "old" in html_text(html, quotes=True)
