"""HTML charts: shares of outputs in the loss, ROC, precision-recall, reliability, residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.formatting.numbers import score_or_dash
from engine.diagram.svg_text import escape_text
from engine.report.axes import BOTTOM, HEIGHT, TOP, ChartAxis, draw_axes, svg_chart, x_axis, y_axis
from engine.report.line_chart import svg_path
from engine.report.style import COLOR_COUNT
from engine.runs.evaluation import Calibration, Residuals, ThresholdCurve
from engine.runs.state.step_curve import StepCurve

_BANDS = 60  # number of buckets of steps, in which shares are averaged to reduce noise
_UNIT = ChartAxis(0.0, 1.0, HEIGHT - BOTTOM, TOP)


def share_chart(curves: Mapping[str, StepCurve]) -> str:
    """Return a stacked area chart of each output's share in the loss as HTML; "" without data."""
    if not curves or not all(curves.values()):
        return ""
    steps, *means = _bucket_means(curves)
    x = x_axis(steps[0], steps[-1])
    drawn = list(draw_axes(x, _UNIT, "step", integers_only=True))
    below = [0.0] * len(steps)
    for tone, values in enumerate(means):
        above = [low + value for low, value in zip(below, values, strict=True)]
        outline = [*zip(steps, above, strict=True), *reversed(list(zip(steps, below, strict=True)))]
        path = svg_path(outline, x, _UNIT)
        drawn.append(f'<path class="band f{tone % COLOR_COUNT}" d="{path}Z"/>')
        below = above
    last = [values[-1] for values in means]
    shares = {name: f"{share:.0%}" for name, share in zip(curves, last, strict=True)}
    rest = 1 - sum(last)
    note = _note(f"Regularization penalties: {rest:.0%} at the end.") if rest > 0.005 else ""
    description = f"Shares of the total loss by step; at the end {_join(shares)}"
    return color_legend(shares) + note + svg_chart(description, drawn)


def _bucket_means(curves: Mapping[str, StepCurve]) -> list[list[float]]:
    """Divide the steps into buckets, and return lists with one number per bucket.

    The first list has the first step of each bucket. It is followed by one list per curve with the
    mean of the curve over each bucket.
    """
    steps = next(iter(curves.values())).steps
    size = max(1, -(-len(steps) // _BANDS))
    starts = range(0, len(steps), size)
    columns: list[list[float]] = [[float(steps[start]) for start in starts]]
    for curve in curves.values():
        values = curve.values
        buckets = [values[start : start + size] for start in starts]
        columns.append([sum(part) / len(part) if part else 0.0 for part in buckets])
    return columns


def color_legend(names: Mapping[str, str]) -> str:
    """Return an HTML legend with the color, the name and the value of each curve.

    `names` has the values as text by curve name, in the order of the colors.
    """
    items = "".join(
        f'<li><svg viewBox="0 0 18 8" aria-hidden="true"><rect class="f{tone % COLOR_COUNT}" '
        f'width="14" height="8" rx="2"/></svg>{escape_text(name)} <b>{escape_text(value)}</b></li>'
        for tone, (name, value) in enumerate(names.items())
    )
    return f'<ul class="legend">{items}</ul>'


def threshold_chart(
    curves: Sequence[ThresholdCurve], label: str, is_precision_recall: bool = False
) -> str:
    """Return a chart of ROC or precision-recall curves as HTML; `label` is for the x axis."""
    if not curves:
        return ""
    x = x_axis(0.0, 1.0)
    drawn = list(draw_axes(x, _UNIT, label))
    if not is_precision_recall:
        drawn.append(f'<path class="ideal" d="{svg_path([(0, 0), (1, 1)], x, _UNIT)}"/>')
    for tone, curve in enumerate(curves):
        points = list(zip(curve.x, curve.y, strict=True))
        drawn.append(f'<path class="line l{tone % COLOR_COUNT}" d="{svg_path(points, x, _UNIT)}"/>')
    areas = {curve.label or "area": score_or_dash(curve.area) for curve in curves}
    return color_legend(areas) + svg_chart(f"Curves against {label}; area {_join(areas)}", drawn)


def reliability_diagram(record: Calibration) -> str:
    """Return a reliability diagram as HTML; the dashed diagonal shows perfect calibration."""
    if not record.bins:
        return ""
    x = x_axis(0.0, 1.0)
    max_count = max(bin_.count for bin_ in record.bins)
    drawn = [
        *draw_axes(x, _UNIT, "confidence"),
        f'<path class="ideal" d="{svg_path([(0, 0), (1, 1)], x, _UNIT)}"/>',
    ]
    for bin_ in record.bins:  # draw the counts as a faint histogram at the bottom
        left, right = x.position(bin_.low) + 1, x.position(bin_.high) - 1
        top = _UNIT.position(0.25 * bin_.count / max_count)
        drawn.append(
            f'<rect class="spread f1" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{HEIGHT - BOTTOM - top:.1f}"><title>{bin_.count:,} predictions</title></rect>'
        )
    points = [(bin_.predicted, bin_.observed) for bin_ in record.bins]
    drawn.append(f'<path class="line l1" d="{svg_path(points, x, _UNIT)}"/>')
    drawn += [
        f'<circle class="f1" cx="{x.position(predicted):.1f}" '
        f'cy="{_UNIT.position(observed):.1f}" r="3.5"/>'
        for predicted, observed in points
    ]
    error = f"{record.error:.1%}" if record.error is not None else "–"
    note = _note(f"Calibration error {error}; bars show the number of predictions.")
    return note + svg_chart(f"Observed frequency by confidence; error {error}", drawn)


def residual_histogram(residuals: Residuals, unit: str) -> str:
    """Return a histogram of residuals as HTML."""
    if not residuals.counts:
        return ""
    edges = residuals.edges
    x, y = x_axis(edges[0], edges[-1]), y_axis(map(float, residuals.counts), include_zero=True)
    label = f"predicted minus true{f', {unit}' if unit else ''}"
    drawn = list(draw_axes(x, y, label))
    for index, count in enumerate(residuals.counts):
        left, right = x.position(edges[index]), x.position(edges[index + 1])
        top = y.position(count)
        drawn.append(
            f'<rect class="bar f1" x="{left + 0.5:.1f}" y="{top:.1f}" '
            f'width="{max(right - left - 1, 0.5):.1f}" height="{HEIGHT - BOTTOM - top:.1f}"/>'
        )
    if edges[0] < 0 < edges[-1]:
        drawn.append(f'<path class="mark" d="M{x.position(0):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    values = map(score_or_dash, (residuals.mean, residuals.deviation, residuals.largest))
    summary = "Mean {}, standard deviation {}, largest {}.".format(*values)
    return _note(summary) + svg_chart(f"Histogram of residuals. {summary}", drawn)


def prediction_scatter(residuals: Residuals, unit: str) -> str:
    """Return a scatter plot of predicted (y) against true values (x) as HTML."""
    truth, predicted = residuals.truth, residuals.predicted
    if not truth:
        return ""
    low, high = min(*truth, *predicted), max(*truth, *predicted)
    x, y = x_axis(low, high), y_axis((low, high), allow_log=False)
    suffix = f", {unit}" if unit else ""
    drawn = [
        *draw_axes(x, y, f"true{suffix}"),
        f'<path class="ideal" d="{svg_path([(low, low), (high, high)], x, y)}"/>',
    ]
    drawn += [
        f'<circle class="dot f1" cx="{x.position(true):.1f}" cy="{y.position(value):.1f}" r="2.4"/>'
        for true, value in zip(truth, predicted, strict=True)
    ]
    summary = f"{len(truth):,} rows; predictions on the dashed line are exact."
    return _note(summary) + svg_chart(f"Predicted against true. {summary}", drawn)


def _join(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _note(text: str) -> str:
    return f'<p class="note">{escape_text(text)}</p>'
