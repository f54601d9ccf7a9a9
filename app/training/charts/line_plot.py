"""The plot inside a chart: lines, marks and labels of a training and its validation.

Import it only when there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics

from app.controls.display.plot import pen_of
from app.text.numbers import RATE, figure
from app.training.charts.base_plot import Axes
from app.training.charts.plot_math import apart_heights, point_at, reach, thinned
from app.training.charts.view_options import AUTOMATIC, Look
from app.training.curves.run_curves import Curves, Points
from app.training.curves.series import Numbers

_NOTHING: Numbers = np.empty(0)
_MARKERS = 12  # a line with more points has a marker every few of them
_SMOOTH_EVERY = 3  # pixels
_LONG, _SHORT, _WIDE = ("training", "validation"), ("train", "val"), 230
_FARTHEST = 1e100  # what lies beyond is drawn here, since a range must be finite
_LINE, _GAP = 13, 3  # pixels of a label's height, and left of it
_BRIEF = 18  # letters of a readout below which it is shortened


class Plot(Axes):
    """Draws one subject."""

    def _make_items(self, plot: Any) -> None:
        self._names = _LONG
        self._log = False
        self._raw = pg.PlotCurveItem(skipFiniteCheck=True)
        self._train = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._held = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._train_marks = pg.ScatterPlotItem(size=6, pxMode=True, useCache=False)
        self._held_marks = pg.ScatterPlotItem(size=6, pxMode=True, useCache=False)
        self._labels = [pg.TextItem(text, anchor=(0, 0.5)) for text in _LONG]
        for item in (
            self._raw, self._train, self._held, self._train_marks, self._held_marks, *self._labels,
        ):  # fmt: skip
            plot.addItem(item, ignoreBounds=True)
        for label in self._labels:
            label.setVisible(False)  # until there is a line that it names

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        super().recolour()
        theme = self._theme
        train, held = theme.curve(0), theme.curve(1)
        self._recolour_raw()
        self._train.setPen(pg.mkPen(train.color, width=2 if self.subject.by_step else 1))
        self._held.setPen(pen_of(held))
        for marks, curve in ((self._train_marks, train), (self._held_marks, held)):
            marks.setSymbol(curve.marker)
            marks.setPen(pg.mkPen(curve.color))
            marks.setBrush(theme.color("surface"))
        for label, curve in zip(self._labels, (train, held), strict=True):
            label.setColor(curve.color)
            label.setFont(theme.ui(8))

    def _recolour_raw(self) -> None:
        """Let the values of single steps stand back where a smooth line is drawn over them."""
        color = self._theme.curve(0).color
        if self.subject.score != RATE and self._look.smoothing:
            color = thinned(color, self._theme)
        self._raw.setPen(pg.mkPen(color, width=1))

    def set_look(self, look: Look) -> None:
        """Draw in another way, from the next time on; only losses have powers of ten."""
        super().set_look(look)
        self._log = look.log and self.subject.score.endswith("loss")
        self.widget.getPlotItem().getAxis("left").setLogMode(self._log)
        self._recolour_raw()

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        last = max(last, first + 1)
        columns = self._columns()
        drawn = [*self._draw_training(first, last, columns)]
        seen = "validation" not in self._look.unseen
        held = self.subject.validation(curves) if seen else None
        drawn.append(self._draw_points(self._held, self._held_marks, held, first, last))
        low, high = reach([values for _, values in drawn], tame=self.subject.by_step)
        self._frame(first, last, low, high, self._label_room(columns))
        self.marks.draw_best(curves, drawn[-1] if len(drawn[-1][0]) else self._by_epoch(drawn))
        self._place_labels([drawn[-2], drawn[-1]], low, high)
        self.widget.scene().prepareForPaint()  # else the first painting asks for a second

    def readout(self, step: int, room: int) -> str:
        """Return training and validation at a step, the newest at 0."""
        train, held = self._at(step)
        parts = [] if train is None else [figure(train)]
        if held is not None:
            parts.append(f"/ {figure(held)}" if room < _BRIEF else f" val {figure(held)}")
        return " ".join(parts)

    def _at(self, step: int) -> tuple[float | None, float | None]:
        held = point_at(self.subject.validation(self._curves), step)
        series = self.subject.steps(self._curves)
        if series is None:
            return point_at(self.subject.epochs(self._curves), step), held
        values = series.values
        at = step if 0 < step <= len(values) else len(values)
        return (float(values[at - 1]) if at else None), held

    def _by_epoch(self, drawn: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
        return (_NOTHING, _NOTHING) if self.subject.by_step else drawn[0]

    def _draw_training(self, first: int, last: int, columns: int) -> list[tuple[Numbers, Numbers]]:
        series = self.subject.steps(self._curves)
        unseen = "training" in self._look.unseen
        if series is None:
            points = None if unseen else self.subject.epochs(self._curves)
            self._raw.setData(_NOTHING, _NOTHING)
            return [self._draw_points(self._train, self._train_marks, points, first, last)]
        raw = smooth = (_NOTHING, _NOTHING)
        if not unseen:
            raw = self._scaled(*series.outline(first, last, columns))
        if not unseen and self._look.smoothing and self.subject.score != RATE:
            count = columns // _SMOOTH_EVERY
            if self._look.smoothing == AUTOMATIC:
                smooth = self._scaled(*series.sampled(first, last, count))
            else:
                smooth = self._scaled(*series.averaged(first, last, count, self._look.smoothing))
        self._raw.setData(*raw, skipFiniteCheck=True)
        self._train.setData(*smooth, skipFiniteCheck=True)
        return [raw, smooth if len(smooth[0]) else raw]

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

    def _label_room(self, columns: int) -> float:
        """Return the room for the labels right of the lines, as a share of the lines' width."""
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
        at = iter(apart_heights([end[1] for end in ends if end], apart, low, high))
        right = max((end[0] for end in ends if end), default=0.0) + self._pixel() * _GAP
        for label, end in zip(self._labels, ends, strict=True):
            label.setVisible(end is not None)
            if end is not None:
                label.setPos(right, next(at))
