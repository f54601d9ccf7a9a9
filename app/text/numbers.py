"""How numbers and spans are said, and what the scores of every run are called."""

from __future__ import annotations

from math import floor, isfinite, log10

TOTAL = "loss"
RATE = "learning_rate"
GRADIENT = "grad_norm"
SHARES = "shares"


def clock(seconds: float) -> str:
    """Return a span as people say it: "8.2 s", "3:05", "1:02:03"."""
    if not 0 <= seconds < 1e9:
        return "?"
    if seconds < 59.95:
        return f"{seconds:.1f}\N{NO-BREAK SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def figure(number: float) -> str:
    """Return a score with four figures that count, or as a power of ten."""
    if not isfinite(number):
        return str(number)
    size = abs(number)
    if number == 0 or 0.001 <= size < 100_000:
        return (
            f"{number:.4f}" if size < 10 else f"{number:,.2f}" if size < 1000 else f"{number:,.0f}"
        )
    return f"{number:.2e}"


def amount(number: float) -> str:
    """Return a number of the data with four figures that count, and no zeros behind them."""
    if isfinite(number) and number == floor(number) and abs(number) < 1e9:
        return f"{number:,.0f}"
    return f"{number:.4g}" if 0.001 <= abs(number) < 1000 else figure(number)


def round_step(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... that is not less."""
    ten = 10 ** max(0, floor(log10(max(1.0, least))))
    return next(int(step * ten) for step in (1, 2, 5, 10) if step * ten >= least)
