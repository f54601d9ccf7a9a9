"""In which unit a score stands, and by what it is multiplied to get there."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.data.encoders import Encoder, Number
from engine.recipe.score_names import ERRORS

# Beside `ERRORS`: scores in the square of the target's unit, and in what was trained on.
SQUARES = ("mse", "mean_squared_error")
AS_TRAINED = ("loss", "huber", "log_cosh", "mape", "msle", "poisson")
STANDARDISED = "standardised"
SCALED = {
    "standardize": (STANDARDISED, "standard deviations"),
    "log": (STANDARDISED, "standard deviations of the logarithm"),
    "minmax": ("scaled", "ranges of the training rows"),
    "robust": ("scaled", "quartile ranges"),
}


class Measure(NamedTuple):
    """How a score is read.

    Args:
        factor: what the score that was computed is multiplied by.
        unit: of the product, "" if it has none.
    """

    factor: float = 1.0
    unit: str = ""


def measure(score: str, unit: str, encoder: Encoder | None) -> Measure:
    """Return how one score of an output is read.

    Args:
        score: "loss", or the metric's name; a second one of its kind ends in "_1".
        unit: of the output's target, "" if it has none.
        encoder: of the output's target.

    Why: columns with deviations of their own have no common unit, so their errors stay
    standardised.
    """
    kind = re.sub(r"_\d+$", "", score)
    scaled = steps(encoder)
    curved = isinstance(encoder, Number) and encoder.scale == "log"
    mixed = ERRORS + SQUARES if len(scaled) > 1 or curved else ()
    if isinstance(encoder, Number) and scaled and kind in (*mixed, *AS_TRAINED):
        return Measure(unit=SCALED[encoder.scale][0])
    one = scaled[0] if scaled else 1.0
    if kind in ERRORS:
        return Measure(one, unit)
    if kind in SQUARES:
        return Measure(one**2, f"{unit}²" if unit else "")
    return Measure()


def steps(encoder: Encoder | None) -> tuple[float, ...]:
    """Return what 1 is worth in each column of a scaled target, () for any other."""
    return encoder.spread if isinstance(encoder, Number) else ()


def counted_in(encoder: Encoder | None) -> str:
    """Say in what a scaled target is counted while training, "" for any other."""
    return SCALED[encoder.scale][1] if isinstance(encoder, Number) and encoder.spread else ""


def scored_in(output: str, encoder: Encoder | None, unit: str = "", training: bool = False) -> str:
    """Say in what loss and errors of a scaled target count, "" for any other.

    Args:
        output: whose target it is.
        encoder: of the target.
        unit: of the target, "" if it has none.
        training: True for the scores that a training tells, which are not brought to the unit.
    """
    noun, scaled = counted_in(encoder), steps(encoder)
    if not noun:
        return ""
    if len(scaled) > 1:
        return f"Loss and errors of {output} count in each column's {noun}."
    if isinstance(encoder, Number) and encoder.scale == "log":
        return f"Loss and errors of {output} count in {noun}."
    one = f"{scaled[0]:.4g} {unit}".rstrip()
    if training:
        return f"While it trains, loss and errors of {output} count in {noun}; one is {one}."
    own = unit or "the unit of the data"
    return f"The loss of {output} counts in {noun}, one of which is {one}; its errors in {own}."
