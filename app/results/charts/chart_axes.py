"""A drawing with two axes: where numbers lie on it, and round numbers beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, floor, isfinite, log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.results.charts.chart_base import Drawing
from app.theme.theme import CurveStyle, Theme

_TOP, _RIGHT, _TICK = 10.0, 14.0, 5.0  # pixels around the axes
_APART, _HIGH = 62.0, 34.0  # least pixels between two round numbers
_ROOM = 0.05  # of what is shown, beside it


class Scale:
    """Leads from numbers to pixels along one axis."""

    def __init__(self, low: float, high: float, start: float, stop: float) -> None:
        self.low, self.high = low, high if high > low else low + 1.0
        self.start, self.stop = start, stop

    def at(self, value: float) -> float:
        """Return the pixel of a number."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def value(self, pixel: float) -> float:
        """Return the number at a pixel."""
        return self.low + (pixel - self.start) / (self.stop - self.start) * (self.high - self.low)

    def ticks(self, apart: float) -> Iterator[float]:
        """Yield round numbers, at least so many pixels apart."""
        least = (self.high - self.low) * apart / max(1.0, abs(self.stop - self.start))
        ten = 10.0 ** floor(log10(least)) if least > 0 else 1.0
        step = next(size * ten for size in (1, 2, 5, 10) if size * ten >= least * 0.999)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        yield from (round(number * step, 12) for number in range(first, last + 1))


class Axes(Drawing):
    """Paints a frame with round numbers, and what a kind of drawing has within.

    Args:
        x, y: what is shown along the axes: lowest and highest number.
        titles: what stands beside them.
    """

    def __init__(
        self, theme: Theme, name: str, titles: tuple[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, parent)
        self._titles = titles
        self._x_reach = self._y_reach = (0.0, 1.0)
        self._x = self._y = Scale(0, 1, 0, 1)

    def inside(self, painter: QPainter) -> None:
        """Paint what lies on the axes."""
        raise NotImplementedError

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Paint axes, and what lies on them."""
        font = self._theme.mono_font(7.5)
        metrics = QFontMetricsF(font)
        line = metrics.height()
        rough = Scale(*self._y_reach, room.height() - 2 * line, _TOP)
        widest = max(
            (metrics.horizontalAdvance(f"{each:.6g}") for each in rough.ticks(_HIGH)), default=0
        )
        right = self._beside(room) + _RIGHT
        area = QRectF(room).adjusted(widest + line + 14, _TOP, -right, -(2 * line + _TICK + 8))
        self._x = Scale(*self._x_reach, area.left(), area.right())
        self._y = Scale(*self._y_reach, area.bottom(), area.top())
        painter.setFont(font)
        self._draw_ticks(painter, area, metrics)
        self._draw_titles(painter, room, area)
        painter.save()
        painter.setClipRect(area.adjusted(-5, -5, 5, 5))
        self.inside(painter)
        painter.restore()
        self.outside(painter, area)

    def outside(self, painter: QPainter, area: QRectF) -> None:
        """Paint what stands beside the axes."""

    def _beside(self, room: QRectF) -> float:
        """Return the pixels that are kept free right of the axes."""
        return 0.0

    def _draw_ticks(self, painter: QPainter, area: QRectF, metrics: QFontMetricsF) -> None:
        grid, dim = QPen(self._theme.color("grid"), 1), self._theme.color("dim")
        for value in self._x.ticks(_APART):
            at = self._x.at(value)
            painter.setPen(grid)
            painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
            text = f"{value:.6g}"
            wide = metrics.horizontalAdvance(text)
            left = min(at - wide / 2, area.right() + _RIGHT - wide)
            painter.setPen(dim)
            painter.drawText(QPointF(left, area.bottom() + _TICK + metrics.ascent()), text)
        for value in self._y.ticks(_HIGH):
            at = self._y.at(value)
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at))
            text = f"{value:.6g}"
            painter.setPen(dim)
            left = area.left() - _TICK - metrics.horizontalAdvance(text)
            painter.drawText(QPointF(left, at + metrics.ascent() / 2 - 1), text)

    def _draw_titles(self, painter: QPainter, room: QRectF, area: QRectF) -> None:
        across, up = self._titles
        painter.setFont(self._theme.ui_font(8))
        painter.setPen(self._theme.color("dim"))
        metrics = QFontMetricsF(painter.font())
        mode = Qt.TextElideMode.ElideRight
        text = metrics.elidedText(across, mode, area.width())
        left = area.center().x() - metrics.horizontalAdvance(text) / 2
        painter.drawText(QPointF(left, room.bottom() - metrics.descent() - 2), text)
        text = metrics.elidedText(up, mode, area.height())
        painter.save()
        painter.translate(room.left() + metrics.ascent() + 2, area.center().y())
        painter.rotate(-90)
        painter.drawText(QPointF(-metrics.horizontalAdvance(text) / 2, 0), text)
        painter.restore()

    def _line(
        self, painter: QPainter, x: Iterable[float], y: Iterable[float], look: CurveStyle
    ) -> None:
        pen = QPen(look.color, 1.8)
        if look.dash:
            pen.setDashPattern([part / 1.8 for part in look.dash])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = zip(x, y, strict=True)
        painter.drawPolyline(QPolygonF([QPointF(self._x.at(a), self._y.at(b)) for a, b in points]))

    def _ideal(self, painter: QPainter, low: float, high: float) -> None:
        """Draw the line on which all would be as it should."""
        pen = QPen(self._theme.color("outline"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(
            QPointF(self._x.at(low), self._y.at(low)), QPointF(self._x.at(high), self._y.at(high))
        )


def reach(values: Iterable[float], zero: bool = False) -> tuple[float, float]:
    """Return the lowest and the highest number to show, with a little room beside them."""
    known = [value for value in values if isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low) * _ROOM or abs(high) * _ROOM or 0.5
    return (0.0, high + room) if zero else (low - room, high + room)
