"""What scores of a scaled target count in is said, while it trains and when it is evaluated."""

from engine.data.encoders import NumberEncoder
from engine.data.score_units import describe_units

SCALED = NumberEncoder(scale="standardize", center=(40.0,), spread=(12.0,))


def test_an_evaluation_says_what_the_loss_counts_in_and_what_the_errors_do():
    loss = "The loss of age is in standard deviations (1 is"
    assert describe_units("age", SCALED, "years") == f"{loss} 12 years); its errors are in years."
    assert describe_units("age", SCALED) == f"{loss} 12); its errors are in the unit of the data."


def test_a_training_says_that_errors_count_as_the_loss_does():
    told = "During training, loss and errors of age are in standard deviations; 1 is 12."
    assert describe_units("age", SCALED, training=True) == told


def test_nothing_is_said_of_a_target_that_is_as_it_was():
    assert describe_units("age", None, "years", training=True) == ""
