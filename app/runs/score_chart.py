"""A chart of one score of several runs, by epoch.

Import it only when there is something to draw: importing pyqtgraph takes a third of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from app.controls.display.plot import (
    apply_theme,
    create_plot,
    curve_pen,
    padded_range,
    set_integer_ticks,
    show_tooltip,
)
from app.controls.layout.boxes import column_layout
from app.theme.theme import Theme
from engine.core.formatting.numbers import format_score
from engine.runs.comparison.run_table import RunEntry

_HOVER_DISTANCE = 14  # maximum distance in pixels from the pointer to a curve
_NAME_WIDTH = 110  # maximum width in pixels of a name next to its curve
_MAX_NAMED = 8  # with more curves than this, there is no space for names
_NAME_HEIGHT = 13  # pixels
_MIN_TICK_DISTANCE = 34  # pixels


class ScoreChart(QWidget):
    """A chart with a curve per run; hovering over a curve shows the run, epoch and value."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: Sequence[RunEntry] = ()
        self._score, self._log = "loss", False
        self._drawn: list[tuple[RunEntry, Any, Any]] = []  # entry, curve, last point
        self.plot = create_plot("Curves of the runs")
        column_layout(self.plot, parent=self)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        theme.changed.connect(self._redraw)
        # The margin for the names depends on the width between the axes.
        self._resize_timer = QTimer(self, singleShot=True, interval=0, timeout=self._redraw)
        self.plot.getPlotItem().getViewBox().sigResized.connect(
            lambda _: self._resize_timer.start()
        )
        self._redraw()

    def show_runs(self, entries: Sequence[RunEntry], score: str, log: bool) -> None:
        """Draw a score of several runs by epoch; `log` selects a logarithmic axis for the score."""
        self._entries, self._score, self._log = entries, score, log
        self._redraw()

    @property
    def curves(self) -> dict[str, tuple[list[float], list[float]]]:
        """The epochs and the values of each drawn curve, by the name of the run."""
        return {entry.name: (list(line.xData), list(line.yData)) for entry, line, _ in self._drawn}

    def _redraw(self) -> None:
        item = self.plot.getPlotItem()
        item.clear()
        self._drawn = []
        apply_theme(self.plot, self._theme)
        item.getAxis("left").setLogMode(self._log)
        for index, entry in enumerate(self._entries):
            epochs, values = _points(entry, self._score)
            if self._log:
                epochs, values = epochs[values > 0], np.log10(values[values > 0])
            if len(epochs):
                self._draw(item, index, entry, epochs, values)
        self._set_ranges(item)

    def _draw(self, item: Any, index: int, entry: RunEntry, epochs: Any, values: Any) -> None:
        style = self._theme.curve_style(index)
        pen = curve_pen(style, 1.5 if len(self._entries) <= _MAX_NAMED else 1)
        line = pg.PlotCurveItem(epochs, values, pen=pen, antialias=True, skipFiniteCheck=True)
        points = pg.ScatterPlotItem(
            epochs[-1:],
            values[-1:],
            size=7,
            symbol=style.marker,
            pen=pg.mkPen(style.color),
            brush=self._theme.color("surface"),
            useCache=False,
        )
        item.addItem(line, ignoreBounds=True)
        item.addItem(points, ignoreBounds=True)
        self._drawn.append((entry, line, points))

    def _set_ranges(self, item: Any) -> None:
        """Set the axis ranges and ticks of the plot `item`; add run names at the curve ends."""
        if not self._drawn:
            return
        last = max(float(line.xData[-1]) for _, line, _ in self._drawn)
        values = np.concatenate([line.yData for _, line, _ in self._drawn])
        low, high = padded_range(float(values.min()), float(values.max()))
        is_named = len(self._drawn) <= _MAX_NAMED
        right = last + self._name_margin(item, is_named) * max(1.0, last - 1)
        view = item.getViewBox()
        view.setRange(xRange=(1, max(right, 2)), yRange=(low, high), padding=0)
        min_step = last / max(1.0, view.width() / _MIN_TICK_DISTANCE)
        set_integer_ticks(item, 1, int(last), min_step)
        if is_named:
            self._add_names(item, high - low)

    def _name_margin(self, item: Any, is_named: bool) -> float:
        """Return the width of the margin right of the curves in the plot `item`.

        The result is a fraction of the width of the area with the curves. If `is_named` is true,
        the names of the runs fit into the margin. Otherwise the margin is small.
        """
        metrics = QFontMetrics(self._theme.ui_font(8))
        named = self._drawn if is_named else ()
        widths = [metrics.horizontalAdvance(self._short_name(entry)) for entry, _, _ in named]
        pixels = max(widths, default=0) + 20
        width = max(2.0, item.getViewBox().width())
        return float(pixels / max(width / 2, width - pixels))

    def _add_names(self, item: Any, y_range: float) -> None:
        """Add the name of each run at the end of its curve.

        From bottom to top, each name that would overlap the name below is moved up.
        """
        box = item.getViewBox()
        spacing = _NAME_HEIGHT * y_range / max(1.0, box.height())
        ends = sorted(self._drawn, key=lambda drawn: float(drawn[1].yData[-1]))
        below = -np.inf
        for entry, line, _ in ends:
            height = max(float(line.yData[-1]), below + spacing)
            below = height
            name, color = self._short_name(entry), line.opts["pen"].color()
            label = pg.TextItem(f" {name}", anchor=(0, 0.5), color=color)
            label.setFont(self._theme.ui_font(8))
            label.setPos(float(line.xData[-1]), height)
            item.addItem(label, ignoreBounds=True)

    def _short_name(self, entry: RunEntry) -> str:
        """Return the name of a run, elided in the middle: names of runs often end differently."""
        metrics = QFontMetrics(self._theme.ui_font(8))
        return metrics.elidedText(entry.name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)

    def _on_mouse_moved(self, position: QPointF) -> None:
        show_tooltip(self.plot, position, self._hover_text(position))

    def _hover_text(self, position: QPointF) -> str:
        """Return a text with run, epoch and score of the curve near a scene position, else ""."""
        box = self.plot.getViewBox()
        if not self._drawn or not box.sceneBoundingRect().contains(position):
            return ""
        point = box.mapSceneToView(position)
        text, nearest = "", float(_HOVER_DISTANCE)
        for entry, line, _ in self._drawn:
            index = int(np.argmin(np.abs(line.xData - point.x())))
            value = float(line.yData[index])
            distance = abs(box.mapViewToScene(QPointF(point.x(), value)).y() - position.y())
            if distance < nearest:
                nearest = distance
                score = format_score(10**value if self._log else value)
                text = f"{entry.name}, epoch {line.xData[index]:.0f}: {score}"
        return text


def _points(entry: RunEntry, score: str) -> tuple[Any, Any]:
    """Return the epochs and the finite values of a score of a run, as two arrays.

    The score is that of the validation rows. Without validation, it is that of the training rows.
    """
    curve = (entry.state.validation or entry.state.train).get(score)
    points = [(step, value) for step, value in curve or () if isfinite(value)]
    epochs = np.asarray([step for step, _ in points], dtype=float)
    return epochs, np.asarray([value for _, value in points], dtype=float)
