"""The editor for the keys of one action. It reports conflicts with other actions."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.controls import Heading, InlineMessage
from app.controls.layout.boxes import clear_layout, column_layout, row_layout
from app.shortcuts.key_capture_field import KeyCaptureField
from app.shortcuts.keymap import Keymap, ShortcutAction, to_native
from app.theme.icons import icon
from app.theme.theme import Theme


class KeysEditor(QWidget):
    """An editor of an action's key sequences, with a button to remove each, and a field to add one.

    Signals:
        editing_finished: the user leaves the editor. The list of actions then takes the focus.
    """

    editing_finished = Signal()

    def __init__(self, theme: Theme, keymap: Keymap) -> None:
        super().__init__()
        self._theme = theme
        self._keymap = keymap
        self._action: ShortcutAction | None = None
        self._conflicting_keys = ""
        self._title = Heading("")
        self._keys = row_layout(spacing=6)
        self._key_field = KeyCaptureField()
        self._restore_default = QPushButton("Restore default", clicked=self._on_default_clicked)
        self._conflict = InlineMessage(theme, "warning", "")
        self._reassign = QPushButton(clicked=self._on_reassign_clicked)
        self._cancel = QPushButton(clicked=self._on_cancel_clicked)
        self._lay_out()
        self._key_field.keys_captured.connect(self._on_keys_captured)
        self._key_field.canceled.connect(self.editing_finished)
        keymap.changed.connect(self._refresh)
        self.show_action(None)

    def show_action(self, action: ShortcutAction | None) -> None:
        """Set the action to edit; None clears the editor."""
        self._action = action
        self._show_conflict("")
        self._refresh()

    def start(self) -> None:
        """Focus the field that records keys."""
        self._key_field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self._key_field.setFixedWidth(190)
        line = row_layout(self._keys, self._key_field, None, self._restore_default, spacing=10)
        self._conflict_row = QWidget()
        items = (self._conflict, self._reassign, self._cancel)
        row_layout(*items, parent=self._conflict_row, stretch=self._conflict)
        for button in (self._restore_default, self._reassign, self._cancel):
            button.setAutoDefault(False)
        column_layout(self._title, line, self._conflict_row, parent=self, spacing=8)

    def _refresh(self) -> None:
        action = self._action
        self._title.setText(action.text if action else "Choose an action to change its keys")
        self._key_field.setVisible(action is not None)
        self._restore_default.setVisible(action is not None)
        clear_layout(self._keys)
        if action is not None:
            for keys in self._keymap.keys(action.id):
                self._keys.addWidget(self._remove_button(keys))
            self._restore_default.setEnabled(not self._keymap.is_default(action.id))

    def _remove_button(self, keys: str) -> QPushButton:
        button = QPushButton(to_native(keys), icon=icon(self._theme, "close", "dim"))
        # Place the icon to the right of the text, as on other buttons that remove an entry.
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setToolTip(f"Remove {to_native(keys)}")
        button.setAccessibleName(f"Remove {to_native(keys)}")
        button.setProperty("keys", keys)
        button.setAutoDefault(False)
        button.clicked.connect(self._on_remove_clicked)
        return button

    def _show_conflict(self, keys: str) -> None:
        """Ask whether to reassign `keys`, which other actions use. If `keys` is "", do not ask."""
        self._conflicting_keys = keys
        self._conflict_row.setVisible(bool(keys))
        if keys and self._action:
            actions = self._keymap.actions_using(keys, except_id=self._action.id)
            names = " and ".join(f"{action.text} ({action.group})" for action in actions)
            self._conflict.show_message("warning", f"{to_native(keys)} is used by {names}.")
            self._reassign.setText(f"Use it for {self._action.text}")
            self._cancel.setText("Keep it there")

    def _on_keys_captured(self, keys: str) -> None:
        if self._action is None:
            return
        if self._keymap.actions_using(keys, except_id=self._action.id):
            self._show_conflict(keys)
        else:
            self._show_conflict("")
            self._keymap.assign(self._action.id, keys)

    def _on_reassign_clicked(self) -> None:
        keys, action = self._conflicting_keys, self._action
        self._show_conflict("")
        if action is not None:
            self._keymap.assign(action.id, keys)
        self.start()

    def _on_cancel_clicked(self) -> None:
        self._show_conflict("")
        self.start()

    def _on_remove_clicked(self) -> None:
        removed = self.sender().property("keys")
        if self._action is not None:
            remaining = [keys for keys in self._keymap.keys(self._action.id) if keys != removed]
            self._keymap.set_keys(self._action.id, remaining)
        self.start()

    def _on_default_clicked(self) -> None:
        if self._action is None:
            return
        self._keymap.reset(self._action.id)
        for keys in self._keymap.default(self._action.id):
            if self._keymap.actions_using(keys, except_id=self._action.id):
                self._show_conflict(keys)
                return
        self.editing_finished.emit()
