"""Charts of an evaluation: ROC, precision-recall, calibration, residuals, predicted vs. actual."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.results.charts.chart_axes import AxesChart, axis_range, line_pen
from app.results.charts.result_chart import TextTable
from app.results.phrases import percent
from app.text.phrases import truncate
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun
from engine.core.formatting.numbers import score_or_dash
from engine.runs.evaluation import Calibration, Residuals, ThresholdCurve

_HOVER_RADIUS = 12.0  # pixels
_SWATCH, _LEGEND_GAP, _LEGEND_PADDING = 18.0, 12.0, 30.0  # pixels
_DOT_OPACITY = 0.65
_MAX_LABEL_LENGTH = 16  # characters


class RankingChart(AxesChart):
    """A chart with the ROC curve or the precision-recall curve of each class.

    Args:
        curves: the ROC curves or the precision-recall curves.
        is_precision_recall: True for precision-recall, False for ROC.
    """

    def __init__(
        self, theme: Theme, curves: Sequence[ThresholdCurve], is_precision_recall: bool
    ) -> None:
        self._curves, self._falling = curves, is_precision_recall
        rates = ("false positive rate", "true positive rate")
        titles = ("recall", "precision") if is_precision_recall else rates
        super().__init__(theme, "Precision and recall" if is_precision_recall else "ROC", titles)

    def draw_content(self, painter: QPainter) -> None:
        if not self._falling:
            self._draw_reference_line(painter, 0, 1)
        for index, curve in enumerate(self._curves):
            self._draw_line(painter, curve.x, curve.y, self._theme.curve_style(index))

    def _legend_width(self, rect: QRectF) -> float:
        metrics = QFontMetricsF(self._theme.ui_font(8))
        texts = (text for text, _ in self._legend_entries())
        widest = max(map(metrics.horizontalAdvance, texts), default=0)
        return widest + _LEGEND_PADDING if rect.width() > 2.5 * widest else 0.0

    def _legend_entries(self) -> list[tuple[str, int]]:
        return [
            (
                f"{truncate(curve.label, _MAX_LABEL_LENGTH)} {score_or_dash(curve.area)}".strip(),
                index,
            )
            for index, curve in enumerate(self._curves)
        ]

    def draw_legend(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(self._theme.ui_font(8))
        metrics = QFontMetricsF(painter.font())
        entries, line_height = self._legend_entries(), metrics.height() + 1
        max_count = max(1, int(area.height() / line_height))
        if len(entries) > max_count:
            remaining = (f"{len(entries) - max_count + 1} more", -1)
            entries = [*entries[: max_count - 1], remaining]
        left = area.right() + _LEGEND_GAP
        for row, (text, curve_index) in enumerate(entries):
            baseline = area.top() + metrics.ascent() + row * line_height
            if curve_index >= 0:
                painter.setPen(line_pen(self._theme.curve_style(curve_index)))
                center = baseline - metrics.ascent() / 2 + 1
                painter.drawLine(QPointF(left, center), QPointF(left + _SWATCH, center))
            painter.setPen(self._theme.color("text" if curve_index >= 0 else "dim"))
            painter.drawText(QPointF(left + _SWATCH + 6, baseline), text)

    def hover_text(self, position: QPointF) -> str:
        best, text = _HOVER_RADIUS, ""
        for curve in self._curves:
            for x, y, threshold in zip(curve.x, curve.y, curve.at, strict=True):
                distance = (self._to_pixels(x, y) - position).manhattanLength()
                if distance < best:
                    best = distance
                    label = f"{truncate(curve.label, _MAX_LABEL_LENGTH)}: " if curve.label else ""
                    suffix = "" if threshold is None else f", threshold {threshold:.3g}"
                    text = f"{label}{self._point_text(x, y)}{suffix}"
        return text

    def _point_text(self, x: float, y: float) -> str:
        if self._falling:
            return f"recall {percent(x)}, precision {percent(y)}"
        return f"true positive rate {percent(y)}, false positive rate {percent(x)}"

    def table(self) -> TextTable:
        rows = [["class", *self._axis_titles, "threshold"]]
        for curve in self._curves:
            for x, y, threshold in zip(curve.x, curve.y, curve.at, strict=True):
                text = "" if threshold is None else repr(threshold)
                rows.append([curve.label, repr(x), repr(y), text])
        return rows


class CalibrationChart(AxesChart):
    """A reliability diagram: accuracy by confidence. The diagonal shows perfect calibration."""

    def __init__(self, theme: Theme, calibration: Calibration) -> None:
        self._data = calibration
        super().__init__(theme, "Calibration", ("confidence", "accuracy"))

    def draw_content(self, painter: QPainter) -> None:
        """Draw a histogram of the confidences, in a faint color, and the calibration curve."""
        style = self._theme.curve_style(1)
        faint = QColor(style.color)
        faint.setAlphaF(0.25)
        max_count = max((interval.count for interval in self._data.bins), default=1)
        for interval in self._data.bins:
            left, right = self._x.to_pixel(interval.low) + 1, self._x.to_pixel(interval.high) - 1
            top = self._y.to_pixel(0.3 * interval.count / max_count)
            painter.fillRect(QRectF(left, top, right - left, self._y.to_pixel(0) - top), faint)
        self._draw_reference_line(painter, 0, 1)
        xs = [interval.predicted for interval in self._data.bins]
        ys = [interval.observed for interval in self._data.bins]
        self._draw_line(painter, xs, ys, style)
        painter.setPen(QPen(style.color, 1.5))
        painter.setBrush(self._theme.color("surface"))
        for x, y in zip(xs, ys, strict=True):
            painter.drawEllipse(self._to_pixels(x, y), 3.5, 3.5)

    def hover_text(self, position: QPointF) -> str:
        value = self._x.from_pixel(position.x())
        interval = next((i for i in self._data.bins if i.low <= value < i.high), None)
        if interval is None:
            return ""
        confidence, accuracy = percent(interval.predicted), percent(interval.observed)
        count = count_noun(interval.count, "prediction")
        return f"{count}: mean confidence {confidence}, accuracy {accuracy}"

    def table(self) -> TextTable:
        rows = [["from", "to", "predictions", "mean confidence", "accuracy"]]
        for interval in self._data.bins:
            bounds = (interval.low, interval.high)
            numbers = (*bounds, interval.count, interval.predicted, interval.observed)
            rows.append([repr(number) for number in numbers])
        return rows


class ResidualHistogram(AxesChart):
    """A histogram of residuals."""

    def __init__(self, theme: Theme, residuals: Residuals, unit: str) -> None:
        self._data = residuals
        title = f"predicted − true{f', {unit}' if unit else ''}"
        super().__init__(theme, "Residuals", (title, "rows"))
        self._x_range = (residuals.edges[0], residuals.edges[-1])
        self._y_range = axis_range(map(float, residuals.counts), from_zero=True)

    def draw_content(self, painter: QPainter) -> None:
        color = self._theme.curve_style(1).color
        for low, high, count in self._bars():
            left, right = self._x.to_pixel(low) + 0.5, self._x.to_pixel(high) - 0.5
            top = self._y.to_pixel(count)
            painter.fillRect(QRectF(left, top, right - left, self._y.to_pixel(0) - top), color)
        painter.setPen(QPen(self._theme.color("text"), 1, Qt.PenStyle.DashLine))
        zero = self._x.to_pixel(0)
        painter.drawLine(QPointF(zero, self._y.start), QPointF(zero, self._y.stop))

    def _bars(self) -> list[tuple[float, float, int]]:
        edges = self._data.edges
        return list(zip(edges, edges[1:], self._data.counts, strict=False))

    def hover_text(self, position: QPointF) -> str:
        value = self._x.from_pixel(position.x())
        bar = next((bar for bar in self._bars() if bar[0] <= value < bar[1]), None)
        if bar is None:
            return ""
        return f"{count_noun(bar[2], 'row')} with a residual of {bar[0]:.4g} to {bar[1]:.4g}"

    def table(self) -> TextTable:
        rows = [["from", "to", "rows"]]
        return [*rows, *([repr(low), repr(high), str(count)] for low, high, count in self._bars())]


class PredictedVsActual(AxesChart):
    """A scatter plot of predicted and true values. The diagonal shows perfect predictions."""

    def __init__(self, theme: Theme, residuals: Residuals, unit: str) -> None:
        self._data = residuals
        unit_suffix = f", {unit}" if unit else ""
        titles = (f"true{unit_suffix}", f"predicted{unit_suffix}")
        super().__init__(theme, "Predicted vs. actual", titles)
        self._x_range = self._y_range = axis_range((*residuals.truth, *residuals.predicted))

    def draw_content(self, painter: QPainter) -> None:
        self._draw_reference_line(painter, *self._x_range)
        color = QColor(self._theme.curve_style(1).color)
        color.setAlphaF(_DOT_OPACITY)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in zip(self._data.truth, self._data.predicted, strict=True):
            painter.drawEllipse(self._to_pixels(x, y), 2.4, 2.4)

    def hover_text(self, position: QPointF) -> str:
        best, text = _HOVER_RADIUS, ""
        for x, y in zip(self._data.truth, self._data.predicted, strict=True):
            distance = (self._to_pixels(x, y) - position).manhattanLength()
            if distance < best:
                best, text = distance, f"true {x:.5g}, predicted {y:.5g}"
        return text

    def table(self) -> TextTable:
        pairs = zip(self._data.truth, self._data.predicted, strict=True)
        return [["true", "predicted"], *([repr(x), repr(y)] for x, y in pairs)]
