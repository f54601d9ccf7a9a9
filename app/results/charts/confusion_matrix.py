"""Which class was taken for which: a matrix whose cells lead to their rows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen

from app.results.charts.chart_base import PLAIN, Drawing, Table
from app.results.phrases import percent
from app.text.phrases import count_noun
from app.theme.style import mix_colors
from app.theme.theme import Theme
from engine.runs.evaluation import Confusion

_LINE, _GAP = 16.0, 6.0  # pixels of a title's height, and beside labels
_LABEL = 96.0  # at most, of a label
_ACROSS = 48.0  # of a cell whose label is written across, though not all of it
_READ = (24.0, 13.0)  # least size of a cell that has room for its number
_WAYS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class Matrix(Drawing):
    """Paints counts, or shares of the true class.

    Signals:
        cell_chosen: a cell was clicked, or Enter was pressed on it: its row and column.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, found: Confusion) -> None:
        super().__init__(theme, "Confusion matrix")
        self._found = found
        self._shares = False
        self._current: tuple[int, int] | None = None
        self._area = QRectF()
        self._upright = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        side = 34 * len(found.labels) + 150
        self.setMinimumHeight(max(self.minimumHeight(), 17 * len(found.labels) + 90))
        self._size = QSize(max(340, min(side, 900)), max(250, min(side - 60, 800)))

    def sizeHint(self) -> QSize:
        """As large as its cells can be read."""
        return self._size

    @property
    def shares(self) -> bool:
        """Whether cells tell shares of their row."""
        return self._shares

    def set_shares(self, on: bool) -> None:
        """Tell shares of the true class, or counts."""
        self._shares = on
        self.update()

    @property
    def current(self) -> tuple[int, int] | None:
        """The cell that was chosen last."""
        return self._current

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Paint labels and cells."""
        painter.setFont(self._theme.ui_font(8.5))
        metrics = QFontMetricsF(painter.font())
        labels = self._found.labels
        widest = max((metrics.horizontalAdvance(label) for label in labels), default=0)
        left = min(widest, _LABEL, room.width() / 3) + 2 * _GAP + _LINE
        across = (room.width() - left - _GAP) / max(1, len(labels))
        self._upright = widest > across - 4 and across < _ACROSS
        above = min(widest, _LABEL) + 4 if self._upright else _LINE
        self._area = QRectF(room).adjusted(left, _LINE + above + _GAP, -_GAP, -_GAP)
        self._draw_titles(painter, room, metrics, left)
        for truth in range(len(labels)):
            for said in range(len(labels)):
                self._draw_cell(painter, truth, said)
        if self._current is not None:
            painter.setPen(QPen(self._theme.color("text" if self.hasFocus() else "outline"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.cell(*self._current).adjusted(1, 1, -1, -1), 3, 3)

    def _draw_titles(
        self, painter: QPainter, room: QRectF, metrics: QFontMetricsF, left: float
    ) -> None:
        elide, dim, text = (
            Qt.TextElideMode.ElideRight,
            self._theme.color("dim"),
            self._theme.color("text"),
        )
        painter.setPen(dim)
        painter.drawText(
            QRectF(self._area.left(), room.top(), self._area.width(), _LINE), PLAIN, "predicted"
        )
        painter.save()
        painter.translate(room.left(), self._area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-60, 0, 120, _LINE), PLAIN, "true")
        painter.restore()
        painter.setPen(text)
        after = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, label in enumerate(self._found.labels):
            cell = self.cell(place, place)
            wide = left - _LINE - 2 * _GAP
            beside = QRectF(room.left() + _LINE + _GAP, cell.top(), wide, cell.height())
            if cell.height() >= metrics.height() * 0.8:
                painter.drawText(beside, after, metrics.elidedText(label, elide, wide))
            self._draw_above(painter, room.top() + _LINE, cell, label, metrics)

    def _draw_above(
        self, painter: QPainter, top: float, cell: QRectF, label: str, metrics: QFontMetricsF
    ) -> None:
        """Write a label above its column, upright where there is no room across."""
        room, mode = self._area.top() - top - _GAP, Qt.TextElideMode.ElideRight
        if not self._upright:
            above = QRectF(cell.left(), top, cell.width(), room)
            painter.drawText(above, PLAIN, metrics.elidedText(label, mode, cell.width() - 4))
        elif cell.width() >= metrics.height() * 0.8:
            painter.save()
            painter.translate(cell.center().x(), self._area.top() - _GAP)
            painter.rotate(-90)
            beside = QRectF(0, -cell.width() / 2, room, cell.width())
            after = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(beside, after, metrics.elidedText(label, mode, room))
            painter.restore()

    def _draw_cell(self, painter: QPainter, truth: int, said: int) -> None:
        cell = self.cell(truth, said).adjusted(0.5, 0.5, -0.5, -0.5)
        share = self._share(truth, said)
        ground = mix_colors(self._theme, "accent", "surface", share)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(ground)
        painter.drawRect(cell)
        if cell.width() < _READ[0] or cell.height() < _READ[1]:
            return
        count = self._found.counts[truth][said]
        painter.setFont(self._theme.mono_font(8))
        painter.setPen(self._ink(ground) if count else self._theme.color("faint"))
        painter.drawText(cell, PLAIN, f"{share:.0%}" if self._shares else f"{count:,}")

    def _ink(self, ground: QColor) -> QColor:
        """Return the text colour that can be read on a ground."""
        inks = (self._theme.color("text"), self._theme.color("on_accent"))
        return max(inks, key=lambda ink: abs(ink.lightnessF() - ground.lightnessF()))

    def _share(self, truth: int, said: int) -> float:
        row = self._found.counts[truth]
        return row[said] / (sum(row) or 1)

    def cell(self, truth: int, said: int) -> QRectF:
        """Return where a cell is seen."""
        count = max(1, len(self._found.labels))
        wide, high = self._area.width() / count, self._area.height() / count
        return QRectF(self._area.left() + said * wide, self._area.top() + truth * high, wide, high)

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        if not self._area.contains(at):
            return None
        count = len(self._found.labels)
        down = (at.y() - self._area.top()) / self._area.height()
        across = (at.x() - self._area.left()) / self._area.width()
        return min(int(down * count), count - 1), min(int(across * count), count - 1)

    def told_at(self, at: QPointF) -> str:
        """Return what a cell counts."""
        place = self._cell_at(at)
        return "" if place is None else self.words(*place)

    def words(self, truth: int, said: int) -> str:
        """Return what a cell counts."""
        labels, count = self._found.labels, self._found.counts[truth][said]
        share = percent(self._share(truth, said))
        taken = "right" if truth == said else f"taken for {labels[said]}"
        return f"{labels[truth]} {taken}: {count_noun(count, 'answer')}, {share}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        place = self._cell_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(*place)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by arrows, choose by Enter."""
        way = _WAYS.get(Qt.Key(event.key()))
        if way is not None and self._found.labels:
            last = len(self._found.labels) - 1
            down, across = self._current or (0, 0)
            moved = self._current is not None
            self._current = (
                min(max(down + way[0] * moved, 0), last), min(max(across + way[1] * moved, 0), last)
            )  # fmt: skip
            self.told.emit(self.words(*self._current))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self._choose(*self._current)
        else:
            super().keyPressEvent(event)

    def _choose(self, truth: int, said: int) -> None:
        self._current = (truth, said)
        self.told.emit(self.words(truth, said))
        self.update()
        self.cell_chosen.emit(truth, said)

    def table(self) -> Table:
        """Return the counts, with the classes beside and above them."""
        labels = self._found.labels
        rows = zip(labels, self._found.counts, strict=True)
        return [["true \\ predicted", *labels], *([name, *map(str, row)] for name, row in rows)]
