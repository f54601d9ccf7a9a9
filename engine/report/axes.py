"""The frame of a chart: from values to places, and the round numbers beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from engine.report.html import safe

WIDTH, HEIGHT = 340, 190  # about the pixels of a card, so that letters keep their size
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 8, 32


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a chart.

    Args:
        low, high: the values at its ends.
        begin, end: their places.
        log: True if equal factors are equally far apart; then both ends are above 0.
    """

    low: float
    high: float
    begin: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value, within the chart."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = log10(max(value, low)), log10(low), log10(high)
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return self.begin + share * (self.end - self.begin)

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values within the ends."""
        if self.log:
            return _decades(self.low, self.high)
        step = _round_step((self.high - self.low) / most)
        first = ceil(self.low / step - 1e-9)
        last = floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def x_axis(low: float, high: float) -> Axis:
    """Return an axis along the bottom."""
    return Axis(low, high if high > low else low + 1, LEFT, WIDTH - RIGHT)


def y_axis(values: Iterable[float], zero: bool = False, factors: bool = True) -> Axis:
    """Return an axis that takes all finite values; a wide range of positive ones by factors.

    Args:
        values: what is drawn.
        zero: True to begin at 0.
        factors: False to keep equal differences equally far apart, however wide the range.
    """
    known = [value for value in values if isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    bottom, top = HEIGHT - BOTTOM, TOP
    if factors and low > 0 and high > 30 * low and not zero:
        return Axis(low / 1.15, high * 1.15, bottom, top, log=True)
    low = min(low, 0.0) if zero else low
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Axis(low if zero else low - room, high + room, bottom, top)


def frame(x: Axis, y: Axis, label: str, whole: bool = False) -> Iterator[str]:
    """Yield grid, numbers and the name of the x axis.

    Args:
        x, y: the axes.
        label: what stands below.
        whole: True if x counts things, so that there is nothing between whole numbers.
    """
    ticks = y.ticks()
    for value in ticks:
        place = y.at(value)
        yield f'<path class="grid-line" d="M{LEFT} {place:.1f}H{WIDTH - RIGHT}"/>'
        yield (
            f'<text x="{LEFT - 7}" y="{place + 3.8:.1f}" text-anchor="end">'
            f"{tick_text(value, ticks)}</text>"
        )
    below = [value for value in x.ticks(6) if not whole or value == int(value)]
    for value in below:
        yield (
            f'<text x="{x.at(value):.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">'
            f"{tick_text(value, below)}</text>"
        )
    yield f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>'
    yield (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 3}" '
        f'text-anchor="middle">{safe(label)}</text>'
    )


def tick_text(value: float, ticks: Sequence[float]) -> str:
    """Return a round number, short."""
    if value and (abs(value) >= 1e5 or abs(value) < 1e-3):
        text = (
            f"{value:.0e}" if len(ticks) < 2 or value == float(f"{value:.0e}") else f"{value:.1e}"
        )
        return text.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return f"{value:,.6g}".replace("-", "−")


def drawing(said: str, parts: Iterable[str]) -> str:
    """Return a chart; `said` tells those who do not see it what it shows."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{safe(said)}">{"".join(parts)}</svg>'
    )


def _round_step(size: float) -> float:
    power = 10.0 ** floor(log10(size))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= size * 0.999)


def _decades(low: float, high: float) -> list[float]:
    found = [10.0**power for power in range(ceil(log10(low)), floor(log10(high)) + 1)]
    if len(found) >= 3:
        return found[:: ceil(len(found) / 6)]
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    fine = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    return [value for value in fine if low <= value <= high]
