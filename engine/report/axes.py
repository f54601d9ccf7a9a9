"""Axes of the charts: scales, ticks and grid lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite, log10

from engine.core.formatting.ticks import linear_ticks, log_ticks, tick_label
from engine.report.html import safe

WIDTH, HEIGHT = 340, 190  # about the size of a card in pixels, so that text is not scaled
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 8, 32


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear or logarithmic axis.

    Args:
        low, high: values at its ends.
        begin, end: coordinates of its ends.
        log: True for a logarithmic axis; both values are positive then.
    """

    low: float
    high: float
    begin: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the coordinate of a value, clipped to the axis."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = log10(max(value, low)), log10(low), log10(high)
        fraction = min(1.0, max(0.0, (value - low) / (high - low)))
        return self.begin + fraction * (self.end - self.begin)

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values within the ends."""
        if self.log:
            return log_ticks(self.low, self.high)
        return linear_ticks(self.low, self.high, (self.high - self.low) / most)


def x_axis(low: float, high: float) -> Axis:
    """Return a horizontal axis."""
    return Axis(low, high if high > low else low + 1, LEFT, WIDTH - RIGHT)


def y_axis(values: Iterable[float], zero: bool = False, factors: bool = True) -> Axis:
    """Return a vertical axis for all finite values; logarithmic for a wide positive range.

    Args:
        values: the values to draw.
        zero: True to start at 0.
        factors: False for an axis that is always linear.
    """
    finite = [value for value in values if isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    bottom, top = HEIGHT - BOTTOM, TOP
    if factors and low > 0 and high > 30 * low and not zero:
        return Axis(low / 1.15, high * 1.15, bottom, top, log=True)
    low = min(low, 0.0) if zero else low
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Axis(low if zero else low - margin, high + margin, bottom, top)


def frame(x: Axis, y: Axis, label: str, whole: bool = False) -> Iterator[str]:
    """Yield grid lines, tick labels and the label of the x axis.

    Args:
        x, y: the axes.
        label: of the x axis.
        whole: True to draw only integer ticks on the x axis.
    """
    for value in y.ticks():
        tick_y = y.at(value)
        yield f'<path class="grid-line" d="M{LEFT} {tick_y:.1f}H{WIDTH - RIGHT}"/>'
        yield (
            f'<text x="{LEFT - 7}" y="{tick_y + 3.8:.1f}" text-anchor="end">'
            f"{tick_label(value)}</text>"
        )
    for value in x.ticks(6):
        if whole and value != int(value):
            continue
        yield (
            f'<text x="{x.at(value):.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">'
            f"{tick_label(value)}</text>"
        )
    yield f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>'
    yield (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 3}" '
        f'text-anchor="middle">{safe(label)}</text>'
    )


def drawing(description: str, parts: Iterable[str]) -> str:
    """Return a chart as SVG; the description is for screen readers."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{safe(description)}">{"".join(parts)}</svg>'
    )
