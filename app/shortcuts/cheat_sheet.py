"""The cheat sheet: all keyboard shortcuts and mouse gestures, with a search field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from app.controls import EmptyState, SearchEdit
from app.controls.dialogs.dialog import Dialog
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.shortcuts.keymap import ShortcutAction
from app.shortcuts.rows import RowList, ShortcutRow, matching_rows
from app.theme.theme import Theme

_SCROLLING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_TWO_COLUMNS = 640  # pixels, the minimum width for two columns


class CheatSheet(Dialog):
    """A dialog that lists all shortcuts and gestures in two columns.

    Signals:
        edit_requested: the user asks for the shortcut editor.
    """

    edit_requested = Signal()

    def __init__(
        self, theme: Theme, actions: Iterable[ShortcutAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, "Keys and gestures")
        self._rows = tuple(ShortcutRow(a.group, a.text, tuple(a.keys), a.mouse) for a in actions)
        self._search = SearchEdit(theme, "Search keys and gestures")
        self._search.installEventFilter(self)
        self._columns = (RowList(theme), RowList(theme))
        self._content = QWidget()
        self._columns_layout = row_layout(parent=self._content, spacing=16)
        self._page = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._no_match = EmptyState(theme, "keyboard", "", "")
        self._lay_out(theme)
        self._search.textChanged.connect(self._refresh)
        self.resize(900, 640)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll the list when an arrow or page key is pressed in the search field."""
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_key and isinstance(event, QKeyEvent) and event.key() in _SCROLLING:
            bar = self._page.verticalScrollBar()
            is_down = event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
            is_page = event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
            step = bar.pageStep() if is_page else 3 * bar.singleStep()
            bar.setValue(bar.value() + (step if is_down else -step))
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self, theme: Theme) -> None:
        for column in self._columns:
            column.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            column.setSelectionMode(RowList.SelectionMode.NoSelection)
            column.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self._columns_layout.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)
        self._page.setWidget(self._content)
        self._page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = page_stack(self._page, self._no_match)
        change = QPushButton("Edit shortcuts…", autoDefault=False)
        change.clicked.connect(self.edit_requested)
        top = row_layout(self._search, change, spacing=10, stretch=self._search)
        column_layout(
            top, self._stack, parent=self, margins=(18, 16, 18, 16), spacing=12, stretch=self._stack
        )

    def _refresh(self) -> None:
        matches = matching_rows(self._rows, self._search.text())
        halves = _halves(matches) if self.width() >= _TWO_COLUMNS else (matches, [])
        for column, rows in zip(self._columns, halves, strict=True):
            column.setVisible(bool(rows))
            column.set_rows(rows)
        self._columns_layout.activate()
        for column in self._columns:
            column.setFixedHeight(column.content_height())
        if not matches:
            text = "Type what you want to do, such as 'undo', or keys, such as 'Ctrl+Z'."
            self._no_match.set_message(f"Nothing matches '{self._search.text()}'", text)
        self._stack.setCurrentWidget(self._page if matches else self._no_match)


def _halves(rows: Sequence[ShortcutRow]) -> tuple[list[ShortcutRow], list[ShortcutRow]]:
    """Split rows into two columns of similar length, without splitting a shortcut group."""
    starts = [n for n, row in enumerate(rows) if n and rows[n - 1].group != row.group]
    middle = min(starts, key=lambda index: abs(2 * index - len(rows)), default=len(rows))
    return list(rows[:middle]), list(rows[middle:])
