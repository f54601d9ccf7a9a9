"""Axes of a chart by steps: their ticks, the ends of epochs, the cross-hair and a dragged range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF

from app.controls.display.plot import bare_plot, recolour
from app.text.numbers import round_step
from app.theme.theme.theme import Theme
from app.training.charts.chart_grid.annotations import Marks
from app.training.charts.chart_grid.chart_spec import Subject
from app.training.charts.chart_grid.view_options import Look
from app.training.curves.run_curves.run_curves import Curves

_EPOCHS = 10  # lines for the ends of epochs
_TICK = 44  # least pixels between two marks of the axis


class Axes:
    """What all plots of a run have in common; each draws into its `widget`."""

    def __init__(self, theme: Theme, subject: Subject) -> None:
        self.subject = subject
        self._theme = theme
        self._curves = Curves()
        self._look = Look()
        self._range: tuple[float, float] = (1, 2)
        self.widget = bare_plot(f"Chart of {subject.title}")
        self.widget.setMinimumHeight(80)
        plot = self.widget.getPlotItem()
        plot.setContentsMargins(0, 4, 0, 0)
        self._epochs = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self._dragged = pg.LinearRegionItem(movable=False)
        self._dragged.hide()
        self._dragged.setZValue(8)
        plot.addItem(self._epochs, ignoreBounds=True)
        self._make_items(plot)
        for item in (self._cross, self._dragged):
            plot.addItem(item, ignoreBounds=True)
        self.marks = Marks(theme, subject, plot)
        self.recolour()

    def _make_items(self, plot: Any) -> None:
        """Put in what is drawn; what is put in later lies above."""

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        theme = self._theme
        recolour(self.widget, theme)
        self._epochs.setPen(pg.mkPen(theme.color("grid"), width=1))
        self._cross.setPen(pg.mkPen(theme.color("outline"), width=1))
        tint = theme.color("accent")
        tint.setAlphaF(0.18)
        self._dragged.setBrush(tint)
        for line in self._dragged.lines:
            line.setPen(pg.mkPen(theme.color("accent"), width=1))
        self.marks.recolour()

    def set_look(self, look: Look) -> None:
        """Draw in another way, from the next time on."""
        self._look = look

    def take(self, curves: Curves) -> None:
        """Read values off these curves, whatever is drawn."""
        self._curves = curves

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        raise NotImplementedError

    def readout(self, step: int, room: int) -> str:
        """Return the values at a step, the newest at 0, in about so many letters."""
        raise NotImplementedError

    def mark(self, step: int) -> None:
        """Draw a line at a step, 0 for none."""
        self._cross.setVisible(step > 0)
        if step > 0:
            self._cross.setPos(step)

    def drag(self, first: int, last: int) -> None:
        """Show a range that is being chosen; 0 to 0 takes it away."""
        self._dragged.setVisible(first != last)
        self._dragged.setRegion((first, last))

    def step_at(self, at: QPointF) -> int:
        """Return the step at a place of the scene, 0 outside the axes."""
        view = self.widget.getViewBox()
        if not view.sceneBoundingRect().contains(at):
            return 0
        step: int = round(view.mapSceneToView(at).x())
        return min(max(1, step), max(1, self._curves.step))

    def told_at(self, at: QPointF) -> str:
        """Return what happened at a place of the scene, "" if nothing did."""
        view = self.widget.getViewBox()
        if not view.sceneBoundingRect().contains(at):
            return ""
        return self.marks.near(view.mapSceneToView(at).x(), self._pixel())

    def _pixel(self) -> float:
        """Return the steps in a pixel."""
        width: float = self.widget.getViewBox().width()
        return (self._range[1] - self._range[0]) / max(1.0, width)

    def _columns(self) -> int:
        return max(50, int(self.widget.getViewBox().width()))

    def _frame(self, first: int, last: int, low: float, high: float, room: float) -> None:
        """Set what is in sight; `room` is a share of the width, kept free right of the lines."""
        self._range = (first, last + room * (last - first))
        view = self.widget.getViewBox()
        view.setRange(xRange=self._range, yRange=(low, high), padding=0, disableAutoRange=False)
        self._draw_epochs(first, last, low, high)
        self._draw_steps(first, last, self._columns())
        shown = "marks" not in self._look.unseen
        self.marks.draw(self._curves, (first, last, low, high), shown)

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
