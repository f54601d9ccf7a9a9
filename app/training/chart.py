"""One chart: a loss by step or a score by epoch, training against validation.

Import it only when there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGraphicsView, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import Theme
from app.training.curves import Curves, Points
from app.training.drawing import apart_heights, dashed, point_at, reach, round_step, thinned
from app.training.elided import Elided
from app.training.figures import RATE, figure
from app.training.series import Numbers, Series

_NOTHING: Numbers = np.empty(0)
_MARKERS = 12  # a line with more points has a marker every few of them
_EPOCHS = 10  # lines for the ends of epochs
_AXIS = 56  # pixels beside the plot
_SMOOTH_EVERY = 3  # pixels
_LONG, _SHORT, _WIDE = ("training", "validation"), ("train", "val"), 230
_FARTHEST = 1e100  # what lies beyond is drawn here, since a range must be finite
_TICK = 44  # least pixels between two marks of the axis
_LINE, _GAP = 13, 3  # pixels of a label's height, and left of it


@dataclass(frozen=True)
class Subject:
    """What a chart is of.

    Args:
        title: stands above it.
        score: the name of its numbers in the events, such as "age/loss".
        unit: of the numbers.
        by_step: training is known at each step, not only at the end of each epoch.
        validated: rows are held back for validation.
    """

    title: str
    score: str
    unit: str = ""
    by_step: bool = True
    validated: bool = True


class Chart(QWidget):
    """Draws one subject.

    Signals:
        hovered: the step under the pointer, 0 when the pointer has left.
    """

    hovered = Signal(int)

    def __init__(self, theme: Theme, subject: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.subject = subject
        self._theme = theme
        self._curves = Curves()
        self._log = False
        self._names = _LONG
        self._drawn = (-1, -1)
        self._range: tuple[float, float] = (1, 2)
        self._title = Elided(subject.title)
        self._readout = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._plot: Any = pg.PlotWidget()
        self._lay_out()
        self._make_items()
        self.recolour()
        self._plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self._plot.installEventFilter(self)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 10, 2)
        head.addWidget(self._title, 1)
        head.addWidget(self._readout)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2, 7, 4, 4)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addWidget(self._plot, 1)
        self._plot.setMinimumHeight(90)
        self.setAccessibleName(self.subject.title)
        self._plot.setAccessibleName(f"Chart of {self.subject.title}")
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _make_items(self) -> None:
        plot = self._plot.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.disableAutoRange()
        self._plot.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
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

    # Looks.

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        theme = self._theme
        self._title.setFont(theme.ui(9, bold=True))
        self._readout.setFont(theme.mono(8))
        self._plot.setBackground(theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self._plot.getPlotItem().getAxis(side)
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
        self._plot.getPlotItem().getAxis("left").setLogMode(on)

    # Drawing.

    def newest(self, curves: Curves) -> int:
        """Answer the newest step that it has a value for."""
        return curves.step if self.subject.by_step else int((curves.epochs.steps or [0])[-1])

    def lags(self, curves: Curves) -> bool:
        """Answer whether there is more than it shows."""
        return self._drawn != (self.newest(curves), len(curves.epochs.steps))

    def forget(self) -> None:
        """Count what is drawn as out of date."""
        self._drawn = (-1, -1)

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        self._drawn = (self.newest(curves), len(curves.epochs.steps))
        last = max(last, first + 1)
        columns = max(50, int(self._plot.getViewBox().width()))
        drawn = [*self._draw_training(first, last, columns)]
        drawn.append(self._draw_points(self._held, self._held_marks, self._validation, first, last))
        low, high = reach([values for _, values in drawn], tame=self.subject.by_step)
        room = self._label_room(columns)
        self._range = (first, last + room * (last - first))
        view = self._plot.getViewBox()
        view.setRange(xRange=self._range, yRange=(low, high), padding=0, disableAutoRange=False)
        self._draw_epochs(first, last, low, high)
        self._draw_steps(first, last, columns)
        self._place_labels([drawn[-2], drawn[-1]], low, high)
        self.show_at(0)
        self._plot.scene().prepareForPaint()  # else the first painting asks for a second

    def _draw_training(self, first: int, last: int, columns: int) -> list[tuple[Numbers, Numbers]]:
        series = self._series
        if series is None:
            points = self._curves.train.get(self.subject.score)
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
        self._plot.getPlotItem().getAxis("bottom").setTicks([marks])

    # Labels at the ends of the lines.

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
        apart = _LINE * (high - low) / max(1.0, self._plot.getViewBox().height())
        pixel = (self._range[1] - self._range[0]) / max(1.0, self._plot.getViewBox().width())
        at = iter(apart_heights([end[1] for end in ends if end], apart, low, high))
        right = max((end[0] for end in ends if end), default=0.0) + pixel * _GAP
        for label, end in zip(self._labels, ends, strict=True):
            label.setVisible(end is not None)
            if end is not None:
                label.setPos(right, next(at))

    # Reading values off.

    def show_at(self, step: int) -> None:
        """Show the values at a step and a line there; at 0, the newest values and no line."""
        self._cross.setVisible(step > 0)
        if step > 0:
            self._cross.setPos(step)
        self._readout.setText(self._read(step))

    def _read(self, step: int) -> str:
        train, held = self._at(step)
        parts = [] if train is None else [figure(train)]
        parts += [] if held is None else [f"val {figure(held)}"]
        return "  ".join(parts)

    def _at(self, step: int) -> tuple[float | None, float | None]:
        series, held = self._series, point_at(self._validation, step)
        if series is None:
            return point_at(self._curves.train.get(self.subject.score), step), held
        values = series.values
        at = step if 0 < step <= len(values) else len(values)
        return (float(values[at - 1]) if at else None), held

    @property
    def _series(self) -> Series | None:
        by_step = self.subject.by_step
        return self._curves.steps.get(self.subject.score) if by_step else None

    @property
    def _validation(self) -> Points | None:
        return self._curves.validation.get(self.subject.score)

    def _on_mouse_moved(self, at: QPointF) -> None:
        view = self._plot.getViewBox()
        if view.sceneBoundingRect().contains(at):
            step = round(view.mapSceneToView(at).x())
            self.hovered.emit(min(max(1, step), max(1, self._curves.step)))
        else:
            self.hovered.emit(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Stand on a card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the line away when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(0)
        return super().eventFilter(watched, event)
