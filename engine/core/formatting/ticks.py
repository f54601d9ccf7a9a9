"""Ticks of chart axes: round steps on linear axes, decades on logarithmic ones."""

from __future__ import annotations

from math import ceil, floor, log10

_TOLERANCE = 1e-9  # fraction of a step by which a tick may lie beyond the axis: rounding errors
_MAX_DECADES = 6


def nice_step(minimum: float) -> float:
    """Return the smallest of 1, 2 and 5 times powers of ten that is at least `minimum` (> 0)."""
    power = 10.0 ** floor(log10(minimum))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= minimum * 0.999)


def integer_ticks(low: int, high: int, min_step: float) -> range:
    """Return integer ticks from `low` to `high`: the multiples of a round step of at least 1."""
    step = round(nice_step(max(1.0, min_step)))
    return range(-(-low // step) * step, high + 1, step)


def linear_ticks(low: float, high: float, min_step: float) -> list[float]:
    """Return ticks from `low` to `high`: the multiples of a round step of at least `min_step`."""
    step = nice_step(min_step)
    first, last = ceil(low / step - _TOLERANCE), floor(high / step + _TOLERANCE)
    return [float(f"{multiple * step:.12g}") for multiple in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return powers of ten from `low` to `high`; on a short axis, also 2 and 5 times each."""
    powers = [10.0**power for power in range(ceil(log10(low)), floor(log10(high)) + 1)]
    if len(powers) >= 3:
        return powers[:: ceil(len(powers) / _MAX_DECADES)]
    exponents = range(floor(log10(low)), ceil(log10(high)) + 1)
    values = [step * 10.0**exponent for exponent in exponents for step in (1, 2, 5)]
    return [value for value in values if low <= value <= high]


def tick_label(value: float) -> str:
    """Return a tick as a short text: "0.25", "20,000", "−3", "1.5e6"."""
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, _, exponent = f"{value:.5e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    else:
        text = f"{value:,.6g}"
    return text.replace("-", "\N{MINUS SIGN}")
