"""Paints a row of the problems: icon, name and text that wraps, and fixes as buttons."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QStaticText, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from app.controls.diagnostics.entries import Line
from app.controls.diagnostics.model import Index, ProblemModel
from app.theme.icons import icon_pixmap
from app.theme.theme import SEVERITY_TOKENS, Theme

PAD = 6
ICON = 16
HEAD = 72  # pixels for "Expected" and its like
FIX = 62  # pixels for the button at the end of a problem's row
NARROW = 340  # pixels of text below which the name stands above the message
_ANTIALIASING = QPainter.RenderHint.Antialiasing
_SELECTED = QStyle.StateFlag.State_Selected
_HOVERED = QStyle.StateFlag.State_MouseOver
_FOCUSED = QStyle.StateFlag.State_HasFocus


class ProblemDelegate(QStyledItemDelegate):
    """Draws rows for one view, whose width decides where texts wrap."""

    def __init__(self, theme: Theme, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self._wrapped = lru_cache(1024)(self._wrap)
        self._sizes: dict[tuple[object, ...], QSize] = {}
        self._fonts = (QFontMetrics(theme.ui_font()), QFontMetrics(theme.ui_font(bold=True)))
        theme.changed.connect(self.forget)

    def forget(self) -> None:
        """Lay all texts out anew, as fonts or colours are others."""
        self._wrapped.cache_clear()
        self._sizes.clear()
        self._fonts = (
            QFontMetrics(self._theme.ui_font()),
            QFontMetrics(self._theme.ui_font(bold=True)),
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = self._line(index)
        width = self._width(index)
        key = (line.kind, line.head, line.text, line.fix is None, width)
        size = self._sizes.get(key)
        if size is None:
            size = self._sizes[key] = QSize(width, self._height(line, width))
        return size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = self._line(index)
        painter.save()
        painter.setRenderHint(_ANTIALIASING)
        self._ground(painter, option, line)
        if line.kind == "problem":
            self._paint_problem(painter, option, line)
        elif line.kind == "fix":
            self._paint_button(painter, option, line)
        else:
            self._paint_fact(painter, option, line)
        painter.restore()

    def fix_rect(self, row: QRect, line: Line) -> QRect:
        """Return where the button of a row is; an empty rectangle if it has none."""
        if line.fix is None:
            return QRect()
        if line.kind == "fix":
            return row.adjusted(0, 2, -PAD, -2)
        height = self._metrics().height() + 4
        return QRect(row.right() - FIX, row.top() + PAD - 2, FIX - PAD, height)

    def _height(self, line: Line, width: int) -> int:
        text = self._text(line, width)
        height = text.size().height() + (2 * PAD if line.kind in ("problem", "fix") else PAD)
        if line.kind == "problem" and not self._beside(line, width):
            height += self._metrics(True).height()
        return max(round(height), ICON + PAD)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
        if option.state & _SELECTED:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & _HOVERED and line.kind != "fix":
            painter.fillRect(option.rect, self._theme.color("raised"))
        if option.state & _FOCUSED:
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_problem(self, painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
        rect = option.rect
        left, top, width = rect.left() + ICON + 2 * PAD, rect.top() + PAD, rect.width()
        mark = icon_pixmap(self._theme, line.severity, SEVERITY_TOKENS[line.severity], ICON)
        shift = (self._metrics(True).height() - ICON) / 2
        painter.drawPixmap(QPointF(rect.left() + PAD, top + shift), mark)
        metrics = self._metrics(True)
        beside = self._beside(line, width)
        name = metrics.elidedText(line.head, Qt.TextElideMode.ElideMiddle, self._room(line, width))
        painter.setFont(self._theme.ui_font(bold=True))
        painter.setPen(self._theme.color("text"))
        painter.drawText(QPointF(left, top + metrics.ascent()), name)
        painter.setFont(self._theme.ui_font())
        aside = metrics.horizontalAdvance(name) + 2 * PAD if beside else 0
        at = QPointF(left + aside, top if beside else top + metrics.height())
        painter.drawStaticText(at, self._text(line, width))
        if line.fix:
            self._button(painter, option, self.fix_rect(rect, line), "Fix")

    def _paint_button(self, painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
        rect = self.fix_rect(option.rect, line)
        self._button(painter, option, rect, "")
        painter.setPen(self._theme.color("text"))
        painter.setFont(self._theme.ui_font())
        at = QPointF(rect.left() + ICON + 2 * PAD, option.rect.top() + PAD)
        painter.drawStaticText(at, self._text(line, option.rect.width()))

    def _button(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, text: str
    ) -> None:
        hot = bool(option.state & _HOVERED)
        painter.setPen(QPen(self._theme.color("accent" if hot else "border"), 1))
        painter.setBrush(self._theme.color("raised" if hot else "surface"))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        small = ICON - 2
        line = self._metrics().height()
        top = rect.top() + ((rect.height() if text else line + PAD) - small) / 2
        mark = icon_pixmap(self._theme, "fix", "accent", small)
        painter.drawPixmap(QPointF(rect.left() + PAD, top), mark)
        if text:
            painter.setFont(self._theme.ui_font(9))
            painter.setPen(self._theme.color("text"))
            words = rect.adjusted(PAD + small + 4, 0, -2, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(words, flags, text)

    def _paint_fact(self, painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
        rect = option.rect
        top = rect.top() + PAD / 2
        metrics = self._metrics()
        painter.setFont(self._theme.ui_font())
        painter.setPen(self._theme.color("dim"))
        painter.drawText(QPointF(rect.left() + PAD, top + metrics.ascent()), line.head)
        painter.setPen(self._ink(line))
        at = QPointF(rect.left() + PAD + HEAD, top)
        painter.drawStaticText(at, self._text(line, rect.width()))

    def _ink(self, line: Line) -> QColor:
        return self._theme.color("accent" if line.kind == "explain" else "text")

    def _line(self, index: Index) -> Line:
        return cast(ProblemModel, index.model()).line(index)

    def _width(self, index: Index) -> int:
        """Return the pixels that a row has, from its depth in the tree."""
        depth = cast(ProblemModel, index.model()).depth(index)
        return max(80, self._view.viewport().width() - depth * self._view.indentation())

    def _room(self, line: Line, width: int) -> int:
        """Return the pixels for text in a problem's row."""
        return max(40, width - ICON - 3 * PAD - (FIX if line.fix else 0))

    def _beside(self, line: Line, width: int) -> bool:
        """Return whether name and message stand on one line."""
        room = self._room(line, width)
        name = self._metrics(True).horizontalAdvance(line.head)
        fits = name + 2 * PAD + self._metrics().horizontalAdvance(line.text) <= room
        return fits or (room >= NARROW and name < room * 0.4)

    def _text(self, line: Line, width: int) -> QStaticText:
        if line.kind == "fix":
            return self._wrapped(line.text, width - ICON - 4 * PAD)
        if line.kind != "problem":
            return self._wrapped(line.text, width - HEAD - 2 * PAD)
        room = self._room(line, width)
        if self._beside(line, width):
            room -= self._metrics(True).horizontalAdvance(line.head) + 2 * PAD
        return self._wrapped(line.text, room)

    def _wrap(self, text: str, width: int) -> QStaticText:
        laid_out = QStaticText(text)
        laid_out.setTextFormat(Qt.TextFormat.PlainText)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        laid_out.setTextOption(option)
        laid_out.setTextWidth(max(40, width))
        laid_out.prepare(font=self._theme.ui_font())
        return laid_out

    def _metrics(self, bold: bool = False) -> QFontMetrics:
        return self._fonts[bold]
