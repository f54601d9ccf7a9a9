"""The bar of documents that a crash left unsaved."""

import time

from app.files.documents.recovery_bar import format_time


def test_times_near_are_spans_and_times_far_are_dates() -> None:
    """An impossible time is no error."""
    now = time.time()
    assert format_time(now - 5) == "a moment ago"
    assert format_time(now - 600) == "10 minutes ago"
    assert format_time(1e300) == "at an unknown time"
    assert " at " in format_time(now - 40 * 86_400)
