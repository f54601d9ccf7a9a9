"""Base class of the plots over training steps: ticks, epoch lines, cursor line, drag region."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF

from app.controls.display.plot import apply_theme, create_plot, set_integer_ticks
from app.theme.theme import Theme
from app.training.charts.annotations import Annotations
from app.training.charts.chart_spec import ChartSpec
from app.training.charts.view_options import ViewOptions
from app.training.curves.run_curves import Curves

_MAX_EPOCH_LINES = 10
_TICK_PIXELS = 44  # minimum distance of two ticks


class BasePlot:
    """Base class of the plots of a run. A plot draws into its `widget`."""

    def __init__(self, theme: Theme, spec: ChartSpec) -> None:
        self.spec = spec
        self._theme = theme
        self._curves = Curves()
        self._options = ViewOptions()
        self._x_range: tuple[float, float] = (1, 2)
        self.widget = create_plot(f"Chart of {spec.title}")
        self.widget.setMinimumHeight(80)
        plot = self.widget.getPlotItem()
        plot.setContentsMargins(0, 4, 0, 0)
        self._epoch_lines = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._cursor_line = pg.InfiniteLine(angle=90, movable=False)
        self._cursor_line.hide()
        self._drag_region = pg.LinearRegionItem(movable=False)
        self._drag_region.hide()
        self._drag_region.setZValue(8)
        plot.addItem(self._epoch_lines, ignoreBounds=True)
        self._create_items(plot)
        plot.addItem(self._cursor_line, ignoreBounds=True)
        plot.addItem(self._drag_region, ignoreBounds=True)
        self.annotations = Annotations(theme, spec, plot)
        self.apply_theme()

    def _create_items(self, plot: Any) -> None:
        """Create the items of this plot and add them to `plot`, in drawing order (last on top)."""

    def apply_theme(self) -> None:
        """Apply the colors and fonts of the theme."""
        theme = self._theme
        apply_theme(self.widget, theme)
        self._epoch_lines.setPen(pg.mkPen(theme.color("grid"), width=1))
        self._cursor_line.setPen(pg.mkPen(theme.color("outline"), width=1))
        fill = theme.color("accent")
        fill.setAlphaF(0.18)
        self._drag_region.setBrush(fill)
        for line in self._drag_region.lines:
            line.setPen(pg.mkPen(theme.color("accent"), width=1))
        self.annotations.apply_theme()

    def set_options(self, options: ViewOptions) -> None:
        """Set the chart options; they apply from the next redraw."""
        self._options = options

    def set_curves(self, curves: Curves) -> None:
        """Set the curves that `readouts` reads values from, without drawing them."""
        self._curves = curves

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        raise NotImplementedError

    def readouts(self, step: int) -> tuple[str, ...]:
        """Return texts with the values at a step, the longest first; for 0, the newest values."""
        raise NotImplementedError

    def set_cursor(self, step: int) -> None:
        """Show the cursor line at a step; 0 hides it."""
        self._cursor_line.setVisible(step > 0)
        if step > 0:
            self._cursor_line.setPos(step)

    def set_drag_range(self, first: int, last: int) -> None:
        """Highlight the dragged step range. If `first` equals `last`, hide the highlight."""
        self._drag_region.setVisible(first != last)
        self._drag_region.setRegion((first, last))

    def step_at(self, position: QPointF) -> int:
        """Return the step at a scene position, 0 outside the axes."""
        view = self.widget.getViewBox()
        if not view.sceneBoundingRect().contains(position):
            return 0
        step: int = round(view.mapSceneToView(position).x())
        return min(max(1, step), max(1, self._curves.step))

    def annotation_at(self, position: QPointF) -> str:
        """Return the annotation text at a scene position, "" if there is none."""
        view = self.widget.getViewBox()
        if not view.sceneBoundingRect().contains(position):
            return ""
        step = view.mapSceneToView(position).x()
        return self.annotations.text_near(step, self._steps_per_pixel())

    def _steps_per_pixel(self) -> float:
        width: float = self.widget.getViewBox().width()
        return (self._x_range[1] - self._x_range[0]) / max(1.0, width)

    def _width_in_pixels(self) -> int:
        return max(50, int(self.widget.getViewBox().width()))

    def _set_range(self, first: int, last: int, low: float, high: float, margin: float) -> None:
        """Set the visible range: steps from `first` to `last`, and values from `low` to `high`.

        On the right, `margin` times the width of the step range is added.
        """
        self._x_range = (first, last + margin * (last - first))
        view = self.widget.getViewBox()
        view.setRange(xRange=self._x_range, yRange=(low, high), padding=0, disableAutoRange=False)
        self._draw_epochs(first, last, low, high)
        min_step = (last - first) / max(1, self._width_in_pixels() // _TICK_PIXELS)
        set_integer_ticks(self.widget.getPlotItem(), first, last, min_step)
        visible = "marks" not in self._options.hidden_lines
        self.annotations.draw(self._curves, (first, last, low, high), visible)

    def _draw_epochs(self, first: int, last: int, low: float, high: float) -> None:
        steps = np.asarray(self._curves.epochs.steps, dtype=float)
        steps = steps[(steps >= first) & (steps <= last)]
        steps = steps[:: -(-len(steps) // _MAX_EPOCH_LINES) or 1]
        ends = np.tile([low, high], len(steps))
        self._epoch_lines.setData(np.repeat(steps, 2), ends, skipFiniteCheck=True)
