"""The items and the delegate of lists of layer types with section headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QTreeView,
)

from app.controls.selection import Index
from app.palette.row_painter import TILE_SIZE, draw_name, draw_text, draw_tile, tooltip_html
from app.text.layer_search import SearchHit
from app.text.phrases import plain_tooltip
from app.theme.icons import paint_icon
from app.theme.theme import Theme

LAYER_TYPE_MIME = "application/x-layerloom-kind"
HIT_ROLE = Qt.ItemDataRole.UserRole
SECTION_ROLE = Qt.ItemDataRole.UserRole + 1
REASON_ROLE = Qt.ItemDataRole.UserRole + 2

_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_DRAGGABLE = _SELECTABLE | Qt.ItemFlag.ItemIsDragEnabled
_PADDING = 8
_DISABLED_OPACITY = 0.5
_MIN_FAMILY_WIDTH = 250  # minimum row width in pixels to show the family next to the name


class LayerTypeModel(QStandardItemModel):
    """An item model of draggable layer types, optionally in sections."""

    def mimeTypes(self) -> list[str]:
        return [LAYER_TYPE_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return drag data with the name of the dragged layer type in UTF-8."""
        data = QMimeData()
        for hit in filter(None, map(hit_at, indexes)):
            data.setData(LAYER_TYPE_MIME, hit.kind.encode())
        return data


def hit_at(index: Index) -> SearchHit | None:
    """Return the search hit at an index, None for a section heading."""
    return cast("SearchHit | None", index.data(HIT_ROLE)) if index.isValid() else None


def layer_type_item(hit: SearchHit, reason: str = "") -> QStandardItem:
    """Return the item of a layer type; `reason` is why it is disabled, "" if it is enabled."""
    item = QStandardItem(hit.kind)
    item.setData(hit, HIT_ROLE)
    item.setData(reason, REASON_ROLE)
    item.setData(reason or hit.info.summary, Qt.ItemDataRole.AccessibleDescriptionRole)
    item.setFlags(Qt.ItemFlag.NoItemFlags if reason else _DRAGGABLE)
    return item


def section_item(key: str, title: str) -> QStandardItem:
    """Return a section heading. The settings store under `key` whether it is collapsed."""
    item = QStandardItem(title)
    item.setData(key, SECTION_ROLE)
    item.setFlags(_SELECTABLE)
    return item


class LayerTypeDelegate(QStyledItemDelegate):
    """A delegate that paints a layer type: its name, and its summary if `summaries` is true.

    If `shows_families` is true, the family is painted at the right if there is space.
    """

    def __init__(self, theme: Theme, view: QAbstractItemView, summaries: bool = False) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self._summaries = summaries
        self.shows_families = summaries

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size hint of a row. Only the height matters, because rows fill the width."""
        line = self._view.fontMetrics().height()
        if hit_at(index) is None:
            return QSize(0, line + 13)
        return QSize(0, 2 * line + 14 if self._summaries else line + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        full_row = QRect(0, rect.top(), self._view.viewport().width(), rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_background(painter, full_row, option)
        hit = hit_at(index)
        if hit is None:
            self._draw_heading(painter, full_row, index)
        else:
            self._draw_layer_type(painter, full_row, hit, str(index.data(REASON_ROLE) or ""))
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        hit = hit_at(index)
        if event.type() != QEvent.Type.ToolTip or hit is None:
            return super().helpEvent(event, view, option, index)
        reason = plain_tooltip(str(index.data(REASON_ROLE) or ""))
        text = reason or tooltip_html(self._theme, hit.info)
        QToolTip.showText(event.globalPos(), text, view.viewport(), option.rect)
        return True

    def _draw_background(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem
    ) -> None:
        state, flag = option.state, QStyle.StateFlag
        is_selected = bool(state & flag.State_Selected)
        is_hovered = state & flag.State_MouseOver and state & flag.State_Enabled
        if not is_selected and not is_hovered:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("selected" if is_selected else "raised"))
        inside = rect.adjusted(4, 1, -4, -1)
        painter.drawRoundedRect(inside, 5, 5)
        if is_selected and self._view.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inside, 5, 5)

    def _draw_heading(self, painter: QPainter, rect: QRect, index: Index) -> None:
        is_open = isinstance(self._view, QTreeView) and self._view.isExpanded(index)
        arrow = QRectF(_PADDING, rect.center().y() - 6, 14, 14)
        paint_icon(painter, "down" if is_open else "right", arrow, self._theme.color("dim"))
        text, color = rect.adjusted(_PADDING + 20, 0, -_PADDING, 0), self._theme.color("dim")
        draw_text(painter, str(index.data()), text, color, self._theme.ui_font(9, bold=True))
        if not is_open:
            count = str(index.model().rowCount(index))
            right = Qt.AlignmentFlag.AlignRight
            draw_text(painter, count, text, color, self._theme.ui_font(8.5), right)

    def _draw_layer_type(self, painter: QPainter, rect: QRect, hit: SearchHit, reason: str) -> None:
        """Paint a layer type. If it is disabled, dim it and show the `reason`, not the summary."""
        inner = rect.adjusted(2 * _PADDING, 0, -(2 * _PADDING - 2), 0)
        tile = QRect(inner.left(), inner.center().y() - TILE_SIZE // 2 + 1, TILE_SIZE, TILE_SIZE)
        painter.setOpacity(_DISABLED_OPACITY if reason else 1.0)
        draw_tile(painter, self._theme, hit.info, tile)
        text = inner.adjusted(TILE_SIZE + 9, 0, 0, 0)
        if self._summaries:
            half = rect.height() // 2
            below = QRect(text.left(), rect.top() + half - 1, text.width(), half - 4)
            small = self._theme.ui_font(8.5)
            painter.setOpacity(1.0)  # not dimmed, because the reason must be legible
            draw_text(painter, reason or hit.info.summary, below, self._theme.color("dim"), small)
            painter.setOpacity(_DISABLED_OPACITY if reason else 1.0)
            text = QRect(text.left(), rect.top() + 5, text.width(), half - 3)
        self._draw_line(painter, text, hit)

    def _draw_line(self, painter: QPainter, rect: QRect, hit: SearchHit) -> None:
        """Paint the name; if there is space, also the matched search term and the family."""
        font = self._theme.ui_font(10, bold=self._summaries)
        width = draw_name(painter, self._theme, hit.kind, hit.matched_indices, rect, font)
        rest = rect.adjusted(int(width) + 10, 0, 0, 0)
        small, dim = self._theme.ui_font(8.5), self._theme.color("dim")
        if hit.term and rest.width() > 30:
            draw_text(painter, hit.term, rest, self._theme.color("accent"), small)
            painter.setFont(small)
            rest.setLeft(rest.left() + painter.fontMetrics().horizontalAdvance(hit.term) + 10)
        if self.shows_families and rect.width() > _MIN_FAMILY_WIDTH and rest.width() > 60:
            right = Qt.AlignmentFlag.AlignRight
            draw_text(painter, hit.info.title, rest, dim, small, right)
