"""The "?" sheet: every gesture of keyboard and mouse on one page, to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.controls import EmptyState, SearchEdit
from app.shortcuts.keymap import Row
from app.shortcuts.rows import RowList, Shown, found_in
from app.theme.theme import Theme

_SCROLLING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_TWO_COLUMNS = 640


class ShortcutSheet(QDialog):
    """All gestures in two columns.

    Signals:
        edit_asked: the keys shall be changed.
    """

    edit_asked = Signal()

    def __init__(self, theme: Theme, rows: Iterable[Row], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcut-sheet")
        self.setWindowTitle("Keys and gestures")
        self._rows = tuple(Shown(row.group, row.text, tuple(row.keys), row.mouse) for row in rows)
        self._search = SearchEdit(theme, "Search keys and gestures")
        self._search.installEventFilter(self)
        self._columns = (RowList(theme), RowList(theme))
        self._inside = QWidget()
        self._side_by_side = QHBoxLayout(self._inside)
        self._page = QScrollArea()
        self._nothing = EmptyState(theme, "keyboard", "", "")
        self._stack = QStackedWidget()
        self._lay_out(theme)
        self._search.textChanged.connect(self._on_text_changed)
        self.resize(900, 640)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the keyboard in the search."""
        super().showEvent(event)
        self._refresh()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make one column of two where there is no room."""
        super().resizeEvent(event)
        if self.isVisible():
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the search field's arrow keys scroll the page."""
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_key and isinstance(event, QKeyEvent) and event.key() in _SCROLLING:
            bar = self._page.verticalScrollBar()
            down = event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
            page = event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
            step = bar.pageStep() if page else 3 * bar.singleStep()
            bar.setValue(bar.value() + (step if down else -step))
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self, theme: Theme) -> None:
        self._side_by_side.setContentsMargins(0, 0, 0, 0)
        self._side_by_side.setSpacing(16)
        for column in self._columns:
            column.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            column.setSelectionMode(RowList.SelectionMode.NoSelection)
            column.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self._side_by_side.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)
        self._page.setWidget(self._inside)
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self._page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack.addWidget(self._page)
        self._stack.addWidget(self._nothing)
        change = QPushButton("Edit shortcuts…")
        change.setAutoDefault(False)
        change.clicked.connect(self.edit_asked)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._search, 1)
        top.addWidget(change)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)

    def _refresh(self) -> None:
        found = found_in(self._rows, self._search.text())
        halves = _halves(found) if self.width() >= _TWO_COLUMNS else (found, [])
        for column, rows in zip(self._columns, halves, strict=True):
            column.setVisible(bool(rows))
            column.set_rows(rows)
        self._side_by_side.activate()
        for column in self._columns:
            column.setFixedHeight(column.whole_height())
        if not found:
            text = "Type what you want to do, such as 'undo', or keys, such as 'Ctrl+Z'."
            self._nothing.set_message(f"Nothing matches '{self._search.text()}'", text)
        self._stack.setCurrentWidget(self._page if found else self._nothing)

    def _on_text_changed(self) -> None:
        self._refresh()


def _halves(rows: Sequence[Shown]) -> tuple[list[Shown], list[Shown]]:
    """Share the rows between two columns as evenly as whole groups allow."""
    begins = [at for at, row in enumerate(rows) if at and rows[at - 1].group != row.group]
    middle = min(begins, key=lambda at: abs(2 * at - len(rows)), default=len(rows))
    return list(rows[:middle]), list(rows[middle:])
