"""A text that can be read but not typed into: numbered lines, some of them lit up."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.source.highlighter import Language, SourceHighlighter
from app.source.line_map import Text
from app.theme.theme import Theme

_GAP = 10
_MOST_LIT = 300  # lines; with everything selected nothing stands out
_RIGHT = Qt.AlignmentFlag.AlignRight


class SourceView(QPlainTextEdit):
    """Shows a text with the nodes that its lines belong to.

    Signals:
        node_clicked: the person clicked what belongs to a node.
    """

    node_clicked = Signal(str)

    def __init__(
        self, theme: Theme, language: Language, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._places = Text()
        self._chosen: list[str] = []
        self._pressed = False
        self.setObjectName(f"source-{language}")
        self.setAccessibleName(name)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._highlighter = SourceHighlighter(self.document(), theme, language)
        self._numbers = _Numbers(self)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def places(self) -> Text:
        """The text with its nodes."""
        return self._places

    def show_text(self, places: Text) -> None:
        """Let the text be this; only lines that differ are touched, so nothing jumps."""
        old = self._places.text.split("\n")
        self._places = places
        new = places.text.split("\n")
        first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
        if first is None and len(old) == len(new):
            self._light()
            return
        first = min(len(old), len(new)) - 1 if first is None else first
        most = min(len(old), len(new)) - first
        same = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._replace(first, len(old) - same, new[first : len(new) - same], bool(same))
        self.horizontalScrollBar().setValue(across)
        self.verticalScrollBar().setValue(down)
        self._light()

    def light(self, names: Iterable[str], into_sight: bool) -> None:
        """Light up the lines of nodes, the first of them in sight if that is wanted."""
        self._chosen = list(names)
        lines = self._light()
        if into_sight and lines and not any(map(self._in_sight, lines)):
            cursor = QTextCursor(self.document().findBlockByNumber(lines[0]))
            self.setTextCursor(cursor)
            self.centerCursor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = event.button() == Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        cursor = self.cursorForPosition(event.position().toPoint())
        if self._pressed and not self.textCursor().hasSelection():
            line = cursor.blockNumber()
            cursor.select(QTextCursor.SelectionType.WordUnderCursor)
            node = self._places.at(line, cursor.selectedText())
            if node is not None:
                self.node_clicked.emit(node)
        self._pressed = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(inside.left(), inside.top(), self.margin(), inside.height())

    def margin(self) -> int:
        """Return the pixels that the numbers of the lines take."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + 2 * _GAP

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Draw the numbers of the lines in sight."""
        painter = QPainter(self._numbers)
        painter.fillRect(event.rect(), self._theme.color("window"))
        painter.setFont(self.font())
        painter.setPen(self._theme.color("dim"))
        width, height = self._numbers.width() - _GAP, self.fontMetrics().height()
        block = self.firstVisibleBlock()
        while block.isValid():
            top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
            if top > event.rect().bottom():
                break
            painter.drawText(0, round(top), width, height, _RIGHT, str(block.blockNumber() + 1))
            block = block.next()

    def _replace(self, first: int, end: int, lines: list[str], more: bool) -> None:
        """Put lines in the place of those from `first` up to `end`; `more` stand behind them."""
        cursor = QTextCursor(self.document().findBlockByNumber(first))
        mode = QTextCursor.MoveMode.KeepAnchor
        if more:
            cursor.setPosition(self.document().findBlockByNumber(end).position(), mode)
            cursor.insertText("".join(f"{line}\n" for line in lines))
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End, mode)
            cursor.insertText("\n".join(lines))

    def _light(self) -> list[int]:
        lines = self._places.of(self._chosen)
        tint = self._theme.color("selected")
        lit = []
        for line in lines[:_MOST_LIT]:
            each = QTextEdit.ExtraSelection()
            each.cursor = QTextCursor(self.document().findBlockByNumber(line))
            each.format.setBackground(tint)
            each.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            lit.append(each)
        self.setExtraSelections(lit)
        return lines

    def _in_sight(self, line: int) -> bool:
        block = self.document().findBlockByNumber(line)
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        return block.isValid() and 0 <= top < self.viewport().height() - self.fontMetrics().height()

    def _on_block_count_changed(self) -> None:
        self.setViewportMargins(self.margin(), 0, 0, 0)

    def _on_update_request(self, rect: QRect, down: int) -> None:
        if down:
            self._numbers.scroll(0, down)
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())

    def _on_theme_changed(self) -> None:
        self.setFont(self._theme.mono_font())
        self._on_block_count_changed()
        self._light()


class _Numbers(QWidget):
    """The strip beside a text."""

    def __init__(self, view: SourceView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.margin(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(event)
