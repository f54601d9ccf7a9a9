"""Stacked area plot of the share of each output in the total loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics

from app.theme.theme import mix_colors
from app.training.charts.base_plot import BasePlot
from app.training.curves.curve_names import TOTAL_LOSS
from app.training.curves.run_curves import Curves
from app.training.curves.step_series import FloatArray

_POINT_PIXELS = 3  # pixels per drawn point
_FIRST_COLOR = 2  # the first two colors belong to training and validation
_MIN_LABEL_PIXELS = 12  # minimum height of a band with a label
_OPACITY = 0.6  # opacity of the fill; full colors would dominate the line plots next to it
_OTHER = "rest"  # share of regularizers and of learned loss weights


class SharePlot(BasePlot):
    """A stacked area plot of the loss shares of the outputs; the shares add up to one."""

    def _create_items(self, plot: Any) -> None:
        self._areas: dict[str, tuple[Any, Any]] = {}
        self._epoch_lines.setZValue(-1000)
        plot.getAxis("left").setTicks([[(tick, f"{tick:.0%}") for tick in (0, 0.25, 0.5, 0.75, 1)]])

    def apply_theme(self) -> None:
        super().apply_theme()
        edge = self._theme.color("surface")
        for index, (name, (area, label)) in enumerate(self._areas.items()):
            color = self._theme.curve_style(index + _FIRST_COLOR).color
            if name == _OTHER:
                color = self._theme.color("faint")
            area.setPen(pg.mkPen(edge, width=1))
            area.setBrush(mix_colors(color, self._theme.color("surface"), _OPACITY))
            label.setColor(color)
            label.setFont(self._theme.ui_font(8))

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        self._curves = curves
        last = max(last, first + 1)
        self._update_areas(curves)
        width = self._width_in_pixels()
        steps, shares = self._compute_shares(first, last, width // _POINT_PIXELS)
        tops = np.cumsum(list(shares.values()), axis=0) if shares else np.empty((0, 0))
        for (area, _), top in zip(self._areas.values(), tops, strict=False):
            area.setData(steps, top, fillLevel=0, skipFiniteCheck=True)
        self._set_range(first, last, 0, 1, self._label_margin(width))
        self._position_labels(shares, float(steps[-1]) if len(steps) else 0.0)
        self.widget.scene().prepareForPaint()

    def readouts(self, step: int) -> tuple[str, ...]:
        """Return the loss shares at a step as text; the shorter text has only the largest share."""
        step_index = step or len(self._curves.steps.get(TOTAL_LOSS, ()))
        _, arrays = self._compute_shares(step_index, step_index, 1)
        shares = {name: float(values[-1]) for name, values in arrays.items() if len(values)}
        shares = {name: share for name, share in shares.items() if name != _OTHER or share >= 0.005}
        parts = [f"{name} {share:.0%}" for name, share in shares.items()]
        largest = max(zip(shares.values(), parts, strict=True), default=(0.0, ""))[1]
        return "  ".join(parts), largest

    def _update_areas(self, curves: Curves) -> None:
        """If the outputs have changed, create a new area and a new label for each output.

        An area is filled from 0 to the sum of the loss shares of its output and of all previous
        outputs. Therefore the area of the first output is drawn in front.
        """
        names = [*(head.name for head in curves.outputs), _OTHER]
        if names == list(self._areas):
            return
        plot = self.widget.getPlotItem()
        for area, label in self._areas.values():
            plot.removeItem(area)
            plot.removeItem(label)
        self._areas = {}
        for index, name in enumerate(names):
            area = pg.PlotCurveItem(skipFiniteCheck=True, fillLevel=0)
            area.setZValue(-index - 1)
            label = pg.TextItem(name, anchor=(0, 0.5))
            for item in (area, label):
                plot.addItem(item, ignoreBounds=True)
            self._areas[name] = (area, label)
        self.apply_theme()

    def _compute_shares(
        self, first: int, last: int, count: int
    ) -> tuple[FloatArray, dict[str, FloatArray]]:
        """Return about `count` steps from `first` to `last`, and their loss shares by output name.

        The size of an output is |smoothed loss * weight|. The remainder, with the name `_OTHER`, is
        the part of the total loss that no output explains. A share is the size of an output, or the
        remainder, divided by the sum of all sizes and the remainder.
        """
        curves = self._curves
        if TOTAL_LOSS not in curves.steps:
            return np.empty(0), {}
        steps, total = curves.steps[TOTAL_LOSS].sampled_mean(first, last, count)
        weights = curves.loss_weights_at(steps)
        weighted = {}
        for head in curves.outputs:
            series = curves.steps.get(f"{head.name}/loss")
            losses = series.running_mean_at(steps) if series is not None else np.zeros(len(steps))
            weighted[head.name] = np.nan_to_num(losses * weights[head.name])
        remainder = np.abs(total - sum(weighted.values(), start=np.zeros(len(steps))))
        sizes = {name: np.abs(part) for name, part in weighted.items()}
        total_size = sum(sizes.values(), start=remainder)
        divisor = np.where(total_size > 0, total_size, 1)
        sizes[_OTHER] = remainder
        return steps, {name: size / divisor for name, size in sizes.items()}

    def _label_margin(self, width: int) -> float:
        metrics = QFontMetrics(self._theme.ui_font(8))
        name_width = max((metrics.horizontalAdvance(name) for name in self._areas), default=0)
        pixels = min(name_width + 14, width // 3)
        return pixels / max(pixels, width - pixels)

    def _position_labels(self, shares: dict[str, FloatArray], right: float) -> None:
        height = max(1.0, self.widget.getViewBox().height())
        top = 0.0
        for name, (_, label) in self._areas.items():
            share = float(shares[name][-1]) if name in shares and len(shares[name]) else 0.0
            label.setVisible(share * height >= _MIN_LABEL_PIXELS)
            label.setPos(right + self._steps_per_pixel() * 3, top + share / 2)
            top += share
