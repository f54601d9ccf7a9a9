"""Line charts over epochs or steps, with the best epoch and control requests marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from engine.core.formatting.numbers import score_or_dash
from engine.report.axes import BOTTOM, HEIGHT, TOP, Axis, drawing, frame, x_axis, y_axis
from engine.report.html import safe
from engine.report.style import TONES
from engine.runs.state.step_curve import Curve

BUCKETS = 160  # longer curves are drawn as mean and range of this many buckets

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """One curve of a line chart.

    Args:
        name: in the legend.
        curve: values by step or epoch.
        tone: index of its color.
        quiet: True for a thin dashed line.
        best: the step or epoch to mark, None for none.
    """

    name: str
    curve: Curve
    tone: int = 0
    quiet: bool = False
    best: int | None = None


def line_chart(
    series: Sequence[Series],
    by: str,
    marks: Iterable[tuple[int, str]] = (),
    factors: bool = True,
) -> str:
    """Return a chart of curves with a legend, "" if there are no finite values.

    Args:
        series: the curves.
        by: label of the x axis: "epoch", "step".
        marks: x values with the text of an annotation.
        factors: whether the y axis may be logarithmic.
    """
    shown = [line for line in series if any(isfinite(value) for _, value in line.curve)]
    if not shown:
        return ""
    sampled = [_downsample(line.curve) for line in shown]
    y = y_axis((v for points in sampled for point in points for v in point[1:]), factors=factors)
    x = x_axis(min(points[0][0] for points in sampled), max(points[-1][0] for points in sampled))
    parts = [*frame(x, y, by, whole=True), *_draw_marks(x, marks)]
    for line, points in zip(shown, sampled, strict=True):
        parts += _draw_line(line, points, x, y)
    return _legend(shown) + drawing(_description(shown, by), parts)


def _downsample(curve: Curve) -> list[tuple[float, float, float, float]]:
    """Return (x, mean, min, max) of the buckets of a curve; non-finite values are left out."""
    steps, values = curve.steps, curve.values
    size = max(1, -(-len(steps) // BUCKETS))
    points: list[tuple[float, float, float, float]] = []
    for first in range(0, len(steps), size):
        bucket = [value for value in values[first : first + size] if isfinite(value)]
        if bucket:
            middle = steps[min(first + size // 2, len(steps) - 1)] if size > 1 else steps[first]
            points.append((middle, sum(bucket) / len(bucket), min(bucket), max(bucket)))
    return points


def _draw_line(
    series: Series, points: Sequence[tuple[float, float, float, float]], x: Axis, y: Axis
) -> Iterator[str]:
    tone = series.tone % TONES
    if any(low != high for _, _, low, high in points):
        upper = [(step, high) for step, _, _, high in points]
        lower = [(step, low) for step, _, low, _ in reversed(points)]
        yield f'<path class="spread f{tone}" d="{path([*upper, *lower], x, y)}Z"/>'
    quiet = " quiet" if series.quiet else ""
    line = [(step, mean) for step, mean, _, _ in points]
    if len(line) == 1:
        step, mean = line[0]
        yield f'<circle class="f{tone}" cx="{x.at(step):.1f}" cy="{y.at(mean):.1f}" r="3"/>'
    yield f'<path class="line l{tone}{quiet}" d="{path(line, x, y)}"/>'
    best = next((mean for step, mean, _, _ in points if step == series.best), None)
    if series.best is not None and best is not None:
        best_x, best_y = x.at(series.best), y.at(best)
        yield (
            f'<circle class="best l{tone}" cx="{best_x:.1f}" cy="{best_y:.1f}" r="4">'
            f"<title>best in epoch {series.best}: {score_or_dash(best)}</title></circle>"
        )


def path(points: Points, x: Axis, y: Axis) -> str:
    """Return the SVG path data of a line through points."""
    return "M" + "L".join(f"{x.at(step):.1f} {y.at(value):.1f}" for step, value in points)


def _draw_marks(x: Axis, marks: Iterable[tuple[int, str]]) -> Iterator[str]:
    for step, text in marks:
        mark_x = x.at(step)
        yield (
            f'<path class="mark" d="M{mark_x:.1f} {TOP}V{HEIGHT - BOTTOM}">'
            f"<title>{safe(text)}</title></path>"
        )


def _legend(series: Sequence[Series]) -> str:
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true"><path class="line l{line.tone % TONES}'
        f'{" quiet" if line.quiet else ""}" d="M1 4H17"/></svg>{safe(line.name)} '
        f"<b>{score_or_dash(line.curve.last)}</b></li>"
        for line in series
    )
    return f'<ul class="legend">{items}</ul>'


def _description(series: Sequence[Series], by: str) -> str:
    def describe(line: Series) -> str:
        values = [value for _, value in line.curve if isfinite(value)]
        return (
            f"{line.name} goes from {score_or_dash(values[0])} to {score_or_dash(values[-1])}, "
            f"lowest {score_or_dash(min(values))}, highest {score_or_dash(max(values))}"
        )

    return f"Curves by {by}: " + "; ".join(map(describe, series))
