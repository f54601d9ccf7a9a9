"""A score that a training tells says what it counts in, which an evaluation may say otherwise."""

import pytest

from engine.events import OutputInfo
from engine.runs.comparison.score_summary import score_unit

HEADS = (OutputInfo(name="age", unit="standard deviations"), OutputInfo(name="kind"))


@pytest.mark.parametrize(
    ("score", "unit"),
    [
        ("age/mae", "standard deviations"),
        ("age/root_mean_squared_error", "standard deviations"),
        ("age/mae_1", "standard deviations"),
        ("age/r2_score", ""),
        ("age/loss", ""),
        ("kind/accuracy", ""),
        ("kind/mae", ""),
        ("loss", ""),
        ("other/mae", ""),
    ],
)
def test_errors_count_in_what_the_run_says_of_their_output(score, unit):
    assert score_unit(HEADS, score) == unit
