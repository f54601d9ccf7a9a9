"""The delegate of the port tree: paints ports, and data rows as labeled numbers, images or text."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.controls.selection import Index
from app.data.pages.port_model import (
    CELLS,
    PORT,
    PORT_ROLE,
    ROW_ROLE,
    VALUES,
    number_text,
    port_text,
    row_text,
)
from app.theme import icons
from app.theme.theme import Theme
from engine.data.preview.preview_schema import PADDING_WORD, PortPreview, PreviewRow

PADDING = 6
ICON_SIZE = 16
IMAGE_SIZE = 56  # pixels
_GAP, _LABEL_GAP = 5, 4
_HOT_KINDS = ("category", "multilabel")  # one-hot and multi-hot: zeros are painted faint
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver


class PortDelegate(QStyledItemDelegate):
    """A delegate that paints ports (Inputs and Outputs) and, below each port, its data rows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixmap = lru_cache(512)(_decode)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        line = QFontMetrics(self._theme.ui_font()).height() + 2 * PADDING
        if row is None:
            return QSize(80, line + 2)
        return QSize(80, IMAGE_SIZE + PADDING if row.picture else line)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & _SELECTED:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & _HOVERED:
            painter.fillRect(option.rect, self._theme.color("raised"))
        painter.setClipRect(option.rect)
        row, port = index.data(ROW_ROLE), index.data(PORT_ROLE)
        if row is None:
            self._paint_port(painter, option.rect, port, index.column())
        elif index.column() == VALUES and row.values and not row.masked:
            self._paint_numbers(painter, option.rect, port, row)
        elif index.column() == VALUES and row.picture:
            self._paint_picture(painter, option.rect, row.picture)
        else:
            self._paint_text(painter, option.rect, row, index)
        painter.restore()

    def _paint_port(self, painter: QPainter, rect: QRect, port: PortPreview, column: int) -> None:
        left = rect.left() + PADDING
        if column == PORT:
            kind = "Input" if port.side == "inputs" else "Output"
            color = "io" if port.dtype else "warning"
            mark = icons.icon_pixmap(self._theme, kind, color, ICON_SIZE)
            top = rect.center().y() - ICON_SIZE / 2 + 1
            painter.drawPixmap(QPointF(left, top), mark)
            left += ICON_SIZE + PADDING
        is_invalid = column == VALUES and not port.dtype
        token = "warning" if is_invalid else "text" if column == PORT else "dim"
        painter.setFont(self._theme.ui_font(bold=column == PORT))
        painter.setPen(self._theme.color(token))
        self._paint_elided(painter, rect, left, port_text(port, column))

    def _paint_text(self, painter: QPainter, rect: QRect, row: PreviewRow, index: Index) -> None:
        column = index.column()
        if column == CELLS:
            cells = [cell or "–" for cell in row.cells]
            text, token = "  \N{MIDDLE DOT}  ".join(cells), "text"
        elif column == PORT:
            text, token = str(index.row()), "faint"
        else:
            text, token = row_text(row, index), "danger" if row.fault else "dim"
        painter.setFont(self._theme.ui_font())
        painter.setPen(self._theme.color(token))
        self._paint_elided(painter, rect, rect.left() + PADDING, text)

    def _paint_elided(self, painter: QPainter, rect: QRect, left: float, text: str) -> None:
        text_rect = QRectF(left, rect.top(), rect.right() - left - PADDING, rect.height())
        width = int(text_rect.width())
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(text_rect, _LEFT, elided)

    def _paint_picture(self, painter: QPainter, rect: QRect, picture: str) -> None:
        pixmap = self._pixmap(picture)
        if not pixmap.isNull():
            scaled = pixmap.scaled(
                IMAGE_SIZE,
                IMAGE_SIZE,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            painter.drawPixmap(rect.left() + PADDING, rect.top() + PADDING // 2, scaled)

    def _paint_numbers(
        self, painter: QPainter, rect: QRect, port: PortPreview, row: PreviewRow
    ) -> None:
        """Paint the numbers of a row in one line, each after its label. Elide what does not fit."""
        label_font, number_font = self._theme.ui_font(), self._theme.mono_font(9)
        left, end = float(rect.left() + PADDING), rect.right() - PADDING
        for label, number, is_faint in _labeled_numbers(port, row):
            painter.setFont(label_font)
            label_width = (
                painter.fontMetrics().horizontalAdvance(label) + _LABEL_GAP if label else 0
            )
            number_width = QFontMetrics(number_font).horizontalAdvance(number)
            if left + label_width + number_width > end - 3 * _GAP:
                painter.setPen(self._theme.color("dim"))
                self._paint_at(painter, rect, left, "…")
                return
            if label:
                painter.setPen(self._theme.color("faint" if is_faint else "dim"))
                self._paint_at(painter, rect, left, label)
                left += label_width
            painter.setFont(number_font)
            painter.setPen(self._theme.color("faint" if is_faint else "text"))
            self._paint_at(painter, rect, left, number)
            left += number_width + 2 * _GAP

    def _paint_at(self, painter: QPainter, rect: QRect, left: float, text: str) -> None:
        text_rect = QRectF(left, rect.top(), rect.right() - left, rect.height())
        painter.drawText(text_rect, _LEFT, text)


def _labeled_numbers(port: PortPreview, row: PreviewRow) -> Iterator[tuple[str, str, bool]]:
    """Yield (label, number as text, whether to paint both faintly) for each number in `row`."""
    count = len(row.values)
    words = row.words or ("",) * count
    names = port.names[:count] or ("",) * count
    is_hot = port.kind in _HOT_KINDS and bool(port.names)
    for value, word, name in zip(row.values, words, names, strict=False):
        is_padding = word == PADDING_WORD
        label = "" if is_padding else word or name
        yield label, number_text(value, row), is_padding or (is_hot and value == 0)


def _decode(picture: str) -> QPixmap:
    pixmap = QPixmap()
    pixmap.loadFromData(base64.b64decode(picture))
    return pixmap
