"""Item delegate of the problems tree: icon, node name, wrapped text, and fixes as buttons."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QStaticText, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from app.controls.diagnostics.entries import DiagnosticRow
from app.controls.diagnostics.model import DiagnosticModel
from app.controls.selection import Index
from app.theme.icons import icon_pixmap
from app.theme.theme import SEVERITY_TOKENS, Theme

PADDING = 6
ICON_SIZE = 16
LABEL_WIDTH = 72  # width in pixels of a label such as "Expected"
FIX_BUTTON_WIDTH = 62  # width in pixels of the fix button at the end of a diagnostic
MIN_INLINE_WIDTH = 340  # minimum text width in pixels to draw name and message on one line
_ANTIALIASING = QPainter.RenderHint.Antialiasing
_SELECTED = QStyle.StateFlag.State_Selected
_HOVERED = QStyle.StateFlag.State_MouseOver
_FOCUSED = QStyle.StateFlag.State_HasFocus


class ProblemDelegate(QStyledItemDelegate):
    """An item delegate that wraps texts to the width of its view."""

    def __init__(self, theme: Theme, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self._text_layouts = lru_cache(1024)(self._layout_text)
        self._row_sizes: dict[tuple[object, ...], QSize] = {}
        theme.changed.connect(self.clear_cache)
        self.clear_cache()

    def clear_cache(self) -> None:
        """Discard cached text layouts, after a change of fonts, colors or width."""
        self._text_layouts.cache_clear()
        self._row_sizes.clear()
        theme = self._theme
        self._fonts = (QFontMetrics(theme.ui_font()), QFontMetrics(theme.ui_font(bold=True)))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = self._line(index)
        width = self._row_width(index)
        key = (line.kind, line.label, line.text, line.fix is None, width)
        size = self._row_sizes.get(key)
        if size is None:
            size = self._row_sizes[key] = QSize(width, self._row_height(line, width))
        return size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = self._line(index)
        painter.save()
        painter.setRenderHint(_ANTIALIASING)
        self._paint_background(painter, option, line)
        if line.kind == "problem":
            self._paint_problem(painter, option, line)
        elif line.kind == "fix":
            self._paint_fix(painter, option, line)
        else:
            self._paint_detail(painter, option.rect, line)
        painter.restore()

    def fix_rect(self, row: QRect, line: DiagnosticRow) -> QRect:
        """Return the rectangle of the fix button of `line`, an empty one if there is no button.

        `row` is the rectangle of the whole row.
        """
        if line.fix is None:
            return QRect()
        if line.kind == "fix":
            return row.adjusted(0, 2, -PADDING, -2)
        left, top = row.right() - FIX_BUTTON_WIDTH, row.top() + PADDING - 2
        return QRect(left, top, FIX_BUTTON_WIDTH - PADDING, self._metrics().height() + 4)

    def _row_height(self, line: DiagnosticRow, width: int) -> int:
        padding = 2 * PADDING if line.kind in ("problem", "fix") else PADDING
        height = self._text_layout(line, width).size().height() + padding
        if line.kind == "problem" and not self._is_inline(line, width):
            height += self._metrics(True).height()
        return max(round(height), ICON_SIZE + PADDING)

    def _paint_background(
        self, painter: QPainter, option: QStyleOptionViewItem, line: DiagnosticRow
    ) -> None:
        if option.state & _SELECTED:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & _HOVERED and line.kind != "fix":
            painter.fillRect(option.rect, self._theme.color("raised"))
        if option.state & _FOCUSED:
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_problem(
        self, painter: QPainter, option: QStyleOptionViewItem, line: DiagnosticRow
    ) -> None:
        rect = option.rect
        left, top, width = rect.left() + ICON_SIZE + 2 * PADDING, rect.top() + PADDING, rect.width()
        icon = icon_pixmap(self._theme, line.severity, SEVERITY_TOKENS[line.severity], ICON_SIZE)
        metrics = self._metrics(True)
        icon_offset = (metrics.height() - ICON_SIZE) / 2
        painter.drawPixmap(QPointF(rect.left() + PADDING, top + icon_offset), icon)
        is_inline, text_width = self._is_inline(line, width), self._text_width(line, width)
        name = metrics.elidedText(line.label, Qt.TextElideMode.ElideMiddle, text_width)
        painter.setFont(self._theme.ui_font(bold=True))
        painter.setPen(self._theme.color("text"))
        painter.drawText(QPointF(left, top + metrics.ascent()), name)
        painter.setFont(self._theme.ui_font())
        indent = metrics.horizontalAdvance(name) + 2 * PADDING if is_inline else 0
        position = QPointF(left + indent, top if is_inline else top + metrics.height())
        painter.drawStaticText(position, self._text_layout(line, width))
        if line.fix:
            self._draw_button(painter, option, self.fix_rect(rect, line), "Fix")

    def _paint_fix(
        self, painter: QPainter, option: QStyleOptionViewItem, line: DiagnosticRow
    ) -> None:
        rect = self.fix_rect(option.rect, line)
        self._draw_button(painter, option, rect, "")
        painter.setPen(self._theme.color("text"))
        painter.setFont(self._theme.ui_font())
        position = QPointF(rect.left() + ICON_SIZE + 2 * PADDING, option.rect.top() + PADDING)
        painter.drawStaticText(position, self._text_layout(line, option.rect.width()))

    def _draw_button(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, text: str
    ) -> None:
        is_hovered = bool(option.state & _HOVERED)
        painter.setPen(QPen(self._theme.color("accent" if is_hovered else "border"), 1))
        painter.setBrush(self._theme.color("raised" if is_hovered else "surface"))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        icon_size = ICON_SIZE - 2
        line = self._metrics().height()
        top = rect.top() + ((rect.height() if text else line + PADDING) - icon_size) / 2
        icon = icon_pixmap(self._theme, "fix", "accent", icon_size)
        painter.drawPixmap(QPointF(rect.left() + PADDING, top), icon)
        if text:
            painter.setFont(self._theme.ui_font(9))
            painter.setPen(self._theme.color("text"))
            text_rect = rect.adjusted(PADDING + icon_size + 4, 0, -2, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(text_rect, flags, text)

    def _paint_detail(self, painter: QPainter, rect: QRect, line: DiagnosticRow) -> None:
        top = rect.top() + PADDING / 2
        metrics = self._metrics()
        painter.setFont(self._theme.ui_font())
        painter.setPen(self._theme.color("dim"))
        painter.drawText(QPointF(rect.left() + PADDING, top + metrics.ascent()), line.label)
        painter.setPen(self._theme.color("accent" if line.kind == "explain" else "text"))
        position = QPointF(rect.left() + PADDING + LABEL_WIDTH, top)
        painter.drawStaticText(position, self._text_layout(line, rect.width()))

    def _line(self, index: Index) -> DiagnosticRow:
        return cast(DiagnosticModel, index.model()).diagnostic_row(index)

    def _row_width(self, index: Index) -> int:
        """Return the width of a row in pixels, which depends on its depth in the tree."""
        depth = cast(DiagnosticModel, index.model()).depth(index)
        return max(80, self._view.viewport().width() - depth * self._view.indentation())

    def _text_width(self, line: DiagnosticRow, width: int) -> int:
        """Return the width in pixels that is available for text in the row of a diagnostic."""
        return max(40, width - ICON_SIZE - 3 * PADDING - (FIX_BUTTON_WIDTH if line.fix else 0))

    def _is_inline(self, line: DiagnosticRow, width: int) -> bool:
        """Return whether a diagnostic's message is drawn beside the row's label, not below it."""
        available_width = self._text_width(line, width)
        name = self._metrics(True).horizontalAdvance(line.label)
        fits = name + 2 * PADDING + self._metrics().horizontalAdvance(line.text) <= available_width
        return fits or (available_width >= MIN_INLINE_WIDTH and name < available_width * 0.4)

    def _text_layout(self, line: DiagnosticRow, width: int) -> QStaticText:
        if line.kind == "fix":
            return self._text_layouts(line.text, width - ICON_SIZE - 4 * PADDING)
        if line.kind != "problem":
            return self._text_layouts(line.text, width - LABEL_WIDTH - 2 * PADDING)
        available_width = self._text_width(line, width)
        if self._is_inline(line, width):
            available_width -= self._metrics(True).horizontalAdvance(line.label) + 2 * PADDING
        return self._text_layouts(line.text, available_width)

    def _layout_text(self, text: str, width: int) -> QStaticText:
        layout = QStaticText(text)
        layout.setTextFormat(Qt.TextFormat.PlainText)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setTextWidth(max(40, width))
        layout.prepare(font=self._theme.ui_font())
        return layout

    def _metrics(self, bold: bool = False) -> QFontMetrics:
        return self._fonts[bold]
