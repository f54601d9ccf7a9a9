"""Durations are formatted in one way in terminal, report and window."""

import pytest

from engine.core.formatting.durations import format_duration


@pytest.mark.parametrize(
    ("seconds", "text", "long"),
    [(8.24, "8.2 s", "8.2 s"), (59.97, "1:00", "1:00 min"), (185, "3:05", "3:05 min"),
     (3723, "1:02:03", "1:02:03 h"), (float("nan"), "?", "?"), (-1, "?", "?")],
)  # fmt: skip
def test_durations_are_clock_times_from_a_minute_on(seconds, text, long):
    assert format_duration(seconds, space=" ") == text
    assert format_duration(seconds, with_unit=True, space=" ") == long
    assert format_duration(seconds) == text.replace(" ", "\N{NO-BREAK SPACE}")
