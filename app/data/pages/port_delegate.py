"""Paints what a port receives: numbers with what they stand for, padding faint, pictures small."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.data.pages.port_model import (
    CELLS,
    NUMBERS,
    PORT,
    ROW,
    VIEW,
    Index,
    number_text,
    port_text,
    row_text,
)
from app.theme import icons
from app.theme.theme import Theme
from engine.data.preview.preview_schema import PADDING_WORD, PortPreview, PreviewRow

PAD = 6
ICON = 16
PICTURE = 56  # pixels of a picture
_GAP, _CHIP = 5, 4
_HOT = ("category", "multilabel")  # whose zeros say nothing
_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver


class PortDelegate(QStyledItemDelegate):
    """Draws ports and their rows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixmap = lru_cache(512)(_decoded)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW)
        line = QFontMetrics(self._theme.ui_font()).height() + 2 * PAD
        if row is None:
            return QSize(80, line + 2)
        return QSize(80, PICTURE + PAD if row.picture else line)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & _SELECTED:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & _HOVERED:
            painter.fillRect(option.rect, self._theme.color("raised"))
        painter.setClipRect(option.rect)
        row, port = index.data(ROW), index.data(VIEW)
        if row is None:
            self._paint_port(painter, option.rect, port, index.column())
        elif index.column() == NUMBERS and row.values and not row.masked:
            self._paint_numbers(painter, option.rect, port, row)
        elif index.column() == NUMBERS and row.picture:
            self._paint_picture(painter, option.rect, row.picture)
        else:
            self._paint_text(painter, option.rect, row, index)
        painter.restore()

    def _paint_port(self, painter: QPainter, rect: QRect, port: PortPreview, column: int) -> None:
        left = rect.left() + PAD
        if column == PORT:
            kind = "Input" if port.side == "inputs" else "Output"
            mark = icons.icon_pixmap(self._theme, kind, "io" if port.dtype else "warning", ICON)
            top = rect.center().y() - ICON / 2 + 1
            painter.drawPixmap(QPointF(left, top), mark)
            left += ICON + PAD
        faulty = column == NUMBERS and not port.dtype
        token = "warning" if faulty else "text" if column == PORT else "dim"
        text = port_text(port, column)
        self._words(painter, rect, left, text, self._theme.color(token), column == PORT)

    def _paint_text(self, painter: QPainter, rect: QRect, row: PreviewRow, index: Index) -> None:
        column = index.column()
        if column == CELLS:
            shown = [cell or "–" for cell in row.cells]
            text, token = "  \N{MIDDLE DOT}  ".join(shown), "text"
        elif column == PORT:
            text, token = str(index.row()), "faint"
        else:
            text, token = row_text(row, index), "danger" if row.fault else "dim"
        self._words(painter, rect, rect.left() + PAD, text, self._theme.color(token))

    def _words(
        self,
        painter: QPainter,
        rect: QRect,
        left: float,
        text: str,
        color: QColor,
        bold: bool = False,
    ) -> None:
        painter.setFont(self._theme.ui_font(bold=bold))
        painter.setPen(color)
        room = QRectF(left, rect.top(), rect.right() - left - PAD, rect.height())
        elided = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)

    def _paint_picture(self, painter: QPainter, rect: QRect, picture: str) -> None:
        found = self._pixmap(picture)
        if not found.isNull():
            shown = found.scaled(
                PICTURE, PICTURE, Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
            painter.drawPixmap(rect.left() + PAD, rect.top() + PAD // 2, shown)

    def _paint_numbers(
        self, painter: QPainter, rect: QRect, port: PortPreview, row: PreviewRow
    ) -> None:
        """Paint numbers one after another, each with its word, as far as there is room."""
        words, numbers = self._theme.ui_font(), self._theme.mono_font(9)
        left, end = float(rect.left() + PAD), rect.right() - PAD
        for word, number, faint in _tokens(port, row):
            painter.setFont(words)
            wide = painter.fontMetrics().horizontalAdvance(word) + _CHIP if word else 0
            figure = QFontMetrics(numbers).horizontalAdvance(number)
            if left + wide + figure > end - 3 * _GAP:
                painter.setPen(self._theme.color("dim"))
                self._at(painter, rect, left, "…")
                return
            if word:
                painter.setPen(self._theme.color("faint" if faint else "dim"))
                self._at(painter, rect, left, word)
                left += wide
            painter.setFont(numbers)
            painter.setPen(self._theme.color("faint" if faint else "text"))
            self._at(painter, rect, left, number)
            left += figure + 2 * _GAP

    def _at(self, painter: QPainter, rect: QRect, left: float, text: str) -> None:
        room = QRectF(left, rect.top(), rect.right() - left, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _tokens(port: PortPreview, row: PreviewRow) -> Iterator[tuple[str, str, bool]]:
    """Yield the word and the figure of each number, and whether it says nothing."""
    count = len(row.values)
    words = row.words or ("",) * count
    names = port.names[:count] or ("",) * count
    hot = port.kind in _HOT and bool(port.names)
    for value, word, name in zip(row.values, words, names, strict=False):
        padding = word == PADDING_WORD
        yield (
            "" if padding else word or name,
            number_text(value, row),
            padding or (hot and value == 0),
        )


def _decoded(picture: str) -> QPixmap:
    found = QPixmap()
    found.loadFromData(base64.b64decode(picture))
    return found
