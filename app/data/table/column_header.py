"""The column headers of the data table: name, type, histogram, statistics and assignment."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QHeaderView, QWidget

from app.data.table.column_summary import ICONS, bar_heights, missing_text, type_text, value_summary
from app.data.table.table_model import NODES_ROLE, STATISTICS_ROLE, USES_ROLE
from app.theme.icons import paint_icon
from app.theme.theme import Theme
from engine.data.profile.statistics import ColumnStatistics

_PADDING, _ICON_SIZE, _GAP = 9, 15, 6
_HISTOGRAM_HEIGHT = 26  # pixels
_MIN_BAR_SIZE = 2.0  # pixels, so that rare labels stay visible
_CHIP_HEIGHT = 18
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_SHIFT_CTRL = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class ColumnHeader(QHeaderView):
    """A header view from which selected columns can be dragged onto the canvas.

    Signals:
        dragged: the user starts to drag the selected columns.
    """

    dragged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent, highlightSections=False)
        self._theme = theme
        self._press_position: QPoint | None = None
        # True after a press on a selected header, which may start a drag.
        self._selects_on_release = False
        self._hovered = -1
        self.setSectionsClickable(True)
        self.setMouseTracking(True)
        self.setDefaultAlignment(_LEFT)
        theme.changed.connect(self.viewport().update)

    # Sizes and painting.

    def sizeHint(self) -> QSize:
        lines = self._line_height(True) + 2 * self._line_height(False)
        height = lines + _HISTOGRAM_HEIGHT + _CHIP_HEIGHT + 3 * _GAP + 2 * _PADDING - 4
        return QSize(super().sizeHint().width(), height)

    def _line_height(self, large: bool) -> int:
        return QFontMetrics(self._font(large)).height()

    def _font(self, large: bool) -> QFont:
        font = self._theme.ui_font(9.5 if large else 8.5)
        font.setWeight(QFont.Weight.DemiBold if large else QFont.Weight.Normal)
        return font

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        model = self.model()
        painter.save()
        painter.setClipRect(rect)
        is_selected = self.selectionModel().isColumnSelected(section)
        token = "selected" if is_selected else "raised" if section == self._hovered else "window"
        painter.fillRect(rect, self._theme.color(token))
        painter.setPen(QPen(self._theme.color("border")))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        horizontal = Qt.Orientation.Horizontal
        column = model.headerData(section, horizontal, STATISTICS_ROLE)
        nodes = model.headerData(section, horizontal, NODES_ROLE) or []
        arrow = f"\N{RIGHTWARDS ARROW} {', '.join(nodes)}"
        uses = [*([arrow] if nodes else []), *model.headerData(section, horizontal, USES_ROLE)]
        box = rect.adjusted(_PADDING, _PADDING - 2, -_PADDING, -_PADDING + 2)
        name = str(model.headerData(section, horizontal))
        self._paint_header(painter, box, name, column, ", ".join(uses))
        painter.restore()

    def _paint_header(
        self, painter: QPainter, box: QRect, name: str, column: ColumnStatistics | None, uses: str
    ) -> None:
        top, line = box.top(), self._line_height(True)
        icon_rect = QRectF(box.left(), top + (line - _ICON_SIZE) / 2, _ICON_SIZE, _ICON_SIZE)
        if column is not None:
            paint_icon(painter, ICONS[column.kind], icon_rect, self._theme.color("dim"))
        title = QRect(box.left() + _ICON_SIZE + _GAP, top, box.width() - _ICON_SIZE - _GAP, line)
        mode = Qt.TextElideMode.ElideMiddle
        self._paint_text(painter, title, name, "text", self._font(True), mode)
        top += line + _GAP
        if column is None:
            unread = QRect(box.left(), top, box.width(), self._line_height(False))
            self._paint_text(painter, unread, "reading…", "dim", self._font(False))
        else:
            histogram = QRectF(box.left(), top, box.width(), _HISTOGRAM_HEIGHT)
            self._paint_bars(painter, histogram, bar_heights(column))
            summary = QRect(box.left(), top + _HISTOGRAM_HEIGHT + _GAP, box.width(), 0)
            self._paint_summary(painter, summary, column)
        chip = QRect(box.left(), box.bottom() - _CHIP_HEIGHT + 1, box.width(), _CHIP_HEIGHT)
        self._paint_chip(painter, chip, uses)

    def _paint_summary(self, painter: QPainter, box: QRect, column: ColumnStatistics) -> None:
        font, line = self._font(False), self._line_height(False)
        first = QRect(box.left(), box.top(), box.width(), line)
        self._paint_text(painter, first, value_summary(column) or type_text(column), "dim", font)
        second = first.translated(0, line)
        if column.fault:
            self._paint_text(painter, second, "some cells can't be read", "warning", font)
        else:
            token = "warning" if column.missing else "dim"
            self._paint_text(painter, second, missing_text(column), token, font)

    def _paint_bars(self, painter: QPainter, box: QRectF, bars: Sequence[int]) -> None:
        if not bars:
            return
        color = self._theme.color("outline")
        highest, width = max(bars) or 1, min(box.width() / len(bars), 16.0)
        bottom = box.bottom() - 1  # above the base line
        for index, count in enumerate(bars):
            height = max(_MIN_BAR_SIZE, (box.height() - 1) * count / highest) if count else 0.0
            left = box.left() + index * width
            bar = QRectF(left, bottom - height, max(_MIN_BAR_SIZE, width - 1), height)
            painter.fillRect(bar, color)
        painter.setPen(QPen(self._theme.color("border")))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _paint_chip(self, painter: QPainter, box: QRect, text: str) -> None:
        font = self._font(False)
        if not text:
            self._paint_text(painter, box, "not used", "dim", font)
            return
        width = min(QFontMetrics(font).horizontalAdvance(text) + 20, box.width())
        chip = QRect(box.left(), box.top(), width, box.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.family_color("io"))
        painter.drawRoundedRect(chip, 6, 6)
        self._paint_text(painter, chip.adjusted(8, 0, -4, 0), text, "on_family", font)

    def _paint_text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        token: str,
        font: QFont,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(self._theme.color(token)))
        painter.drawText(box, int(_LEFT), QFontMetrics(font).elidedText(text, mode, box.width()))

    # Mouse events.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the pressed column. If it is selected already, keep the selection for a drag."""
        position = event.position().toPoint()
        section = self.logicalIndexAt(position)
        is_left = event.button() == Qt.MouseButton.LeftButton
        is_resizing = self.cursor().shape() == Qt.CursorShape.SplitHCursor
        self._press_position = position if is_left and section >= 0 and not is_resizing else None
        is_selected = section >= 0 and self.selectionModel().isColumnSelected(section)
        can_drag = is_selected and not event.modifiers() & _SHIFT_CTRL
        self._selects_on_release = self._press_position is not None and can_drag
        if not self._selects_on_release:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        self._set_hovered(self.logicalIndexAt(position))
        if self._press_position is None:
            super().mouseMoveEvent(event)
        elif (
            position - self._press_position
        ).manhattanLength() >= QApplication.startDragDistance():
            self._press_position, self._selects_on_release = None, False
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Reduce the selection to the pressed column if it was selected and not dragged."""
        if self._selects_on_release and self._press_position is not None:
            press = QMouseEvent(
                QMouseEvent.Type.MouseButtonPress,
                event.position(),
                event.globalPosition(),
                event.button(),
                event.button(),
                event.modifiers(),
            )
            super().mousePressEvent(press)
        self._press_position, self._selects_on_release = None, False
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: object) -> None:
        self._set_hovered(-1)

    def _set_hovered(self, section: int) -> None:
        if section != self._hovered:
            self._hovered = section
            self.viewport().update()
