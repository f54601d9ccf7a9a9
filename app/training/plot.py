"""The plot inside a chart: lines, marks and labels of a training and its validation.

Import it only when there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGraphicsView

from app.theme import Theme
from app.training.curves import Curves, Points
from app.training.drawing import apart_heights, dashed, reach, round_step, thinned
from app.training.figures import RATE
from app.training.series import Numbers
from app.training.subject import Subject

_NOTHING: Numbers = np.empty(0)
_MARKERS = 12  # a line with more points has a marker every few of them
_EPOCHS = 10  # lines for the ends of epochs
_AXIS = 56  # pixels beside the plot
_SMOOTH_EVERY = 3  # pixels
_LONG, _SHORT, _WIDE = ("training", "validation"), ("train", "val"), 230
_FARTHEST = 1e100  # what lies beyond is drawn here, since a range must be finite
_TICK = 44  # least pixels between two marks of the axis
_LINE, _GAP = 13, 3  # pixels of a label's height, and left of it


class Plot:
    """Draws one subject into its `widget`."""

    def __init__(self, theme: Theme, subject: Subject) -> None:
        self.subject = subject
        self._theme = theme
        self._curves = Curves()
        self._log = False
        self._names = _LONG
        self._range: tuple[float, float] = (1, 2)
        self.widget: Any = pg.PlotWidget()
        self.widget.setMinimumHeight(80)
        self.widget.setAccessibleName(f"Chart of {subject.title}")
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._make_items()
        self.recolour()

    def _make_items(self) -> None:
        plot = self.widget.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.disableAutoRange()
        self.widget.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        plot.setContentsMargins(0, 4, 0, 0)
        plot.getAxis("left").setWidth(_AXIS)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        self._epochs = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._raw = pg.PlotCurveItem(skipFiniteCheck=True)
        self._train = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._held = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._train_marks = pg.ScatterPlotItem(size=6, pxMode=True)
        self._held_marks = pg.ScatterPlotItem(size=6, pxMode=True)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self._labels = [pg.TextItem(text, anchor=(0, 0.5)) for text in _LONG]
        for item in (
            self._epochs, self._raw, self._train, self._held, self._train_marks, self._held_marks,
            self._cross, *self._labels,
        ):  # fmt: skip
            plot.addItem(item, ignoreBounds=True)

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        theme = self._theme
        self.widget.setBackground(theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self.widget.getPlotItem().getAxis(side)
            axis.setTickFont(theme.mono(7.5))
            axis.setTextPen(theme.color("dim"))
            axis.setPen(theme.color("border"))
            axis.setTickPen(theme.color("grid"))
        train, held = theme.curve(0), theme.curve(1)
        self._epochs.setPen(pg.mkPen(theme.color("grid"), width=1))
        smoothed = self.subject.score != RATE
        self._raw.setPen(
            pg.mkPen(thinned(train.color, theme) if smoothed else train.color, width=1)
        )
        self._train.setPen(pg.mkPen(train.color, width=2 if self.subject.by_step else 1))
        self._held.setPen(dashed(held))
        self._cross.setPen(pg.mkPen(theme.color("outline"), width=1))
        for marks, curve in ((self._train_marks, train), (self._held_marks, held)):
            marks.setSymbol(curve.marker)
            marks.setPen(pg.mkPen(curve.color))
            marks.setBrush(theme.color("surface"))
        for label, curve in zip(self._labels, (train, held), strict=True):
            label.setColor(curve.color)
            label.setFont(theme.ui(8))

    def set_log(self, on: bool) -> None:
        """Draw values by their powers of ten."""
        self._log = on
        self.widget.getPlotItem().getAxis("left").setLogMode(on)

    def mark(self, step: int) -> None:
        """Draw a line at a step, 0 for none."""
        self._cross.setVisible(step > 0)
        if step > 0:
            self._cross.setPos(step)

    def step_at(self, at: QPointF) -> int:
        """Answer the step at a place of the scene, 0 outside the axes."""
        view = self.widget.getViewBox()
        if not view.sceneBoundingRect().contains(at):
            return 0
        step: int = round(view.mapSceneToView(at).x())
        return min(max(1, step), max(1, self._curves.step))

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        last = max(last, first + 1)
        view = self.widget.getViewBox()
        columns = max(50, int(view.width()))
        drawn = [*self._draw_training(first, last, columns)]
        held = self.subject.validation(curves)
        drawn.append(self._draw_points(self._held, self._held_marks, held, first, last))
        low, high = reach([values for _, values in drawn], tame=self.subject.by_step)
        self._range = (first, last + self._label_room(columns) * (last - first))
        view.setRange(xRange=self._range, yRange=(low, high), padding=0, disableAutoRange=False)
        self._draw_epochs(first, last, low, high)
        self._draw_steps(first, last, columns)
        self._place_labels([drawn[-2], drawn[-1]], low, high)
        self.widget.scene().prepareForPaint()  # else the first painting asks for a second

    def _draw_training(self, first: int, last: int, columns: int) -> list[tuple[Numbers, Numbers]]:
        series = self.subject.steps(self._curves)
        if series is None:
            points = self.subject.epochs(self._curves)
            return [self._draw_points(self._train, self._train_marks, points, first, last)]
        raw = self._scaled(*series.outline(first, last, columns))
        smooth = self._scaled(*series.sampled(first, last, columns // _SMOOTH_EVERY))
        self._raw.setData(*raw, skipFiniteCheck=True)
        self._train.setData(*smooth, skipFiniteCheck=True)
        return [raw, smooth]

    def _draw_points(
        self, line: Any, marks: Any, points: Points | None, first: int, last: int
    ) -> tuple[Numbers, Numbers]:
        if points is None or not points.steps:
            line.setData(_NOTHING, _NOTHING)
            marks.setData([], [])
            return _NOTHING, _NOTHING
        steps, values = np.asarray(points.steps, dtype=float), np.asarray(points.values)
        seen = np.isfinite(values) & (steps >= first) & (steps <= last)
        steps, values = self._scaled(steps[seen], values[seen])
        line.setData(steps, values, skipFiniteCheck=True)
        every = -(-len(steps) // _MARKERS) or 1
        marks.setData(steps[::-every], values[::-every])
        return steps, values

    def _scaled(self, steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
        if not self._log:
            return steps, np.clip(values, -_FARTHEST, _FARTHEST)
        known = values > 0
        return steps[known], np.log10(values[known])

    def _draw_epochs(self, first: int, last: int, low: float, high: float) -> None:
        ends = np.asarray(self._curves.epochs.steps, dtype=float)
        ends = ends[(ends >= first) & (ends <= last)]
        ends = ends[:: -(-len(ends) // _EPOCHS) or 1]
        self._epochs.setData(
            np.repeat(ends, 2), np.tile([low, high], len(ends)), skipFiniteCheck=True
        )

    def _draw_steps(self, first: int, last: int, columns: int) -> None:
        """Mark the axis where there are steps, not below the labels right of them."""
        every = round_step((last - first) / max(1, columns // _TICK))
        begin = -(-first // every) * every
        marks = [(step, f"{step:,}") for step in range(begin, last + 1, every)]
        self.widget.getPlotItem().getAxis("bottom").setTicks([marks])

    def _label_room(self, columns: int) -> float:
        """Answer the room for the labels right of the lines, as a share of the lines' width."""
        names = _LONG if columns > _WIDE else _SHORT
        if names is not self._names:
            self._names = names
            for label, name in zip(self._labels, names, strict=True):
                label.setText(name)
        text = names[self.subject.validated]
        pixels = QFontMetrics(self._theme.ui(8)).horizontalAdvance(text) + 14
        return pixels / max(pixels, columns - pixels)

    def _place_labels(
        self, lines: Sequence[tuple[Numbers, Numbers]], low: float, high: float
    ) -> None:
        ends = [(float(s[-1]), float(v[-1])) if len(s) else None for s, v in lines]
        apart = _LINE * (high - low) / max(1.0, self.widget.getViewBox().height())
        pixel = (self._range[1] - self._range[0]) / max(1.0, self.widget.getViewBox().width())
        at = iter(apart_heights([end[1] for end in ends if end], apart, low, high))
        right = max((end[0] for end in ends if end), default=0.0) + pixel * _GAP
        for label, end in zip(self._labels, ends, strict=True):
            label.setVisible(end is not None)
            if end is not None:
                label.setPos(right, next(at))
