"""Formats of numbers and durations, and the names of the scores that every run has."""

from __future__ import annotations

from math import floor, isfinite, log10

TOTAL_LOSS = "loss"
LEARNING_RATE = "learning_rate"
GRADIENT_NORM = "grad_norm"
LOSS_SHARES = "shares"


def format_duration(seconds: float) -> str:
    """Return a duration as text: "8.2 s", "3:05", "1:02:03"."""
    if not 0 <= seconds < 1e9:
        return "?"
    if seconds < 59.95:
        return f"{seconds:.1f}\N{NO-BREAK SPACE}s"
    minutes, seconds_left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds_left:02}" if hours else f"{minutes}:{seconds_left:02}"


def format_score(number: float) -> str:
    """Return a score with about four significant digits, or in scientific notation."""
    if not isfinite(number):
        return str(number)
    size = abs(number)
    if number == 0 or 0.001 <= size < 100_000:
        return (
            f"{number:.4f}" if size < 10 else f"{number:,.2f}" if size < 1000 else f"{number:,.0f}"
        )
    return f"{number:.2e}"


def format_value(number: float) -> str:
    """Return a data value with four significant digits and no trailing zeros."""
    if isfinite(number) and number == floor(number) and abs(number) < 1e9:
        return f"{number:,.0f}"
    return f"{number:.4g}" if 0.001 <= abs(number) < 1000 else format_score(number)


def nice_step(minimum: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... that is at least a minimum."""
    power = 10 ** max(0, floor(log10(max(1.0, minimum))))
    return next(int(step * power) for step in (1, 2, 5, 10) if step * power >= minimum)
