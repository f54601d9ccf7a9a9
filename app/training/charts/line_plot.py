"""Line plot of training and validation values, with labels and annotations.

Import it only when there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics

from app.controls.display.plot import curve_pen
from app.theme.theme import mix_colors
from app.training.charts.base_plot import BasePlot
from app.training.charts.plot_math import separate_labels, value_at_step, value_range
from app.training.charts.view_options import AUTOMATIC, ViewOptions
from app.training.curves.curve_names import LEARNING_RATE
from app.training.curves.run_curves import Curves, EpochSeries
from app.training.curves.step_series import FloatArray
from engine.core.formatting.numbers import format_score

Points = tuple[FloatArray, FloatArray]  # steps and values
_EMPTY: FloatArray = np.empty(0)
_MAX_MARKERS = 12  # markers per line; on long lines, only every few points have a marker
_SMOOTH_PIXELS = 3  # pixels per point of the smoothed line
_LONG_NAMES, _SHORT_NAMES, _LONG_NAME_WIDTH = ("training", "validation"), ("train", "val"), 230
_VALUE_LIMIT = 1e100  # values are clipped, since the axis range must be finite
_LABEL_HEIGHT, _LABEL_GAP = 13, 3  # pixels
_RAW_OPACITY = 0.4  # of the unsmoothed line behind a smoothed one


class LinePlot(BasePlot):
    """A plot of the training and validation lines of a `ChartSpec`."""

    def _create_items(self, plot: Any) -> None:
        self._names = _LONG_NAMES
        self._log = False
        self._raw = pg.PlotCurveItem(skipFiniteCheck=True)
        self._train = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._validation = pg.PlotCurveItem(skipFiniteCheck=True, antialias=True)
        self._train_markers = pg.ScatterPlotItem(size=6, pxMode=True, useCache=False)
        self._validation_markers = pg.ScatterPlotItem(size=6, pxMode=True, useCache=False)
        self._labels = [pg.TextItem(text, anchor=(0, 0.5)) for text in _LONG_NAMES]
        for item in (
            self._raw,
            self._train,
            self._validation,
            self._train_markers,
            self._validation_markers,
            *self._labels,
        ):
            plot.addItem(item, ignoreBounds=True)
        for label in self._labels:
            label.setVisible(False)  # until its line is drawn

    def apply_theme(self) -> None:
        super().apply_theme()
        theme = self._theme
        train, validation = theme.curve_style(0), theme.curve_style(1)
        self._update_raw_pen()
        self._train.setPen(pg.mkPen(train.color, width=2 if self.spec.by_step else 1))
        self._validation.setPen(curve_pen(validation))
        for markers, curve in (
            (self._train_markers, train),
            (self._validation_markers, validation),
        ):
            markers.setSymbol(curve.marker)
            markers.setPen(pg.mkPen(curve.color))
            markers.setBrush(theme.color("surface"))
        for label, curve in zip(self._labels, (train, validation), strict=True):
            label.setColor(curve.color)
            label.setFont(theme.ui_font(8))

    def _update_raw_pen(self) -> None:
        """Set the pen of the unsmoothed line: fainter if a smoothed line is drawn too."""
        color = self._theme.curve_style(0).color
        if self._is_smoothed:
            # Mixed, since a pen with transparency is slower to draw.
            color = mix_colors(color, self._theme.color("surface"), _RAW_OPACITY)
        self._raw.setPen(pg.mkPen(color, width=1))

    def set_options(self, options: ViewOptions) -> None:
        """Set the options for the next redraw; only loss charts can have a log scale."""
        super().set_options(options)
        self._log = options.log_scale and self.spec.score.endswith("loss")
        self.widget.getPlotItem().getAxis("left").setLogMode(self._log)
        self._update_raw_pen()

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        self._curves = curves
        last = max(last, first + 1)
        width = self._width_in_pixels()
        drawn = [*self._draw_training(first, last, width)]
        is_visible = "validation" not in self._options.hidden_lines
        points = self.spec.validation(curves) if is_visible else None
        validation = self._draw_points(
            self._validation, self._validation_markers, points, first, last
        )
        drawn.append(validation)
        low, high = value_range([values for _, values in drawn], clip_outliers=self.spec.by_step)
        self._set_range(first, last, low, high, self._label_margin(width))
        epoch_points = (_EMPTY, _EMPTY) if self.spec.by_step else drawn[0]
        self.annotations.draw_best(curves, validation if len(validation[0]) else epoch_points)
        self._position_labels([drawn[-2], validation], low, high)
        self.widget.scene().prepareForPaint()  # else the first paint event would cause a second one

    def readouts(self, step: int) -> tuple[str, ...]:
        """Return train and validation value at `step` as texts; the shortest has only the last.

        Step 0 stands for the newest values, of which the training value is the running mean.
        """
        train, validation = map(_format_value, self._values_at(step))
        if train and validation:
            both = f"{train}  val {validation}", f"{train} / {validation}"
            return (*both, f"val {validation}", validation)
        return (f"val {validation}", validation) if validation else (train,)

    @property
    def _is_smoothed(self) -> bool:
        return self.spec.score != LEARNING_RATE and bool(self._options.smoothing)

    def _values_at(self, step: int) -> tuple[float | None, float | None]:
        validation = value_at_step(self.spec.validation(self._curves), step)
        series = self.spec.steps(self._curves)
        if series is None:
            return value_at_step(self.spec.epochs(self._curves), step), validation
        values, curves = series.values, self._curves
        if 0 < step <= len(values):
            return float(values[step - 1]), validation
        name, is_smoothed = self.spec.score, self._is_smoothed
        latest = curves.latest_mean(name) if is_smoothed else curves.latest_value(name)
        return latest, validation

    def _draw_training(self, first: int, last: int, width: int) -> list[Points]:
        series, smoothing = self.spec.steps(self._curves), self._options.smoothing
        is_hidden = "training" in self._options.hidden_lines
        if series is None:
            points = None if is_hidden else self.spec.epochs(self._curves)
            self._raw.setData(_EMPTY, _EMPTY)
            return [self._draw_points(self._train, self._train_markers, points, first, last)]
        raw = smooth = (_EMPTY, _EMPTY)
        if not is_hidden:
            raw = self._to_scale(*series.min_max_points(first, last, width))
        if not is_hidden and self._is_smoothed:
            count = width // _SMOOTH_PIXELS
            if smoothing == AUTOMATIC:
                mean = series.sampled_mean(first, last, count)
            else:
                mean = series.moving_average(first, last, count, smoothing)
            smooth = self._to_scale(*mean)
        self._raw.setData(*raw, skipFiniteCheck=True)
        self._train.setData(*smooth, skipFiniteCheck=True)
        return [raw, smooth if len(smooth[0]) else raw]

    def _draw_points(
        self, line: Any, markers: Any, points: EpochSeries | None, first: int, last: int
    ) -> Points:
        if points is None or not points.steps:
            line.setData(_EMPTY, _EMPTY)
            markers.setData([], [])
            return _EMPTY, _EMPTY
        steps, values = np.asarray(points.steps, dtype=float), np.asarray(points.values)
        is_visible = np.isfinite(values) & (steps >= first) & (steps <= last)
        steps, values = self._to_scale(steps[is_visible], values[is_visible])
        line.setData(steps, values, skipFiniteCheck=True)
        interval = -(-len(steps) // _MAX_MARKERS) or 1
        markers.setData(steps[::-interval], values[::-interval])
        return steps, values

    def _to_scale(self, steps: FloatArray, values: FloatArray) -> Points:
        if not self._log:
            return steps, np.clip(values, -_VALUE_LIMIT, _VALUE_LIMIT)
        is_positive = values > 0
        return steps[is_positive], np.log10(values[is_positive])

    def _label_margin(self, width: int) -> float:
        """Choose long or short labels for the lines, and return the relative width of the labels.

        The relative width is the width of the labels divided by the width that remains for the
        lines. `width` is the width in pixels of lines and labels together.
        """
        names = _LONG_NAMES if width > _LONG_NAME_WIDTH else _SHORT_NAMES
        if names is not self._names:
            self._names = names
            for label, name in zip(self._labels, names, strict=True):
                label.setText(name)
        text = names[self.spec.has_validation]
        pixels = QFontMetrics(self._theme.ui_font(8)).horizontalAdvance(text) + 14
        return pixels / max(pixels, width - pixels)

    def _position_labels(self, lines: Sequence[Points], low: float, high: float) -> None:
        ends = [(float(s[-1]), float(v[-1])) if len(s) else None for s, v in lines]
        min_distance = _LABEL_HEIGHT * (high - low) / max(1.0, self.widget.getViewBox().height())
        heights = iter(separate_labels([end[1] for end in ends if end], min_distance, low, high))
        right = max((end[0] for end in ends if end), default=0.0)
        right += self._steps_per_pixel() * _LABEL_GAP
        for label, end in zip(self._labels, ends, strict=True):
            label.setVisible(end is not None)
            if end is not None:
                label.setPos(right, next(heights))


def _format_value(value: float | None) -> str:
    return "" if value is None else format_score(value)
