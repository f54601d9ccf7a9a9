"""The drawings of an evaluation: rankings, calibration, residuals, predictions by the truth."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.results.charts.chart_axes import Axes, reach
from app.results.charts.chart_base import Table
from app.results.phrases import percent, score
from app.text.phrases import count_noun
from app.theme.theme import Theme
from engine.runs.evaluation import Calibration, Ranking, Residuals

_NEAR = 12.0  # pixels within which a point is meant
_STROKE, _RIGHT_GAP, _KEY = 18.0, 12.0, 30.0  # pixels of a curve's key, and beside it
_DOTS = 0.65


class Rankings(Axes):
    """ROC curves, or precision against recall; one for each class.

    Args:
        curves: to draw.
        falling: precision against recall.
    """

    def __init__(self, theme: Theme, curves: Sequence[Ranking], falling: bool) -> None:
        self._curves, self._falling = curves, falling
        titles = ("recall", "precision") if falling else ("false alarms", "found")
        super().__init__(theme, "Precision and recall" if falling else "ROC", titles)
        self._x_reach = self._y_reach = (0.0, 1.0)

    def inside(self, painter: QPainter) -> None:
        """Draw the curves."""
        if not self._falling:
            self._ideal(painter, 0, 1)
        for place, curve in enumerate(self._curves):
            self._line(painter, curve.x, curve.y, self._theme.curve_style(place))

    def _beside(self, room: QRectF) -> float:
        metrics = QFontMetricsF(self._theme.ui_font(8))
        widest = max((metrics.horizontalAdvance(text) for text, _ in self._names()), default=0)
        return widest + _KEY if room.width() > 2.5 * widest else 0.0

    def _names(self) -> list[tuple[str, int]]:
        """Return what the curves are called, with their areas, and which line each has."""
        return [
            (f"{_brief(each.label)} {score(each.area)}".strip(), at)
            for at, each in enumerate(self._curves)
        ]

    def outside(self, painter: QPainter, area: QRectF) -> None:
        """Name the curves beside them, as many as there is room for."""
        painter.setFont(self._theme.ui_font(8))
        metrics = QFontMetricsF(painter.font())
        names, line = self._names(), metrics.height() + 1
        room = max(1, int(area.height() / line))
        if len(names) > room:
            names = [*names[: room - 1], (f"{len(names) - room + 1} more", -1)]
        left = area.right() + _RIGHT_GAP
        for place, (text, at) in enumerate(names):
            down = area.top() + metrics.ascent() + place * line
            if at >= 0:
                look = self._theme.curve_style(at)
                pen = QPen(look.color, 1.8)
                if look.dash:
                    pen.setDashPattern([part / 1.8 for part in look.dash])
                painter.setPen(pen)
                middle = down - metrics.ascent() / 2 + 1
                painter.drawLine(QPointF(left, middle), QPointF(left + _STROKE, middle))
            painter.setPen(self._theme.color("text" if at >= 0 else "dim"))
            painter.drawText(QPointF(left + _STROKE + 6, down), text)

    def told_at(self, at: QPointF) -> str:
        """Return the point of the nearest curve."""
        best, told = _NEAR, ""
        for curve in self._curves:
            for x, y, threshold in zip(curve.x, curve.y, curve.at, strict=True):
                away = (QPointF(self._x.at(x), self._y.at(y)) - at).manhattanLength()
                if away < best:
                    best = away
                    label = f"{_brief(curve.label)}: " if curve.label else ""
                    over = "" if threshold is None else f" from {threshold:.3g} on"
                    told = f"{label}{self._words(x, y)}{over}"
        return told

    def _words(self, x: float, y: float) -> str:
        if self._falling:
            return f"recall {percent(x)}, precision {percent(y)}"
        return f"{percent(y)} found, {percent(x)} false alarms"

    def table(self) -> Table:
        """Return all points."""
        rows = [["class", *self._titles, "threshold"]]
        for curve in self._curves:
            for x, y, threshold in zip(curve.x, curve.y, curve.at, strict=True):
                rows.append(
                    [curve.label, repr(x), repr(y), "" if threshold is None else repr(threshold)]
                )
        return rows


class Deserved(Axes):
    """How often answers of a confidence came true; on the dashed line all is deserved."""

    def __init__(self, theme: Theme, found: Calibration) -> None:
        self._found = found
        super().__init__(theme, "Calibration", ("confidence", "came true"))

    def inside(self, painter: QPainter) -> None:
        """Draw how many answers there are, low and faint, and how many came true."""
        look = self._theme.curve_style(1)
        faint = QColor(look.color)
        faint.setAlphaF(0.25)
        most = max((each.count for each in self._found.bins), default=1)
        for each in self._found.bins:
            left, right = self._x.at(each.low) + 1, self._x.at(each.high) - 1
            top = self._y.at(0.3 * each.count / most)
            painter.fillRect(QRectF(left, top, right - left, self._y.at(0) - top), faint)
        self._ideal(painter, 0, 1)
        xs = [each.predicted for each in self._found.bins]
        ys = [each.observed for each in self._found.bins]
        self._line(painter, xs, ys, look)
        painter.setPen(QPen(look.color, 1.5))
        painter.setBrush(self._theme.color("surface"))
        for x, y in zip(xs, ys, strict=True):
            painter.drawEllipse(QPointF(self._x.at(x), self._y.at(y)), 3.5, 3.5)

    def told_at(self, at: QPointF) -> str:
        """Return the answers of about the confidence there."""
        value = self._x.value(at.x())
        each = next((one for one in self._found.bins if one.low <= value < one.high), None)
        if each is None:
            return ""
        sure, true = percent(each.predicted), percent(each.observed)
        return f"{count_noun(each.count, 'answer')}: {sure} sure, {true} came true"

    def table(self) -> Table:
        """Return the bins."""
        rows = [["from", "to", "answers", "mean confidence", "came true"]]
        for each in self._found.bins:
            numbers = (each.low, each.high, each.count, each.predicted, each.observed)
            rows.append([repr(number) for number in numbers])
        return rows


class Histogram(Axes):
    """How far predictions are off."""

    def __init__(self, theme: Theme, found: Residuals, unit: str) -> None:
        self._found = found
        title = f"predicted − true{f', {unit}' if unit else ''}"
        super().__init__(theme, "Residuals", (title, "rows"))
        self._x_reach = (found.edges[0], found.edges[-1])
        self._y_reach = reach(map(float, found.counts), zero=True)

    def inside(self, painter: QPainter) -> None:
        """Draw the bars, and a line where nothing is off."""
        color = self._theme.curve_style(1).color
        for low, high, count in self._bars():
            left, right, top = self._x.at(low) + 0.5, self._x.at(high) - 0.5, self._y.at(count)
            painter.fillRect(QRectF(left, top, right - left, self._y.at(0) - top), color)
        painter.setPen(QPen(self._theme.color("text"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(
            QPointF(self._x.at(0), self._y.start), QPointF(self._x.at(0), self._y.stop)
        )

    def _bars(self) -> list[tuple[float, float, int]]:
        edges = self._found.edges
        return list(zip(edges, edges[1:], self._found.counts, strict=False))

    def told_at(self, at: QPointF) -> str:
        """Return the bar there."""
        value = self._x.value(at.x())
        bar = next((each for each in self._bars() if each[0] <= value < each[1]), None)
        if bar is None:
            return ""
        return f"{count_noun(bar[2], 'row')} off by {bar[0]:.4g} to {bar[1]:.4g}"

    def table(self) -> Table:
        """Return the bars."""
        rows = [["from", "to", "rows"]]
        return [*rows, *([repr(low), repr(high), str(count)] for low, high, count in self._bars())]


class Against(Axes):
    """Predictions against the truth; on the dashed line they are right."""

    def __init__(self, theme: Theme, found: Residuals, unit: str) -> None:
        self._found = found
        behind = f", {unit}" if unit else ""
        super().__init__(theme, "Predicted against true", (f"true{behind}", f"predicted{behind}"))
        self._x_reach = self._y_reach = reach((*found.truth, *found.predicted))

    def inside(self, painter: QPainter) -> None:
        """Draw a dot for each row."""
        self._ideal(painter, *self._x_reach)
        color = QColor(self._theme.curve_style(1).color)
        color.setAlphaF(_DOTS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in zip(self._found.truth, self._found.predicted, strict=True):
            painter.drawEllipse(QPointF(self._x.at(x), self._y.at(y)), 2.4, 2.4)

    def told_at(self, at: QPointF) -> str:
        """Return the nearest row's numbers."""
        best, told = _NEAR, ""
        for x, y in zip(self._found.truth, self._found.predicted, strict=True):
            away = (QPointF(self._x.at(x), self._y.at(y)) - at).manhattanLength()
            if away < best:
                best, told = away, f"true {x:.5g}, predicted {y:.5g}"
        return told

    def table(self) -> Table:
        """Return the rows that are drawn."""
        pairs = zip(self._found.truth, self._found.predicted, strict=True)
        return [["true", "predicted"], *([repr(x), repr(y)] for x, y in pairs)]


def _brief(label: str) -> str:
    return label if len(label) <= 16 else f"{label[:15]}…"
