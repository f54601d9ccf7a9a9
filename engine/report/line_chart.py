"""Line charts over epochs or steps, with marks at the best epoch and at annotated x values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from engine.core.formatting.numbers import score_or_dash
from engine.diagram.svg_text import escape_text
from engine.report.axes import BOTTOM, HEIGHT, TOP, ChartAxis, draw_axes, svg_chart, x_axis, y_axis
from engine.report.style import COLOR_COUNT
from engine.runs.state.step_curve import StepCurve

MAX_BUCKETS = 160  # curves with more points are drawn as mean and range of this many buckets

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class ChartSeries:
    """A curve of a line chart, over steps or epochs; `best` is the epoch to mark, or None."""

    name: str
    curve: StepCurve
    color_index: int = 0
    is_dashed: bool = False
    best: int | None = None


def line_chart(
    series: Sequence[ChartSeries],
    x_label: str,
    marks: Iterable[tuple[int, str]] = (),
    allow_log: bool = True,
) -> str:
    """Return HTML: a legend and a chart of curves in SVG. If no value is finite, return "".

    Args:
        series: the curves.
        x_label: the label of the x axis.
        marks: (x value, text) of each annotation.
        allow_log: whether the y axis may be logarithmic.
    """
    shown = [line for line in series if any(isfinite(value) for _, value in line.curve)]
    if not shown:
        return ""
    sampled = [_downsample(line.curve) for line in shown]
    values = (value for points in sampled for point in points for value in point[1:])
    y = y_axis(values, allow_log=allow_log)
    x = x_axis(min(points[0][0] for points in sampled), max(points[-1][0] for points in sampled))
    parts = [*draw_axes(x, y, x_label, integers_only=True), *_draw_marks(x, marks)]
    for line, points in zip(shown, sampled, strict=True):
        parts += _draw_line(line, points, x, y)
    return _legend(shown) + svg_chart(_description(shown, x_label), parts)


def _downsample(curve: StepCurve) -> list[tuple[float, float, float, float]]:
    """Divide a curve into buckets of steps; return (middle step, mean, min, max) of each bucket.

    Non-finite values are ignored.
    """
    steps, values = curve.steps, curve.values
    size = max(1, -(-len(steps) // MAX_BUCKETS))
    points: list[tuple[float, float, float, float]] = []
    for first in range(0, len(steps), size):
        bucket = [value for value in values[first : first + size] if isfinite(value)]
        if bucket:
            middle = steps[min(first + size // 2, len(steps) - 1)] if size > 1 else steps[first]
            points.append((middle, sum(bucket) / len(bucket), min(bucket), max(bucket)))
    return points


def _draw_line(
    series: ChartSeries,
    points: Sequence[tuple[float, float, float, float]],
    x: ChartAxis,
    y: ChartAxis,
) -> Iterator[str]:
    tone = series.color_index % COLOR_COUNT
    if any(low != high for _, _, low, high in points):
        upper = [(step, high) for step, _, _, high in points]
        lower = [(step, low) for step, _, low, _ in reversed(points)]
        yield f'<path class="spread f{tone}" d="{svg_path([*upper, *lower], x, y)}Z"/>'
    quiet = " quiet" if series.is_dashed else ""
    line = [(step, mean) for step, mean, _, _ in points]
    if len(line) == 1:
        center_x, center_y = x.position(line[0][0]), y.position(line[0][1])
        yield f'<circle class="f{tone}" cx="{center_x:.1f}" cy="{center_y:.1f}" r="3"/>'
    yield f'<path class="line l{tone}{quiet}" d="{svg_path(line, x, y)}"/>'
    best = next((mean for step, mean, _, _ in points if step == series.best), None)
    if series.best is not None and best is not None:
        best_x, best_y = x.position(series.best), y.position(best)
        yield (
            f'<circle class="best l{tone}" cx="{best_x:.1f}" cy="{best_y:.1f}" r="4">'
            f"<title>best in epoch {series.best}: {score_or_dash(best)}</title></circle>"
        )


def svg_path(points: Points, x: ChartAxis, y: ChartAxis) -> str:
    """Return the SVG path data of a line through points, which are (x, y) values of the axes."""
    texts = [f"{x.position(step):.1f} {y.position(value):.1f}" for step, value in points]
    return f"M{'L'.join(texts)}"


def _draw_marks(x: ChartAxis, marks: Iterable[tuple[int, str]]) -> Iterator[str]:
    for step, text in marks:
        mark_x = x.position(step)
        yield (
            f'<path class="mark" d="M{mark_x:.1f} {TOP}V{HEIGHT - BOTTOM}">'
            f"<title>{escape_text(text)}</title></path>"
        )


def _legend(series: Sequence[ChartSeries]) -> str:
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true">'
        f'<path class="line l{line.color_index % COLOR_COUNT}'
        f'{" quiet" if line.is_dashed else ""}" d="M1 4H17"/></svg>{escape_text(line.name)} '
        f"<b>{score_or_dash(line.curve.last)}</b></li>"
        for line in series
    )
    return f'<ul class="legend">{items}</ul>'


def _description(series: Sequence[ChartSeries], by: str) -> str:
    def describe(line: ChartSeries) -> str:
        values = [value for _, value in line.curve if isfinite(value)]
        return (
            f"{line.name} goes from {score_or_dash(values[0])} to {score_or_dash(values[-1])}, "
            f"lowest {score_or_dash(min(values))}, highest {score_or_dash(max(values))}"
        )

    return f"Curves by {by}: " + "; ".join(map(describe, series))
