"""What scores of a scaled target count in is said where they are not in the target's unit."""

import pytest

from engine.data.encoders import NumberEncoder
from engine.data.score_units import describe_units, score_unit


def scaled(scale, columns=1):
    return NumberEncoder(scale=scale, center=(40.0,) * columns, spread=(12.0,) * columns)


def test_an_evaluation_says_nothing_of_errors_in_the_unit_of_the_target():
    assert describe_units("age", scaled("standardize")) == ""
    log = "Loss and errors of age are in standard deviations of the logarithm."
    assert describe_units("age", scaled("log")) == log
    several = "Loss and errors of age are in multiples of the mean of each column."
    assert describe_units("age", scaled("mean", columns=2)) == several


@pytest.mark.parametrize(
    ("scale", "divisor"),
    [("standardize", "standard deviation"), ("mean", "mean"), ("minmax", "range")],
)
def test_a_training_says_what_the_target_is_divided_by(scale, divisor):
    said = f"During training, age is divided by its {divisor}, 12, and so are its errors."
    assert describe_units("age", scaled(scale), training=True) == said
    unit = "standardised" if scale == "standardize" else "of scaled values"
    assert score_unit("loss", "years", scaled(scale)).unit == unit


def test_nothing_is_said_of_a_target_that_is_as_it_was():
    assert describe_units("age", None, training=True) == ""
