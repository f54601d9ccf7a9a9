"""A base class of charts with two axes, and the scale that maps values to pixels."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from app.results.charts.result_chart import ResultChart
from app.theme.theme import CurveStyle, Theme
from engine.core.formatting.ticks import linear_ticks, tick_label

_TOP, _RIGHT, _TICK = 10.0, 14.0, 5.0  # pixels around the axes
_X_TICK_GAP, _Y_TICK_GAP = 62.0, 34.0  # minimum distance of two ticks, in pixels
_LINE_WIDTH = 1.8
_PADDING = 0.05  # fraction of an axis range that is added at each end


class AxisScale:
    """A linear mapping from the values `low` to `high` to the pixels `start` to `stop`."""

    def __init__(self, low: float, high: float, start: float, stop: float) -> None:
        self.low, self.high = low, high if high > low else low + 1.0
        self.start, self.stop = start, stop

    def to_pixel(self, value: float) -> float:
        """Return the pixel coordinate of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def from_pixel(self, pixel: float) -> float:
        """Return the value at a pixel coordinate."""
        return self.low + (pixel - self.start) / (self.stop - self.start) * (self.high - self.low)

    def ticks(self, min_gap: float) -> list[float]:
        """Return round values within the range that are at least `min_gap` pixels apart."""
        pixels = max(1.0, abs(self.stop - self.start))
        return linear_ticks(self.low, self.high, (self.high - self.low) * min_gap / pixels)


class AxesChart(ResultChart):
    """A base class of charts with axes, ticks and axis titles.

    Args:
        name: the accessible name.
        titles: the titles of the x axis and the y axis.
    """

    def __init__(self, theme: Theme, name: str, titles: tuple[str, str]) -> None:
        super().__init__(theme, name)
        self._axis_titles = titles
        self._x_range = self._y_range = (0.0, 1.0)
        self._x = self._y = AxisScale(0, 1, 0, 1)

    def draw_content(self, painter: QPainter) -> None:
        """Paint the content of the chart, which is clipped to the area between the axes."""
        raise NotImplementedError

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        font = self._theme.mono_font(7.5)
        metrics = QFontMetricsF(font)
        line_height = metrics.height()
        scale = AxisScale(*self._y_range, rect.height() - 2 * line_height, _TOP)
        labels = map(tick_label, scale.ticks(_Y_TICK_GAP))
        widest = max(map(metrics.horizontalAdvance, labels), default=0)
        right = self._legend_width(rect) + _RIGHT
        left, bottom = widest + line_height + 14, 2 * line_height + _TICK + 8
        area = QRectF(rect).adjusted(left, _TOP, -right, -bottom)
        self._x = AxisScale(*self._x_range, area.left(), area.right())
        self._y = AxisScale(*self._y_range, area.bottom(), area.top())
        painter.setFont(font)
        self._draw_ticks(painter, area, metrics)
        self._draw_titles(painter, rect, area)
        painter.save()
        painter.setClipRect(area.adjusted(-5, -5, 5, 5))
        self.draw_content(painter)
        painter.restore()
        self.draw_legend(painter, area)

    def draw_legend(self, painter: QPainter, area: QRectF) -> None:
        """Paint the legend to the right of the axes; none by default."""

    def _legend_width(self, rect: QRectF) -> float:
        """Return the width of the legend in pixels."""
        return 0.0

    def _draw_ticks(self, painter: QPainter, area: QRectF, metrics: QFontMetricsF) -> None:
        grid, dim = QPen(self._theme.color("grid"), 1), self._theme.color("dim")
        for value in self._x.ticks(_X_TICK_GAP):
            position = self._x.to_pixel(value)
            painter.setPen(grid)
            painter.drawLine(QPointF(position, area.top()), QPointF(position, area.bottom()))
            text = tick_label(value)
            width = metrics.horizontalAdvance(text)
            left = min(position - width / 2, area.right() + _RIGHT - width)
            painter.setPen(dim)
            painter.drawText(QPointF(left, area.bottom() + _TICK + metrics.ascent()), text)
        for value in self._y.ticks(_Y_TICK_GAP):
            position = self._y.to_pixel(value)
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), position), QPointF(area.right(), position))
            text = tick_label(value)
            painter.setPen(dim)
            left = area.left() - _TICK - metrics.horizontalAdvance(text)
            painter.drawText(QPointF(left, position + metrics.ascent() / 2 - 1), text)

    def _draw_titles(self, painter: QPainter, rect: QRectF, area: QRectF) -> None:
        x_title, y_title = self._axis_titles
        painter.setFont(self._theme.ui_font(8))
        painter.setPen(self._theme.color("dim"))
        metrics = QFontMetricsF(painter.font())
        mode = Qt.TextElideMode.ElideRight
        text = metrics.elidedText(x_title, mode, area.width())
        left = area.center().x() - metrics.horizontalAdvance(text) / 2
        painter.drawText(QPointF(left, rect.bottom() - metrics.descent() - 2), text)
        text = metrics.elidedText(y_title, mode, area.height())
        painter.save()
        painter.translate(rect.left() + metrics.ascent() + 2, area.center().y())
        painter.rotate(-90)
        painter.drawText(QPointF(-metrics.horizontalAdvance(text) / 2, 0), text)
        painter.restore()

    def _to_pixels(self, x: float, y: float) -> QPointF:
        return QPointF(self._x.to_pixel(x), self._y.to_pixel(y))

    def _draw_line(
        self, painter: QPainter, x: Iterable[float], y: Iterable[float], style: CurveStyle
    ) -> None:
        painter.setPen(line_pen(style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [self._to_pixels(a, b) for a, b in zip(x, y, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def _draw_reference_line(self, painter: QPainter, low: float, high: float) -> None:
        """Draw a dashed diagonal from (`low`, `low`) to (`high`, `high`).

        In a ROC chart, the diagonal shows random predictions. In the other charts, it shows perfect
        predictions or perfect calibration.
        """
        pen = QPen(self._theme.color("outline"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(self._to_pixels(low, low), self._to_pixels(high, high))


def line_pen(style: CurveStyle) -> QPen:
    """Return the pen of a line. Its dashes are as long as those of a line of width 1."""
    pen = QPen(style.color, _LINE_WIDTH)
    if style.dash:
        pen.setDashPattern([length / _LINE_WIDTH for length in style.dash])
    return pen


def axis_range(values: Iterable[float], from_zero: bool = False) -> tuple[float, float]:
    """Return (start, end) of a padded axis for all finite values; `from_zero` sets start to 0."""
    finite = [value for value in values if isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    padding = (high - low) * _PADDING or abs(high) * _PADDING or 0.5
    return (0.0, high + padding) if from_zero else (low - padding, high + padding)
