"""Axes of the charts: scales, ticks and grid lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite, log10

from engine.core.formatting.ticks import linear_ticks, log_ticks, tick_label
from engine.diagram.svg_text import escape_text

WIDTH, HEIGHT = 340, 190  # about the size of a card in pixels, so that text is hardly scaled
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 8, 32


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """A linear or logarithmic axis. Value `low` is at coordinate `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def position(self, value: float) -> float:
        """Return the coordinate of a value, which is clipped to the ends of the axis."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = log10(max(value, low)), log10(low), log10(high)
        fraction = min(1.0, max(0.0, (value - low) / (high - low)))
        return self.start + fraction * (self.end - self.start)

    def ticks(self, max_count: int = 5) -> list[float]:
        """Return round values between the ends of the axis."""
        if self.log:
            return log_ticks(self.low, self.high)
        return linear_ticks(self.low, self.high, (self.high - self.low) / max_count)


def x_axis(low: float, high: float) -> ChartAxis:
    """Return a linear horizontal axis."""
    return ChartAxis(low, high if high > low else low + 1, LEFT, WIDTH - RIGHT)


def y_axis(
    values: Iterable[float], include_zero: bool = False, allow_log: bool = True
) -> ChartAxis:
    """Return a vertical axis for the finite values, logarithmic if their range is wide."""
    finite = [value for value in values if isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    bottom, top = HEIGHT - BOTTOM, TOP
    if allow_log and low > 0 and high > 30 * low and not include_zero:
        return ChartAxis(low / 1.15, high * 1.15, bottom, top, log=True)
    low = min(low, 0.0) if include_zero else low
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return ChartAxis(low if include_zero else low - margin, high + margin, bottom, top)


def draw_axes(x: ChartAxis, y: ChartAxis, label: str, integers_only: bool = False) -> Iterator[str]:
    """Yield SVG elements: grid lines, tick labels, and `label`, the text below the x axis.

    `integers_only` leaves out x ticks that are not whole numbers, such as half an epoch.
    """
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in y.ticks():
        tick_y = y.position(value)
        yield f'<path class="grid-line" d="M{LEFT} {tick_y:.1f}H{right}"/>'
        yield _text(LEFT - 7, f"{tick_y + 3.8:.1f}", "end", tick_label(value))
    for value in x.ticks(6):
        if not integers_only or value == int(value):
            tick_x = f"{x.position(value):.1f}"
            yield _text(tick_x, bottom + 14, "middle", tick_label(value))
    yield f'<path class="axis" d="M{LEFT} {bottom}H{right}"/>'
    yield _text(f"{(LEFT + right) / 2:.0f}", HEIGHT - 3, "middle", escape_text(label))


def _text(x: object, y: object, anchor: str, content: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{content}</text>'


def svg_chart(description: str, parts: Iterable[str]) -> str:
    """Return a chart as SVG from its elements; the description is for screen readers."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape_text(description)}">{"".join(parts)}</svg>'
    )
