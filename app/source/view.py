"""A read-only text view with line numbers. The lines of selected nodes are highlighted."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.source.highlighter import Language, SourceHighlighter
from app.source.source_text import SourceText
from app.theme.theme import Theme

_GAP = 10
_MAX_HIGHLIGHTED = 300  # number of lines; if more were highlighted, none would stand out
_RIGHT = Qt.AlignmentFlag.AlignRight


class SourceView(QPlainTextEdit):
    """A read-only text view. Its lines and words can belong to nodes of the graph.

    Signals:
        node_clicked: the name of the node whose line or word the user clicked.
    """

    node_clicked = Signal(str)

    def __init__(
        self, theme: Theme, language: Language, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, accessibleName=name, undoRedoEnabled=False)
        self._theme = theme
        self.content = SourceText()
        self._selected_nodes: list[str] = []
        self._is_pressed = False
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._highlighter = SourceHighlighter(self.document(), theme, language)
        self._line_numbers = _LineNumbers(self)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_text(self, content: SourceText) -> None:
        """Set the text. Replace only the changed part, so that the view does not jump.

        The lines at the start and at the end that the old and the new text have in common are kept.
        All lines between them are replaced.
        """
        old = self.content.text.split("\n")
        self.content = content
        new = content.text.split("\n")
        first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
        if first is None and len(old) == len(new):
            self._update_highlights()
            return
        first = min(len(old), len(new)) - 1 if first is None else first
        limit = min(len(old), len(new)) - first
        same = next((n for n in range(limit) if old[-1 - n] != new[-1 - n]), limit)
        scroll_x, scroll_y = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._replace(first, len(old) - same, new[first : len(new) - same], bool(same))
        self.horizontalScrollBar().setValue(scroll_x)
        self.verticalScrollBar().setValue(scroll_y)
        self._update_highlights()

    def highlight_nodes(self, names: Iterable[str], can_scroll: bool) -> None:
        """Highlight the lines of nodes.

        If `can_scroll` is True and none of these lines is visible, scroll to the first one.
        """
        self._selected_nodes = list(names)
        lines = self._update_highlights()
        if can_scroll and lines and not any(map(self._is_visible_line, lines)):
            cursor = QTextCursor(self.document().findBlockByNumber(lines[0]))
            self.setTextCursor(cursor)
            self.centerCursor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._is_pressed = event.button() == Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        cursor = self.cursorForPosition(event.position().toPoint())
        if self._is_pressed and not self.textCursor().hasSelection():
            line = cursor.blockNumber()
            cursor.select(QTextCursor.SelectionType.WordUnderCursor)
            node = self.content.node_at(line, cursor.selectedText())
            if node is not None:
                self.node_clicked.emit(node)
        self._is_pressed = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._line_numbers.setGeometry(inside.left(), inside.top(), self.margin(), inside.height())

    def margin(self) -> int:
        """Return the width in pixels of the margin that contains the line numbers."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + 2 * _GAP

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Paint the numbers of the visible lines in the margin."""
        painter = QPainter(self._line_numbers)
        painter.fillRect(event.rect(), self._theme.color("window"))
        painter.setFont(self.font())
        painter.setPen(self._theme.color("dim"))
        width, height = self._line_numbers.width() - _GAP, self.fontMetrics().height()
        block = self.firstVisibleBlock()
        while block.isValid():
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
            if top > event.rect().bottom():
                break
            painter.drawText(0, round(top), width, height, _RIGHT, str(block.blockNumber() + 1))
            block = block.next()

    def _replace(self, first: int, end: int, lines: list[str], has_following: bool) -> None:
        """Replace lines of the text, from the line with index `first`, by `lines`.

        If `has_following` is True, the line with index `end` and all lines after it are kept.
        Otherwise, all lines from `first` on are replaced.
        """
        cursor = QTextCursor(self.document().findBlockByNumber(first))
        mode = QTextCursor.MoveMode.KeepAnchor
        if has_following:
            cursor.setPosition(self.document().findBlockByNumber(end).position(), mode)
            cursor.insertText("".join(f"{line}\n" for line in lines))
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End, mode)
            cursor.insertText("\n".join(lines))

    def _update_highlights(self) -> list[int]:
        lines = self.content.lines_of(self._selected_nodes)
        background = self._theme.color("selected")
        highlights = []
        for line in lines[:_MAX_HIGHLIGHTED]:
            highlight = QTextEdit.ExtraSelection()
            highlight.cursor = QTextCursor(self.document().findBlockByNumber(line))
            highlight.format.setBackground(background)
            highlight.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            highlights.append(highlight)
        self.setExtraSelections(highlights)
        return lines

    def _is_visible_line(self, line: int) -> bool:
        block = self.document().findBlockByNumber(line)
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        return block.isValid() and 0 <= top < self.viewport().height() - self.fontMetrics().height()

    def _on_block_count_changed(self) -> None:
        self.setViewportMargins(self.margin(), 0, 0, 0)

    def _on_update_request(self, rect: QRect, scroll_y: int) -> None:
        if scroll_y:
            self._line_numbers.scroll(0, scroll_y)
        else:
            self._line_numbers.update(0, rect.y(), self._line_numbers.width(), rect.height())

    def _on_theme_changed(self) -> None:
        self.setFont(self._theme.mono_font())
        self._on_block_count_changed()
        self._update_highlights()


class _LineNumbers(QWidget):
    def __init__(self, view: SourceView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.margin(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(event)
