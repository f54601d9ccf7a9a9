"""In which unit a score stands, and by what it is multiplied to get there."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.data.encoders import Encoder, Number

# Scores in the target's unit, in its square, and in whatever the network was trained on.
ERRORS = ("mae", "mean_absolute_error", "rmse", "root_mean_squared_error")
SQUARES = ("mse", "mean_squared_error")
AS_TRAINED = ("loss", "huber", "log_cosh", "mape", "msle", "poisson")
STANDARDISED = "standardised"


class Measure(NamedTuple):
    """How a score is read.

    Args:
        factor: what the score that was computed is multiplied by.
        unit: of the product, "" if it has none.
    """

    factor: float = 1.0
    unit: str = ""


def measure(score: str, unit: str, encoder: Encoder | None) -> Measure:
    """Answer how one score of an output is read.

    Args:
        score: "loss", or the metric's name; a second one of its kind ends in "_1".
        unit: of the output's target, "" if it has none.
        encoder: of the output's target.

    Why: columns with deviations of their own have no common unit, so their errors stay
    standardised.
    """
    kind = re.sub(r"_\d+$", "", score)
    scaled = deviations(encoder)
    if kind in (ERRORS + SQUARES if len(scaled) > 1 else ()) or (kind in AS_TRAINED and scaled):
        return Measure(unit=STANDARDISED)
    one = scaled[0] if scaled else 1.0
    if kind in ERRORS:
        return Measure(one, unit)
    if kind in SQUARES:
        return Measure(one**2, f"{unit}²" if unit else "")
    return Measure()


def deviations(encoder: Encoder | None) -> tuple[float, ...]:
    """Answer the deviation of each column of a standardised target, () for any other."""
    return encoder.deviation if isinstance(encoder, Number) else ()
