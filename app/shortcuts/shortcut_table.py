"""The dialog to edit the keys of all actions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.controls import EmptyState, SearchEdit
from app.controls.dialogs.dialog import Dialog
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.shortcuts.keymap import Keymap, ShortcutAction, to_native
from app.shortcuts.keys_editor import KeysEditor
from app.shortcuts.rows import RowList, ShortcutRow, matching_rows, row_at
from app.theme.theme import Theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ShortcutTable(Dialog):
    """A dialog with a list of all actions and their keys, and an editor for the selected action.

    Changes apply immediately and are saved in the settings.
    """

    def __init__(self, theme: Theme, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Edit shortcuts")
        self._keymap = keymap
        self._search = SearchEdit(theme, "Search actions and keys")
        self._list = RowList(theme)
        text = "Clear the search to see them all."
        self._no_match = EmptyState(theme, "keyboard", "No action matches", text)
        self._editor = KeysEditor(theme, self._keymap)
        self._restore_all = QPushButton("Restore all defaults")
        self._lay_out()
        self._connect()
        self.resize(640, 640)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the focus: from search to list on Down or Enter, from list to editor on Enter."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if watched is self._search and event.key() in (Qt.Key.Key_Down, *_ENTER):
            self._list.setFocus(Qt.FocusReason.TabFocusReason)
        elif watched is self._list and event.key() in _ENTER:
            self._editor.start()
        else:
            return super().eventFilter(watched, event)
        return True

    def _lay_out(self) -> None:
        self._search.installEventFilter(self)
        self._list.installEventFilter(self)
        self._stack = page_stack(self._list, self._no_match)
        close = QPushButton("Close", clicked=self.accept)
        for button in (self._restore_all, close):
            button.setAutoDefault(False)
        bottom = row_layout(self._restore_all, None, close)
        items = (self._search, self._stack, self._editor, bottom)
        column_layout(
            *items, parent=self, margins=(18, 16, 18, 16), spacing=12, stretch=self._stack
        )

    def _connect(self) -> None:
        self._search.textChanged.connect(self._refresh)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._list.doubleClicked.connect(self._editor.start)
        self._editor.editing_finished.connect(self._on_editing_finished)
        self._restore_all.clicked.connect(self._keymap.reset_all)
        self._keymap.changed.connect(self._refresh)

    def _refresh(self) -> None:
        selected = row_at(self._list.currentIndex())
        matches = matching_rows(map(self._to_row, self._keymap.actions), self._search.text())
        self._list.set_rows(matches)
        self._stack.setCurrentWidget(self._list if matches else self._no_match)
        index = self._list.index_of(selected.id) if selected else QModelIndex()
        self._list.setCurrentIndex(index if index.isValid() else self._list.first())
        if not matches:
            self._editor.show_action(None)
        has_custom = any(not self._keymap.is_default(action.id) for action in self._keymap.actions)
        self._restore_all.setEnabled(has_custom)

    def _to_row(self, action: ShortcutAction) -> ShortcutRow:
        """Return the row of an action, with a note if other actions use the same keys."""
        keys = tuple(self._keymap.keys(action.id))
        conflicts = [
            f"{to_native(sequence)} also does: {other.text}"
            for sequence in keys
            for other in self._keymap.actions_using(sequence, except_id=action.id)
        ]
        is_custom = not self._keymap.is_default(action.id)
        note = " \u00b7 ".join(conflicts)
        return ShortcutRow(action.group, action.text, keys, "", action.id, note, is_custom)

    def _on_current_changed(self, index: QModelIndex) -> None:
        shown = row_at(index)
        by_id = {action.id: action for action in self._keymap.actions}
        self._editor.show_action(by_id[shown.id] if shown else None)

    def _on_editing_finished(self) -> None:
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)
