"""An interactive confusion matrix. Choosing a cell shows the rows that it counts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen

from app.results.charts.result_chart import CENTERED, ResultChart, TextTable
from app.results.phrases import percent
from app.theme.theme import Theme, mix_colors
from engine.core.formatting.counts import count_noun
from engine.runs.evaluation import ConfusionMatrix

_TITLE, _GAP = 16.0, 6.0  # pixels
_MAX_LABEL = 96.0  # pixels, the maximum width of a row label
_MIN_HORIZONTAL = 48.0  # pixels; labels of narrower columns are vertical if they do not fit
_MIN_TEXT_CELL = (24.0, 13.0)  # pixels; smaller cells show no text
_DIRECTIONS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class ConfusionMatrixChart(ResultChart):
    """A chart of a confusion matrix: counts, or fractions of each true class.

    Signals:
        cell_chosen: the indices of the true and the predicted class of a cell that was clicked, or
            on which Enter was pressed.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, confusion: ConfusionMatrix) -> None:
        super().__init__(theme, "Confusion matrix")
        self._confusion = confusion
        self.is_normalized = False  # whether cells show fractions of the true class
        self.current_cell: tuple[int, int] | None = None
        self._area = QRectF()
        self._has_vertical_labels = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        size = 34 * len(confusion.labels) + 150
        self.setMinimumHeight(max(self.minimumHeight(), 17 * len(confusion.labels) + 90))
        self._size = QSize(max(340, min(size, 900)), max(250, min(size - 60, 800)))

    def sizeHint(self) -> QSize:
        return self._size

    def set_normalized(self, on: bool) -> None:
        """Show fractions of each true class if `on`, else counts."""
        self.is_normalized = on
        self.update()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        painter.setFont(self._theme.ui_font(8.5))
        metrics = QFontMetricsF(painter.font())
        labels = self._confusion.labels
        widest = max((metrics.horizontalAdvance(label) for label in labels), default=0)
        left = min(widest, _MAX_LABEL, rect.width() / 3) + 2 * _GAP + _TITLE
        width = (rect.width() - left - _GAP) / max(1, len(labels))
        self._has_vertical_labels = widest > width - 4 and width < _MIN_HORIZONTAL
        label_height = min(widest, _MAX_LABEL) + 4 if self._has_vertical_labels else _TITLE
        self._area = QRectF(rect).adjusted(left, _TITLE + label_height + _GAP, -_GAP, -_GAP)
        self._draw_titles(painter, rect, metrics, left)
        for truth in range(len(labels)):
            for predicted in range(len(labels)):
                self._draw_cell(painter, truth, predicted)
        if self.current_cell is not None:
            painter.setPen(QPen(self._theme.color("text" if self.hasFocus() else "outline"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.cell_rect(*self.current_cell).adjusted(1, 1, -1, -1), 3, 3)

    def _draw_titles(
        self, painter: QPainter, rect: QRectF, metrics: QFontMetricsF, left: float
    ) -> None:
        elide = Qt.TextElideMode.ElideRight
        painter.setPen(self._theme.color("dim"))
        top_rect = QRectF(self._area.left(), rect.top(), self._area.width(), _TITLE)
        painter.drawText(top_rect, CENTERED, "predicted")
        painter.save()
        painter.translate(rect.left(), self._area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-60, 0, 120, _TITLE), CENTERED, "true")
        painter.restore()
        painter.setPen(self._theme.color("text"))
        alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for index, label in enumerate(self._confusion.labels):
            cell = self.cell_rect(index, index)
            width = left - _TITLE - 2 * _GAP
            label_rect = QRectF(rect.left() + _TITLE + _GAP, cell.top(), width, cell.height())
            if cell.height() >= metrics.height() * 0.8:
                painter.drawText(label_rect, alignment, metrics.elidedText(label, elide, width))
            self._draw_column_label(painter, rect.top() + _TITLE, cell, label, metrics)

    def _draw_column_label(
        self, painter: QPainter, top: float, cell: QRectF, label: str, metrics: QFontMetricsF
    ) -> None:
        """Draw the label above the column of `cell`, below the y coordinate `top`.

        If the columns are too narrow for horizontal labels, the text is vertical.
        """
        height, elide = self._area.top() - top - _GAP, Qt.TextElideMode.ElideRight
        if not self._has_vertical_labels:
            label_rect = QRectF(cell.left(), top, cell.width(), height)
            text = metrics.elidedText(label, elide, cell.width() - 4)
            painter.drawText(label_rect, CENTERED, text)
        elif cell.width() >= metrics.height() * 0.8:
            painter.save()
            painter.translate(cell.center().x(), self._area.top() - _GAP)
            painter.rotate(-90)
            label_rect = QRectF(0, -cell.width() / 2, height, cell.width())
            alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(label_rect, alignment, metrics.elidedText(label, elide, height))
            painter.restore()

    def _draw_cell(self, painter: QPainter, truth: int, predicted: int) -> None:
        cell = self.cell_rect(truth, predicted).adjusted(0.5, 0.5, -0.5, -0.5)
        fraction = self._fraction(truth, predicted)
        background = mix_colors(self._theme.color("accent"), self._theme.color("surface"), fraction)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(background)
        painter.drawRect(cell)
        if cell.width() < _MIN_TEXT_CELL[0] or cell.height() < _MIN_TEXT_CELL[1]:
            return
        count = self._confusion.counts[truth][predicted]
        painter.setFont(self._theme.mono_font(8))
        painter.setPen(self._text_color(background) if count else self._theme.color("faint"))
        painter.drawText(cell, CENTERED, f"{fraction:.0%}" if self.is_normalized else f"{count:,}")

    def _text_color(self, background: QColor) -> QColor:
        """Return the text color with the higher contrast to a background."""
        colors = (self._theme.color("text"), self._theme.color("on_accent"))
        return max(colors, key=lambda color: abs(color.lightnessF() - background.lightnessF()))

    def _fraction(self, truth: int, predicted: int) -> float:
        row = self._confusion.counts[truth]
        return row[predicted] / (sum(row) or 1)

    def cell_rect(self, truth: int, predicted: int) -> QRectF:
        """Return the rectangle of the cell of a true and a predicted class, given as indices."""
        count = max(1, len(self._confusion.labels))
        width, height = self._area.width() / count, self._area.height() / count
        left, top = self._area.left() + predicted * width, self._area.top() + truth * height
        return QRectF(left, top, width, height)

    def _cell_at(self, position: QPointF) -> tuple[int, int] | None:
        if not self._area.contains(position):
            return None
        count = len(self._confusion.labels)
        row = (position.y() - self._area.top()) / self._area.height()
        column = (position.x() - self._area.left()) / self._area.width()
        return min(int(row * count), count - 1), min(int(column * count), count - 1)

    def hover_text(self, position: QPointF) -> str:
        cell = self._cell_at(position)
        return "" if cell is None else self.cell_text(*cell)

    def cell_text(self, truth: int, predicted: int) -> str:
        """Return the classes, count and fraction of a cell as text."""
        labels, count = self._confusion.labels, self._confusion.counts[truth][predicted]
        fraction = percent(self._fraction(truth, predicted))
        counted = f"{count_noun(count, 'prediction')}, {fraction}"
        return f"true {labels[truth]}, predicted {labels[predicted]}: {counted}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose_cell(*cell)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = _DIRECTIONS.get(Qt.Key(event.key()))
        if direction is not None and self._confusion.labels:
            if self.current_cell is None:
                self.current_cell = (0, 0)
            else:
                last = len(self._confusion.labels) - 1
                row, column = (a + b for a, b in zip(self.current_cell, direction, strict=True))
                self.current_cell = (min(max(row, 0), last), min(max(column, 0), last))
            self.hover_text_changed.emit(self.cell_text(*self.current_cell))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_cell is not None:
            self._choose_cell(*self.current_cell)
        else:
            super().keyPressEvent(event)

    def _choose_cell(self, truth: int, predicted: int) -> None:
        self.current_cell = (truth, predicted)
        self.hover_text_changed.emit(self.cell_text(truth, predicted))
        self.update()
        self.cell_chosen.emit(truth, predicted)

    def table(self) -> TextTable:
        labels = self._confusion.labels
        rows = zip(labels, self._confusion.counts, strict=True)
        return [["true \\ predicted", *labels], *([name, *map(str, row)] for name, row in rows)]
