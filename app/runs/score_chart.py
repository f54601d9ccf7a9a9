"""One score of many runs over one another, by epoch.

Import it only when there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.controls.display.plot import bare_plot, pen_of, recolour, tell_at
from app.text.numbers import format_score, nice_step
from app.text.phrases import truncate
from app.theme.theme import Theme
from engine.runs.comparison.run_table import Entry

_NEAR = 14  # pixels within which a line is meant
_NAME = 18  # letters of a name beside its line
_NAMED = 8  # lines, more than which have no room for names beside them
_LINE = 13  # pixels of a name's height
_TICK = 34  # least pixels between two marks of the axis


class Overlay(QWidget):
    """Draws a line for each run; the pointer tells which is which."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: Sequence[Entry] = ()
        self._score, self._log = "loss", False
        self._drawn: list[tuple[Entry, Any, Any]] = []  # entry, line, its points
        self.plot = bare_plot("Curves of the runs over one another")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.plot)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        theme.changed.connect(self._redraw)
        self._redraw()

    def show_runs(self, entries: Sequence[Entry], score: str, log: bool) -> None:
        """Draw one score of some runs, by its powers of ten if `log`."""
        self._entries, self._score, self._log = entries, score, log
        self._redraw()

    @property
    def lines(self) -> dict[str, tuple[list[float], list[float]]]:
        """What is drawn: by the run's name, epochs and values."""
        return {entry.name: (list(line.xData), list(line.yData)) for entry, line, _ in self._drawn}

    def _redraw(self) -> None:
        item = self.plot.getPlotItem()
        item.clear()
        self._drawn = []
        recolour(self.plot, self._theme)
        item.getAxis("left").setLogMode(self._log)
        for place, entry in enumerate(self._entries):
            epochs, values = _points(entry, self._score)
            if self._log:
                epochs, values = epochs[values > 0], np.log10(values[values > 0])
            if len(epochs):
                self._draw(item, place, entry, epochs, values)
        self._frame(item)

    def _draw(self, item: Any, place: int, entry: Entry, epochs: Any, values: Any) -> None:
        look = self._theme.curve_style(place)
        pen = pen_of(look, 1.5 if len(self._entries) <= _NAMED else 1)
        line = pg.PlotCurveItem(epochs, values, pen=pen, antialias=True, skipFiniteCheck=True)
        points = pg.ScatterPlotItem(
            epochs[-1:], values[-1:], size=7, symbol=look.marker, pen=pg.mkPen(look.color),
            brush=self._theme.color("surface"), useCache=False,
        )  # fmt: skip
        for each in (line, points):
            item.addItem(each, ignoreBounds=True)
        self._drawn.append((entry, line, points))

    def _frame(self, item: Any) -> None:
        """Set what is in sight, with room for names on the right."""
        if not self._drawn:
            return
        last = max(float(line.xData[-1]) for _, line, _ in self._drawn)
        values = np.concatenate([line.yData for _, line, _ in self._drawn])
        low, high = float(values.min()), float(values.max())
        room = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
        named = len(self._drawn) <= _NAMED
        right = last + self._room(item, named) * max(1.0, last - 1)
        item.getViewBox().setRange(
            xRange=(1, max(right, 2)), yRange=(low - room, high + room), padding=0
        )
        every = nice_step(last / max(1.0, item.getViewBox().width() / _TICK))
        ticks = [(epoch, f"{epoch:,}") for epoch in range(every, int(last) + 1, every)]
        item.getAxis("bottom").setTicks([ticks])
        if named:
            self._write_names(item, high - low + 2 * room)

    def _room(self, item: Any, named: bool) -> float:
        """Return the room right of the lines as a share of their width."""
        metrics = QFontMetrics(self._theme.ui_font(8))
        names = [truncate(entry.name, _NAME) for entry, _, _ in self._drawn] if named else []
        pixels = max((metrics.horizontalAdvance(name) for name in names), default=0) + 20
        width = max(2.0, item.getViewBox().width())
        return float(pixels / max(width / 2, width - pixels))

    def _write_names(self, item: Any, reach: float) -> None:
        """Write each run's name at its line's end; names keep apart."""
        box = item.getViewBox()
        apart = _LINE * reach / max(1.0, box.height())
        ends = sorted(self._drawn, key=lambda drawn: float(drawn[1].yData[-1]))
        below = -np.inf
        for entry, line, _ in ends:
            height = max(float(line.yData[-1]), below + apart)
            below = height
            label = pg.TextItem(
                f" {truncate(entry.name, _NAME)}", anchor=(0, 0.5), color=line.opts["pen"].color()
            )
            label.setFont(self._theme.ui_font(8))
            label.setPos(float(line.xData[-1]), height)
            item.addItem(label, ignoreBounds=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give names the room that they need."""
        super().resizeEvent(event)
        self._redraw()

    def _on_mouse_moved(self, at: QPointF) -> None:
        tell_at(self.plot, at, self._told_at(at))

    def _told_at(self, at: QPointF) -> str:
        """Return which run is meant at a place of the scene, and its score there."""
        box = self.plot.getViewBox()
        if not self._drawn or not box.sceneBoundingRect().contains(at):
            return ""
        point = box.mapSceneToView(at)
        nearest, least = "", float(_NEAR)
        for entry, line, _ in self._drawn:
            place = int(np.argmin(np.abs(line.xData - point.x())))
            value = float(line.yData[place])
            away = abs(box.mapViewToScene(QPointF(point.x(), value)).y() - at.y())
            if away < least:
                least = away
                shown = format_score(10**value if self._log else value)
                nearest = f"{entry.name}, epoch {line.xData[place]:.0f}: {shown}"
        return nearest


def _points(entry: Entry, score: str) -> tuple[Any, Any]:
    """Return epochs and values of a run's score, on validation rows if there are any."""
    curve = (entry.state.validation or entry.state.train).get(score)
    points = [(step, value) for step, value in curve or () if isfinite(value)]
    epochs = np.asarray([step for step, _ in points], dtype=float)
    return epochs, np.asarray([value for _, value in points], dtype=float)
