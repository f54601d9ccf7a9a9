"""The share of each output in the total, as bands that are stacked upon one another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics

from app.text.numbers import TOTAL
from app.training.charts.chart_grid.base_plot import Axes
from app.training.charts.chart_grid.plot_math import thinned
from app.training.curves.run_curves.run_curves import Curves
from app.training.curves.run_curves.series import Numbers

_EVERY = 3  # pixels between two points
_FIRST_COLOUR = 2  # the first two are those of training and validation
_LEAST = 12  # pixels of a band that has room for its name
_TINT = 0.6  # of the colour in a band; whole, it would outshine every line beside it
_REST = "rest"  # what regularisers and learned weights add


class Bands(Axes):
    """Draws the shares of a run's outputs; they add up to one."""

    def _make_items(self, plot: Any) -> None:
        self._areas: dict[str, tuple[Any, Any]] = {}
        self._epochs.setZValue(-1000)
        plot.getAxis("left").setTicks([[(at, f"{at:.0%}") for at in (0, 0.25, 0.5, 0.75, 1)]])

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        super().recolour()
        edge = self._theme.color("surface")
        for place, (name, (area, label)) in enumerate(self._areas.items()):
            color = self._theme.curve(place + _FIRST_COLOUR).color
            if name == _REST:
                color = self._theme.color("faint")
            area.setPen(pg.mkPen(edge, width=1))
            area.setBrush(thinned(color, self._theme, _TINT))
            label.setColor(color)
            label.setFont(self._theme.ui(8))

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        last = max(last, first + 1)
        self._settle(curves)
        columns = self._columns()
        steps, shares = self._shares(first, last, columns // _EVERY)
        tops = np.cumsum(list(shares.values()), axis=0) if shares else np.empty((0, 0))
        for (area, _), top in zip(self._areas.values(), tops, strict=False):
            area.setData(steps, top, fillLevel=0, skipFiniteCheck=True)
        self._frame(first, last, 0, 1, self._label_room(columns))
        self._place_labels(shares, float(steps[-1]) if len(steps) else 0.0)
        self.widget.scene().prepareForPaint()

    def readout(self, step: int, room: int) -> str:
        """Return the shares at a step; where there is no room for all, the largest."""
        at = step or len(self._curves.steps.get(TOTAL, ()))
        found = {name: float(values[-1]) for name, values in self._shares(at, at, 1)[1].items()
                 if len(values)}  # fmt: skip
        found = {name: share for name, share in found.items() if name != _REST or share >= 0.005}
        words = [f"{name} {share:.0%}" for name, share in found.items()]
        text = "  ".join(words)
        if len(text) <= room or not found:
            return text
        return max(zip(found.values(), words, strict=True))[1]

    def _settle(self, curves: Curves) -> None:
        """Have an area for each output, the last ones behind the first."""
        names = [*(head.name for head in curves.outputs), _REST]
        if names == list(self._areas):
            return
        plot = self.widget.getPlotItem()
        for area, label in self._areas.values():
            plot.removeItem(area)
            plot.removeItem(label)
        self._areas = {}
        for place, name in enumerate(names):
            area = pg.PlotCurveItem(skipFiniteCheck=True, fillLevel=0)
            area.setZValue(-place - 1)
            label = pg.TextItem(name, anchor=(0, 0.5))
            for item in (area, label):
                plot.addItem(item, ignoreBounds=True)
            self._areas[name] = (area, label)
        self.recolour()

    def _shares(self, first: int, last: int, count: int) -> tuple[Numbers, dict[str, Numbers]]:
        """Return steps, and by output its share there, of losses that are smoothed."""
        curves = self._curves
        if TOTAL not in curves.steps:
            return np.empty(0), {}
        steps, total = curves.steps[TOTAL].sampled(first, last, count)
        weights = curves.weights_at(steps)
        parts = {}
        for head in curves.outputs:
            series = curves.steps.get(f"{head.name}/loss")
            losses = series.smooth_at(steps) if series is not None else np.zeros(len(steps))
            parts[head.name] = np.nan_to_num(losses * weights[head.name])
        left = np.abs(total - sum(parts.values(), start=np.zeros(len(steps))))
        sizes = {name: np.abs(part) for name, part in parts.items()}
        whole = sum(sizes.values(), start=left)
        sizes[_REST] = left
        return steps, {name: size / np.where(whole > 0, whole, 1) for name, size in sizes.items()}

    def _label_room(self, columns: int) -> float:
        metrics = QFontMetrics(self._theme.ui(8))
        longest = max((metrics.horizontalAdvance(name) for name in self._areas), default=0)
        pixels = min(longest + 14, columns // 3)
        return pixels / max(pixels, columns - pixels)

    def _place_labels(self, shares: dict[str, Numbers], right: float) -> None:
        """Write names beside the bands that are high enough."""
        height = max(1.0, self.widget.getViewBox().height())
        top = 0.0
        for name, (_, label) in self._areas.items():
            share = float(shares[name][-1]) if name in shares and len(shares[name]) else 0.0
            label.setVisible(share * height >= _LEAST)
            label.setPos(right + self._pixel() * 3, top + share / 2)
            top += share
