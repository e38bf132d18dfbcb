"""Charts drawn at once are the charts drawn one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from amends.charts import Series, hours, hours_png

NAMES = [f"{hour:02}:00" for hour in range(24)]
TOTALS = [hour * 3 % 17 for hour in range(24)]
SERIES = [Series("Complaint", "#b3400a", tuple(hour % 7 for hour in range(24)))]


def test_outputs_that_draw_at_once_never_mix_their_inks() -> None:
    """A mail's picture and a file's drawing have styles of their own, and the process has but one."""
    picture = hours_png(NAMES, TOTALS, SERIES)
    drawing = hours("Wednesday", NAMES, TOTALS, SERIES)
    with ThreadPoolExecutor(6) as pool:
        pictures = [pool.submit(hours_png, NAMES, TOTALS, SERIES) for _ in range(9)]
        drawings = [pool.submit(hours, "Wednesday", NAMES, TOTALS, SERIES) for _ in range(9)]
        assert {one.result() for one in pictures} == {picture}
        assert {one.result() for one in drawings} == {drawing}
