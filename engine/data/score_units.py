"""Units of scores, and conversion of errors of scaled targets to the unit of the data."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.data.encoders import Encoder, NumberEncoder
from engine.recipe.score_names import METRICS_IN_TARGET_UNITS

# Metrics in the squared unit of the target, and those whose scaled values can't be converted.
# `METRICS_IN_TARGET_UNITS` are those in the unit of the target.
SQUARED_ERRORS = ("mse", "mean_squared_error")
NOT_CONVERTED = ("loss", "huber", "log_cosh", "mape", "msle", "poisson")
STANDARDIZED = "standardised"  # the spelling in the score files of version 0.1
SCALED = "of scaled values"
SCALE_UNITS = {
    "standardize": (STANDARDIZED, "standard deviations"),
    "log": (STANDARDIZED, "standard deviations of the logarithm"),
    "minmax": (SCALED, "ranges of the training rows"),
    "robust": (SCALED, "quartile ranges"),
    "mean": (SCALED, "multiples of the mean"),
    "quantile": (SCALED, "standard deviations of the rank"),
}
_DIVISORS = {"minmax": "range", "robust": "quartile range", "mean": "mean"}


class ScoreUnit(NamedTuple):
    """The unit of a score, and the factor that converts the computed value to this unit."""

    factor: float = 1.0
    unit: str = ""


def score_unit(score: str, unit: str, encoder: Encoder | None) -> ScoreUnit:
    """Return the unit of a score of an output, and the factor that converts the score to this unit.

    If a target has several scaled columns or a scale that is not linear, its errors have no common
    unit. The factor is then 1, and the unit is `STANDARDIZED` or `SCALED`.

    Args:
        score: "loss" or the name of a metric; a numeric suffix such as "_1" is ignored.
        unit: unit of the target; "" if it has none.
        encoder: encoder of the target.
    """
    metric = re.sub(r"_\d+$", "", score)
    scale = 1.0
    if isinstance(encoder, NumberEncoder) and encoder.spread:
        scale = encoder.spread[0]
        without_unit = () if _has_unit(encoder) else METRICS_IN_TARGET_UNITS + SQUARED_ERRORS
        if metric in (*without_unit, *NOT_CONVERTED):
            return ScoreUnit(unit=SCALE_UNITS[encoder.scale][0])
    if metric in METRICS_IN_TARGET_UNITS:
        return ScoreUnit(scale, unit)
    if metric in SQUARED_ERRORS:
        return ScoreUnit(scale**2, f"{unit}²" if unit else "")
    return ScoreUnit()


def _has_unit(encoder: NumberEncoder) -> bool:
    """Return whether equal differences of scaled values are equal ones of the target."""
    return len(encoder.spread) == 1 and encoder.scale not in ("log", "quantile")


def training_unit(encoder: Encoder | None) -> str:
    """Return the unit in which a scaled target is trained, such as "standard deviations".

    If `encoder`, the encoder of the target, does not scale the target, return "".
    """
    if isinstance(encoder, NumberEncoder) and encoder.spread:
        return SCALE_UNITS[encoder.scale][1]
    return ""


def describe_units(output: str, encoder: Encoder | None, training: bool = False) -> str:
    """Return a sentence on the units of an output's scores, "" if they are those of the target.

    Args:
        output: name of the output.
        encoder: encoder of the target.
        training: whether the scores are from training, where errors are not in the target's unit.
    """
    if not isinstance(encoder, NumberEncoder) or not encoder.spread:
        return ""
    if not _has_unit(encoder):
        columns = " of each column" if len(encoder.spread) > 1 else ""
        return f"Loss and errors of {output} are in {training_unit(encoder)}{columns}."
    divisor = _DIVISORS.get(encoder.scale, "standard deviation")
    value = f"{divisor}, {encoder.spread[0]:.4g}"
    text = f"During training, {output} is divided by its {value}, and so are its errors."
    return text if training else ""
