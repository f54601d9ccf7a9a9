"""What stands over each column: its kind and name, how it is spread, and which nodes it feeds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QHeaderView, QWidget

from app.data.table.column_summary import (
    ICONS,
    bars_of,
    kind_in_words,
    missing_in_words,
    statistics,
)
from app.data.table.table_model import FACTS, FEEDS, USES
from app.theme.icons import paint_icon
from app.theme.theme import Theme
from engine.data.profile.statistics import ColumnStatistics

_PAD, _ICON, _GAP = 9, 15, 6
_BARS = 26  # pixels that the histogram is high
_LEAST = 2.0  # of a bar for any cell at all, so that a rare label is seen
_CHIP = 18
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_SHIFT_CTRL = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class ColumnHeader(QHeaderView):
    """Headers of columns that can be dragged onto the canvas.

    Signals:
        dragged: what is selected is dragged away from a header.
    """

    dragged = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._pressed: QPoint | None = None
        self._waits = False  # a press on a selected header selects it alone once it is let go
        self._over = -1
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMouseTracking(True)
        self.setDefaultAlignment(_LEFT)
        theme.changed.connect(self.viewport().update)

    # Sizes and painting.

    def sizeHint(self) -> QSize:
        """Be as high as the lines that stand over a column."""
        lines = self._line(True) + 2 * self._line(False)
        return QSize(super().sizeHint().width(), lines + _BARS + _CHIP + 3 * _GAP + 2 * _PAD - 4)

    def _line(self, large: bool) -> int:
        return QFontMetrics(self._font(large)).height()

    def _font(self, large: bool) -> QFont:
        font = self._theme.ui_font(9.5 if large else 8.5)
        font.setWeight(QFont.Weight.DemiBold if large else QFont.Weight.Normal)
        return font

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint one header."""
        model = self.model()
        painter.save()
        painter.setClipRect(rect)
        chosen = self.selectionModel().isColumnSelected(section)
        background = "selected" if chosen else "raised" if section == self._over else "window"
        painter.fillRect(rect, self._theme.color(background))
        painter.setPen(QPen(self._theme.color("border")))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        way = Qt.Orientation.Horizontal
        facts = model.headerData(section, way, FACTS)
        feeds = model.headerData(section, way, FEEDS) or []
        arrow = f"\N{RIGHTWARDS ARROW} {', '.join(feeds)}"
        uses = [*([arrow] if feeds else []), *model.headerData(section, way, USES)]
        self._paint(painter, rect.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 2),
                    str(model.headerData(section, way)), facts, ", ".join(uses))  # fmt: skip
        painter.restore()

    def _paint(
        self,
        painter: QPainter,
        box: QRect,
        name: str,
        facts: ColumnStatistics | None,
        uses: str,
    ) -> None:
        top, line = box.top(), self._line(True)
        sign = QRectF(box.left(), top + (line - _ICON) / 2, _ICON, _ICON)
        if facts is not None:
            paint_icon(painter, ICONS[facts.kind], sign, self._theme.color("dim"))
        title = QRect(box.left() + _ICON + _GAP, top, box.width() - _ICON - _GAP, line)
        self._text(painter, title, name, "text", self._font(True), Qt.TextElideMode.ElideMiddle)
        top += line + _GAP
        if facts is None:
            unread = QRect(box.left(), top, box.width(), self._line(False))
            self._text(painter, unread, "reading…", "dim", self._font(False))
        else:
            self._bars(painter, QRectF(box.left(), top, box.width(), _BARS), bars_of(facts))
            self._lines(painter, QRect(box.left(), top + _BARS + _GAP, box.width(), 0), facts)
        chip = QRect(box.left(), box.bottom() - _CHIP + 1, box.width(), _CHIP)
        self._chip(painter, chip, uses)

    def _lines(self, painter: QPainter, box: QRect, facts: ColumnStatistics) -> None:
        """Write how the column is spread, and what is missing or wrong."""
        font, line = self._font(False), self._line(False)
        first = QRect(box.left(), box.top(), box.width(), line)
        self._text(painter, first, statistics(facts) or kind_in_words(facts), "dim", font)
        second = first.translated(0, line)
        if facts.fault:
            self._text(painter, second, "some cells can't be read", "warning", font)
        else:
            token = "warning" if facts.missing else "dim"
            self._text(painter, second, missing_in_words(facts), token, font)

    def _bars(self, painter: QPainter, box: QRectF, bars: Sequence[int]) -> None:
        if not bars:
            return
        color = self._theme.color("outline")
        most, width = max(bars) or 1, min(box.width() / len(bars), 16.0)
        floor = box.bottom() - 1  # the line below the bars is drawn over none of them
        for place, count in enumerate(bars):
            height = max(_LEAST, (box.height() - 1) * count / most) if count else 0.0
            bar = QRectF(box.left() + place * width, floor - height, max(_LEAST, width - 1), height)
            painter.fillRect(bar, color)
        painter.setPen(QPen(self._theme.color("border")))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _chip(self, painter: QPainter, box: QRect, text: str) -> None:
        """Write what the column is read for, on the tint of Inputs and Outputs."""
        font = self._font(False)
        if not text:
            self._text(painter, box, "feeds nothing", "dim", font)
            return
        width = min(QFontMetrics(font).horizontalAdvance(text) + 20, box.width())
        place = QRect(box.left(), box.top(), width, box.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.family_color("io"))
        painter.drawRoundedRect(place, 6, 6)
        self._text(painter, place.adjusted(8, 0, -4, 0), text, "on_family", font)

    def _text(
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

    # The pointer.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the column, unless it is one of several that may be about to be dragged."""
        at = event.position().toPoint()
        section, left = self.logicalIndexAt(at), event.button() == Qt.MouseButton.LeftButton
        resizing = self.cursor().shape() == Qt.CursorShape.SplitHCursor
        self._pressed = at if left and section >= 0 and not resizing else None
        chosen = section >= 0 and self.selectionModel().isColumnSelected(section)
        self._waits = self._pressed is not None and chosen and not event.modifiers() & _SHIFT_CTRL
        if not self._waits:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is selected once the pointer has gone far enough."""
        at = event.position().toPoint()
        self._hover(self.logicalIndexAt(at))
        if self._pressed is None:
            super().mouseMoveEvent(event)
        elif (at - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed, self._waits = None, False
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select the pressed column alone, if it was not dragged."""
        if self._waits and self._pressed is not None:
            press = QMouseEvent(
                QMouseEvent.Type.MouseButtonPress, event.position(), event.globalPosition(),
                event.button(), event.button(), event.modifiers(),
            )  # fmt: skip
            super().mousePressEvent(press)
        self._pressed, self._waits = None, False
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: object) -> None:
        """Hover nothing."""
        self._hover(-1)

    def _hover(self, section: int) -> None:
        if section != self._over:
            self._over = section
            self.viewport().update()
