"""Charts that are no curves over time: bands, bars, points, and curves from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.report.axes import BOTTOM, HEIGHT, TOP, Axis, drawing, frame, x_axis, y_axis
from engine.report.html import figure, safe
from engine.report.line_chart import path
from engine.report.style import TONES
from engine.runs.evaluation import Calibration, Ranking, Residuals
from engine.runs.state.step_curve import Curve

_BANDS = 60  # parts of a run whose shares are averaged: more of them flicker
_UNIT = Axis(0.0, 1.0, HEIGHT - BOTTOM, TOP)


def bands(curves: Mapping[str, Curve]) -> str:
    """Return shares of a whole as bands on top of each other, by step."""
    if not curves or not all(curves.values()):
        return ""
    parts = _means(curves)
    steps = parts[0]
    x = x_axis(steps[0], steps[-1])
    drawn = list(frame(x, _UNIT, "step", whole=True))
    below = [0.0] * len(steps)
    for tone, values in enumerate(parts[1:]):
        above = [low + value for low, value in zip(below, values, strict=True)]
        outline = [*zip(steps, above, strict=True), *reversed(list(zip(steps, below, strict=True)))]
        drawn.append(f'<path class="band f{tone % TONES}" d="{path(outline, x, _UNIT)}Z"/>')
        below = above
    last = {name: values[-1] for name, values in zip(curves, parts[1:], strict=True)}
    said = "Shares of the total by step; at the end " + ", ".join(
        f"{name} {share:.0%}" for name, share in last.items()
    )
    rest = 1 - sum(last.values())
    more = _note(f"The rest, {rest:.0%} at the end, is penalties.") if rest > 0.005 else ""
    legend = swatches({name: f"{share:.0%}" for name, share in last.items()})
    return legend + more + drawing(said, drawn)


def _means(curves: Mapping[str, Curve]) -> list[list[float]]:
    """Return steps, and the mean of each curve around them."""
    first = next(iter(curves.values()))
    steps = first.steps
    size = max(1, -(-len(steps) // _BANDS))
    starts = range(0, len(steps), size)
    answer: list[list[float]] = [[float(steps[at]) for at in starts]]
    for curve in curves.values():
        values = curve.values
        parts = [values[at : at + size] for at in starts]
        answer.append([sum(part) / len(part) if part else 0.0 for part in parts])
    return answer


def swatches(names: Mapping[str, str]) -> str:
    """Return a legend of filled colours; each name with what stands behind it."""
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true"><rect class="f{tone % TONES}" '
        f'width="14" height="8" rx="2"/></svg>{safe(name)} <b>{safe(value)}</b></li>'
        for tone, (name, value) in enumerate(names.items())
    )
    return f'<ul class="legend">{items}</ul>'


def rankings(curves: Sequence[Ranking], label: str, falling: bool = False) -> str:
    """Return ROC curves, or precision against recall."""
    if not curves:
        return ""
    x = x_axis(0.0, 1.0)
    drawn = list(frame(x, _UNIT, label))
    if not falling:
        drawn.append(f'<path class="ideal" d="{path([(0, 0), (1, 1)], x, _UNIT)}"/>')
    for tone, curve in enumerate(curves):
        points = list(zip(curve.x, curve.y, strict=True))
        drawn.append(f'<path class="line l{tone % TONES}" d="{path(points, x, _UNIT)}"/>')
    areas = {curve.label or "area": figure(curve.area) for curve in curves}
    said = f"Curves against {label}; area " + ", ".join(f"{k} {v}" for k, v in areas.items())
    return swatches(areas) + drawing(said, drawn)


def calibration(found: Calibration) -> str:
    """Return how often answers of a confidence came true; on the dashed line all is deserved."""
    if not found.bins:
        return ""
    x = x_axis(0.0, 1.0)
    most = max(one.count for one in found.bins)
    drawn = [
        *frame(x, _UNIT, "confidence"),
        f'<path class="ideal" d="{path([(0, 0), (1, 1)], x, _UNIT)}"/>',
    ]
    for one in found.bins:  # how many answers there are, low and faint
        left, right, top = x.at(one.low) + 1, x.at(one.high) - 1, _UNIT.at(0.25 * one.count / most)
        drawn.append(
            f'<rect class="spread f1" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{HEIGHT - BOTTOM - top:.1f}"><title>{one.count:,} answers</title></rect>'
        )
    points = [(one.predicted, one.observed) for one in found.bins]
    drawn.append(f'<path class="line l1" d="{path(points, x, _UNIT)}"/>')
    drawn += [
        f'<circle class="f1" cx="{x.at(at):.1f}" cy="{_UNIT.at(value):.1f}" r="3.5"/>'
        for at, value in points
    ]
    gap = f"{found.error:.1%}" if found.error is not None else "–"
    said = f"Share that came true by confidence; off by {gap} on average"
    return _note(f"Off by {gap} on average; bars show how many answers.") + drawing(said, drawn)


def histogram(found: Residuals, unit: str) -> str:
    """Return residuals as bars."""
    if not found.counts:
        return ""
    x, y = x_axis(found.edges[0], found.edges[-1]), y_axis(map(float, found.counts), zero=True)
    label = f"predicted minus true{f', {unit}' if unit else ''}"
    drawn = list(frame(x, y, label))
    for at, count in enumerate(found.counts):
        left, right = x.at(found.edges[at]), x.at(found.edges[at + 1])
        top = y.at(count)
        drawn.append(
            f'<rect class="bar f1" x="{left + 0.5:.1f}" y="{top:.1f}" '
            f'width="{max(right - left - 1, 0.5):.1f}" height="{HEIGHT - BOTTOM - top:.1f}"/>'
        )
    if found.edges[0] < 0 < found.edges[-1]:
        drawn.append(f'<path class="mark" d="M{x.at(0):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    told = f"Mean {figure(found.mean)}, deviation {figure(found.deviation)}, largest "
    told += f"{figure(found.largest)}."
    return _note(told) + drawing(f"Histogram of residuals. {told}", drawn)


def scatter(found: Residuals, unit: str) -> str:
    """Return predictions against the truth."""
    if not found.truth:
        return ""
    low = min(*found.truth, *found.predicted)
    high = max(*found.truth, *found.predicted)
    x, y = x_axis(low, high), y_axis((low, high)) if low <= 0 else _linear(low, high)
    behind = f", {unit}" if unit else ""
    drawn = [
        *frame(x, y, f"true{behind}"),
        f'<path class="ideal" d="{path([(low, low), (high, high)], x, y)}"/>',
    ]
    drawn += [
        f'<circle class="dot f1" cx="{x.at(true):.1f}" cy="{y.at(said):.1f}" r="2.4"/>'
        for true, said in zip(found.truth, found.predicted, strict=True)
    ]
    told = f"{len(found.truth):,} rows; on the dashed line a prediction is right."
    return _note(told) + drawing(f"Predicted against true. {told}", drawn)


def _linear(low: float, high: float) -> Axis:
    room = (high - low) * 0.06 or 1.0
    return Axis(low - room, high + room, HEIGHT - BOTTOM, TOP)


def _note(text: str) -> str:
    return f'<p class="note">{safe(text)}</p>'
