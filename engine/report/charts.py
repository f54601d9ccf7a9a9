"""Charts: loss shares, ROC and precision-recall curves, reliability diagram, residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.formatting.numbers import score_or_dash
from engine.report.axes import BOTTOM, HEIGHT, TOP, Axis, drawing, frame, x_axis, y_axis
from engine.report.html import safe
from engine.report.line_chart import path
from engine.report.style import TONES
from engine.runs.evaluation import Calibration, Ranking, Residuals
from engine.runs.state.step_curve import Curve

_BANDS = 60  # buckets over which shares are averaged to reduce noise
_UNIT = Axis(0.0, 1.0, HEIGHT - BOTTOM, TOP)


def bands(curves: Mapping[str, Curve]) -> str:
    """Return a stacked area chart of loss shares by step."""
    if not curves or not all(curves.values()):
        return ""
    steps, *means = _bucket_means(curves)
    x = x_axis(steps[0], steps[-1])
    drawn = list(frame(x, _UNIT, "step", whole=True))
    below = [0.0] * len(steps)
    for tone, values in enumerate(means):
        above = [low + value for low, value in zip(below, values, strict=True)]
        outline = [*zip(steps, above, strict=True), *reversed(list(zip(steps, below, strict=True)))]
        drawn.append(f'<path class="band f{tone % TONES}" d="{path(outline, x, _UNIT)}Z"/>')
        below = above
    last = {name: values[-1] for name, values in zip(curves, means, strict=True)}
    description = "Shares of the total loss by step; at the end " + ", ".join(
        f"{name} {share:.0%}" for name, share in last.items()
    )
    rest = 1 - sum(last.values())
    note = _note(f"The rest, {rest:.0%} at the end, is penalties.") if rest > 0.005 else ""
    legend = swatches({name: f"{share:.0%}" for name, share in last.items()})
    return legend + note + drawing(description, drawn)


def _bucket_means(curves: Mapping[str, Curve]) -> list[list[float]]:
    """Return bucket starts, and the mean of each curve in each bucket."""
    steps = next(iter(curves.values())).steps
    size = max(1, -(-len(steps) // _BANDS))
    starts = range(0, len(steps), size)
    columns: list[list[float]] = [[float(steps[start]) for start in starts]]
    for curve in curves.values():
        values = curve.values
        buckets = [values[start : start + size] for start in starts]
        columns.append([sum(part) / len(part) if part else 0.0 for part in buckets])
    return columns


def swatches(names: Mapping[str, str]) -> str:
    """Return a legend of colors, names and values."""
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true"><rect class="f{tone % TONES}" '
        f'width="14" height="8" rx="2"/></svg>{safe(name)} <b>{safe(value)}</b></li>'
        for tone, (name, value) in enumerate(names.items())
    )
    return f'<ul class="legend">{items}</ul>'


def rankings(curves: Sequence[Ranking], label: str, falling: bool = False) -> str:
    """Return ROC curves, or precision-recall curves."""
    if not curves:
        return ""
    x = x_axis(0.0, 1.0)
    drawn = list(frame(x, _UNIT, label))
    if not falling:
        drawn.append(f'<path class="ideal" d="{path([(0, 0), (1, 1)], x, _UNIT)}"/>')
    for tone, curve in enumerate(curves):
        points = list(zip(curve.x, curve.y, strict=True))
        drawn.append(f'<path class="line l{tone % TONES}" d="{path(points, x, _UNIT)}"/>')
    areas = {curve.label or "area": score_or_dash(curve.area) for curve in curves}
    description = f"Curves against {label}; area "
    description += ", ".join(f"{name} {area}" for name, area in areas.items())
    return swatches(areas) + drawing(description, drawn)


def calibration(record: Calibration) -> str:
    """Return a reliability diagram; the dashed diagonal is perfect calibration."""
    if not record.bins:
        return ""
    x = x_axis(0.0, 1.0)
    max_count = max(bin_.count for bin_ in record.bins)
    drawn = [
        *frame(x, _UNIT, "confidence"),
        f'<path class="ideal" d="{path([(0, 0), (1, 1)], x, _UNIT)}"/>',
    ]
    for bin_ in record.bins:  # the counts as a faint histogram at the bottom
        left, right = x.at(bin_.low) + 1, x.at(bin_.high) - 1
        top = _UNIT.at(0.25 * bin_.count / max_count)
        drawn.append(
            f'<rect class="spread f1" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{HEIGHT - BOTTOM - top:.1f}"><title>{bin_.count:,} predictions</title></rect>'
        )
    points = [(bin_.predicted, bin_.observed) for bin_ in record.bins]
    drawn.append(f'<path class="line l1" d="{path(points, x, _UNIT)}"/>')
    drawn += [
        f'<circle class="f1" cx="{x.at(predicted):.1f}" cy="{_UNIT.at(observed):.1f}" r="3.5"/>'
        for predicted, observed in points
    ]
    error = f"{record.error:.1%}" if record.error is not None else "–"
    note = _note(f"Calibration error {error}; bars show the number of predictions.")
    return note + drawing(f"Observed frequency by confidence; error {error}", drawn)


def histogram(residuals: Residuals, unit: str) -> str:
    """Return a histogram of residuals."""
    if not residuals.counts:
        return ""
    edges = residuals.edges
    x, y = x_axis(edges[0], edges[-1]), y_axis(map(float, residuals.counts), zero=True)
    label = f"predicted minus true{f', {unit}' if unit else ''}"
    drawn = list(frame(x, y, label))
    for index, count in enumerate(residuals.counts):
        left, right = x.at(edges[index]), x.at(edges[index + 1])
        top = y.at(count)
        drawn.append(
            f'<rect class="bar f1" x="{left + 0.5:.1f}" y="{top:.1f}" '
            f'width="{max(right - left - 1, 0.5):.1f}" height="{HEIGHT - BOTTOM - top:.1f}"/>'
        )
    if edges[0] < 0 < edges[-1]:
        drawn.append(f'<path class="mark" d="M{x.at(0):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    values = map(score_or_dash, (residuals.mean, residuals.deviation, residuals.largest))
    summary = "Mean {}, standard deviation {}, largest {}.".format(*values)
    return _note(summary) + drawing(f"Histogram of residuals. {summary}", drawn)


def scatter(residuals: Residuals, unit: str) -> str:
    """Return a scatter plot of predicted against true values."""
    truth, predicted = residuals.truth, residuals.predicted
    if not truth:
        return ""
    low, high = min(*truth, *predicted), max(*truth, *predicted)
    x, y = x_axis(low, high), y_axis((low, high)) if low <= 0 else _linear(low, high)
    suffix = f", {unit}" if unit else ""
    drawn = [
        *frame(x, y, f"true{suffix}"),
        f'<path class="ideal" d="{path([(low, low), (high, high)], x, y)}"/>',
    ]
    drawn += [
        f'<circle class="dot f1" cx="{x.at(true):.1f}" cy="{y.at(value):.1f}" r="2.4"/>'
        for true, value in zip(truth, predicted, strict=True)
    ]
    summary = f"{len(truth):,} rows; predictions on the dashed line are exact."
    return _note(summary) + drawing(f"Predicted against true. {summary}", drawn)


def _linear(low: float, high: float) -> Axis:
    margin = (high - low) * 0.06 or 1.0
    return Axis(low - margin, high + margin, HEIGHT - BOTTOM, TOP)


def _note(text: str) -> str:
    return f'<p class="note">{safe(text)}</p>'
