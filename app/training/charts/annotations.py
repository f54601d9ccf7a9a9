"""Annotations of a chart: control requests, resume steps, the best epoch and warnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg

from app.text.phrases import capitalize
from app.theme.theme import Theme
from app.training.charts.chart_spec import ChartSpec
from app.training.curves.run_curves import Curves
from app.training.curves.step_series import FloatArray
from app.training.process.request_description import describe_request
from engine.events import ControlTaken, RunResumed
from engine.runs.state.best_epoch import restart_note

_MAX_MARKS = 100  # annotations per chart; older ones are not drawn
_HOVER_PIXELS = 6  # maximum distance of the pointer


class Annotations:
    """Draws control requests, resume steps, warnings and the best epoch into a plot."""

    def __init__(self, theme: Theme, spec: ChartSpec, plot: Any) -> None:
        self._theme, self._spec = theme, spec
        self._texts: list[tuple[float, str]] = []
        self._control_lines = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._control_markers = pg.ScatterPlotItem(size=8, pxMode=True, symbol="t", useCache=False)
        self._warnings = pg.ScatterPlotItem(size=10, pxMode=True, symbol="t1", useCache=False)
        self._best_marker = pg.ScatterPlotItem(size=13, pxMode=True, symbol="star", useCache=False)
        for item in (self._control_lines, self._control_markers, self._warnings, self._best_marker):
            plot.addItem(item, ignoreBounds=True)
            item.setZValue(5)

    def apply_theme(self) -> None:
        """Apply the colors of the theme."""
        color = self._theme.color
        self._control_lines.setPen(pg.mkPen(color("accent"), width=1, dash=[2, 3]))
        for item, token in (
            (self._control_markers, "accent"),
            (self._warnings, "warning"),
            (self._best_marker, "success"),
        ):
            item.setPen(pg.mkPen(color("surface"), width=1))
            item.setBrush(color(token))

    def draw(
        self, curves: Curves, bounds: tuple[float, float, float, float], visible: bool
    ) -> None:
        """Draw the warnings, and if `visible` is true also the control events, within `bounds`.

        `bounds` are the first and last step, and the lowest and highest value.
        """
        first, last, low, high = bounds
        events = curves.control_events[-_MAX_MARKS:] if visible else ()
        marks = [_describe(event, curves) for event in events]
        drawn = [(step, text) for step, text in marks if text and first <= step <= last]
        steps = np.asarray([step for step, _ in drawn], dtype=float)
        self._control_lines.setData(np.repeat(steps, 2), np.tile([low, high], len(steps)))
        self._control_markers.setData(steps, np.full(len(steps), high))
        self._texts = drawn
        self._draw_warnings(curves, bounds)

    def draw_best(self, curves: Curves, points: tuple[FloatArray, FloatArray]) -> None:
        """Mark the best epoch of `curves` on the line whose steps and values are `points`."""
        best, (steps, values) = curves.best, points
        index = np.flatnonzero(steps == best.step) if best is not None else ()
        if best is None or not len(index):
            self._best_marker.setData([], [])
            return
        self._best_marker.setData(steps[index], values[index])
        self._texts.append((float(best.step), f"Best epoch so far: {best.epoch:,}"))

    def text_near(self, step: float, steps_per_pixel: float) -> str:
        """Return the texts of the annotations at most `_HOVER_PIXELS` from `step`, "" if none."""
        radius = _HOVER_PIXELS * steps_per_pixel
        return "\n".join(text for center, text in self._texts if abs(center - step) <= radius)

    def _draw_warnings(self, curves: Curves, bounds: tuple[float, float, float, float]) -> None:
        first, last, low, high = bounds
        warnings = [
            (float(step), capitalize(str(diagnostic.get("message", ""))))
            for step, diagnostic in curves.warnings
            if self._spec.matches_warning(diagnostic) and first <= step <= last
        ]
        y = low + 0.04 * (high - low)
        self._warnings.setData([step for step, _ in warnings], [y] * len(warnings))
        self._texts += warnings


def _describe(event: ControlTaken | RunResumed, curves: Curves) -> tuple[float, str]:
    """Return the step and the text of a control event; a rejected request has the text ""."""
    if isinstance(event, RunResumed):
        return float(event.to_step), f"Resumed from step {event.to_step:,}"
    if event.code:
        return float(event.step), ""
    origin = "in this window" if event.id in curves.own_request_ids else "elsewhere"
    note = restart_note(event)
    text = f"After step {event.step:,}: {describe_request(event)}, requested {origin}"
    return float(event.step), f"{text}\n{note}" if note else text
