"""Curves over epochs and steps, the best epoch and what people changed marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from engine.report.axes import BOTTOM, HEIGHT, TOP, Axis, drawing, frame, x_axis, y_axis
from engine.report.html import figure, safe
from engine.report.style import TONES
from engine.runs.state.step_curve import Curve

BUCKETS = 160  # a curve of more points is drawn by the mean and the range of so many parts

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Series:
    """One curve.

    Args:
        name: in the legend.
        curve: values by step or epoch.
        tone: its colour, by number.
        quiet: True for one that stands back, dashed.
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
    """Return curves in one chart with their legend, "" if there is nothing to draw.

    Args:
        series: the curves.
        by: what x counts: "epoch", "step".
        marks: places on x, and what happened there.
        factors: whether a wide range of values may be drawn by factors.
    """
    shown = [one for one in series if any(isfinite(value) for _, value in one.curve)]
    if not shown:
        return ""
    drawn = [_thinned(one.curve) for one in shown]
    y = y_axis((v for points in drawn for point in points for v in point[1:]), factors=factors)
    x = x_axis(min(points[0][0] for points in drawn), max(points[-1][0] for points in drawn))
    parts = [*frame(x, y, by, whole=True), *_marked(x, marks)]
    for one, points in zip(shown, drawn, strict=True):
        parts += _drawn(one, points, x, y)
    return _legend(shown) + drawing(_said(shown, by), parts)


def _thinned(curve: Curve) -> list[tuple[float, float, float, float]]:
    """Return (x, mean, lowest, highest) of parts of a curve; what is no number is left out."""
    steps, values = curve.steps, curve.values
    size = max(1, -(-len(steps) // BUCKETS))
    found: list[tuple[float, float, float, float]] = []
    for first in range(0, len(steps), size):
        part = [value for value in values[first : first + size] if isfinite(value)]
        if part:
            middle = steps[min(first + size // 2, len(steps) - 1)] if size > 1 else steps[first]
            found.append((middle, sum(part) / len(part), min(part), max(part)))
    return found


def _drawn(
    one: Series, points: Sequence[tuple[float, float, float, float]], x: Axis, y: Axis
) -> Iterator[str]:
    tone = one.tone % TONES
    if any(low != high for _, _, low, high in points):
        above = [(at, high) for at, _, _, high in points]
        below = [(at, low) for at, _, low, _ in reversed(points)]
        yield f'<path class="spread f{tone}" d="{path([*above, *below], x, y)}Z"/>'
    quiet = " quiet" if one.quiet else ""
    line = [(at, mean) for at, mean, _, _ in points]
    if len(line) == 1:
        at, mean = line[0]
        yield f'<circle class="f{tone}" cx="{x.at(at):.1f}" cy="{y.at(mean):.1f}" r="3"/>'
    yield f'<path class="line l{tone}{quiet}" d="{path(line, x, y)}"/>'
    best = next((mean for at, mean, _, _ in points if at == one.best), None)
    if one.best is not None and best is not None:
        yield (
            f'<circle class="best l{tone}" cx="{x.at(one.best):.1f}" cy="{y.at(best):.1f}" r="4">'
            f"<title>best in epoch {one.best}: {figure(best)}</title></circle>"
        )


def path(points: Points, x: Axis, y: Axis) -> str:
    """Return a line through points."""
    return "M" + "L".join(f"{x.at(at):.1f} {y.at(value):.1f}" for at, value in points)


def _marked(x: Axis, marks: Iterable[tuple[int, str]]) -> Iterator[str]:
    for at, said in marks:
        place = x.at(at)
        yield (
            f'<path class="mark" d="M{place:.1f} {TOP}V{HEIGHT - BOTTOM}">'
            f"<title>{safe(said)}</title></path>"
        )


def _legend(series: Sequence[Series]) -> str:
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true"><path class="line l{one.tone % TONES}'
        f'{" quiet" if one.quiet else ""}" d="M1 4H17"/></svg>{safe(one.name)} '
        f"<b>{figure(one.curve.last)}</b></li>"
        for one in series
    )
    return f'<ul class="legend">{items}</ul>'


def _said(series: Sequence[Series], by: str) -> str:
    def one_said(one: Series) -> str:
        values = [value for _, value in one.curve if isfinite(value)]
        return (
            f"{one.name} goes from {figure(values[0])} to {figure(values[-1])}, "
            f"lowest {figure(min(values))}, highest {figure(max(values))}"
        )

    return f"Curves by {by}: " + "; ".join(map(one_said, series))
