"""Changes the keys of one action; says who holds keys that are taken."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.controls import Heading, Note
from app.shortcuts.key_capture import KeyCatcher
from app.shortcuts.keymap import Action, Keymap, native
from app.theme.icons import icon
from app.theme.theme import Theme


class KeysEditor(QWidget):
    """The keys of one action as buttons that remove them, and a field that takes new ones.

    Signals:
        left: the keyboard goes back to the list.
    """

    left = Signal()

    def __init__(self, theme: Theme, keymap: Keymap) -> None:
        super().__init__()
        self.setObjectName("keys-editor")
        self._theme = theme
        self._keymap = keymap
        self._action: Action | None = None
        self._asked = ""
        self._title = Heading("")
        self._keys = QHBoxLayout()
        self._catcher = KeyCatcher()
        self._default = QPushButton("Restore default")
        self._taken = Note(theme, "warning", "")
        self._give = QPushButton()
        self._leave = QPushButton()
        self._lay_out()
        self._catcher.caught.connect(self._on_caught)
        self._catcher.left.connect(self.left)
        self._default.clicked.connect(self._on_default_asked)
        self._give.clicked.connect(self._on_give)
        self._leave.clicked.connect(self._on_leave)
        keymap.changed.connect(self._on_keys_changed)
        self.show_action(None)

    def show_action(self, action: Action | None) -> None:
        """Edit the keys of another action."""
        self._action = action
        self._ask("")
        self._refresh()

    def start(self) -> None:
        """Wait for keys."""
        self._catcher.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self._keys.setSpacing(6)
        self._catcher.setFixedWidth(190)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addLayout(self._keys)
        line.addWidget(self._catcher)
        line.addStretch(1)
        line.addWidget(self._default)
        self._answers = QWidget()
        answers = QHBoxLayout(self._answers)
        answers.setContentsMargins(0, 0, 0, 0)
        answers.addWidget(self._taken, 1)
        answers.addWidget(self._give)
        answers.addWidget(self._leave)
        for button in (self._default, self._give, self._leave):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addLayout(line)
        layout.addWidget(self._answers)

    def _refresh(self) -> None:
        action = self._action
        self._title.setText(action.text if action else "Choose an action to change its keys")
        self._catcher.setVisible(action is not None)
        self._default.setVisible(action is not None)
        self._clear_keys()
        if action is not None:
            for keys in self._keymap.keys(action.id):
                self._keys.addWidget(self._removing_button(keys))
            self._default.setEnabled(not self._keymap.is_default(action.id))

    def _clear_keys(self) -> None:
        while (item := self._keys.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _removing_button(self, keys: str) -> QPushButton:
        button = QPushButton(native(keys))
        button.setIcon(icon(self._theme, "close", "dim"))
        # Puts the cross behind the keys, as on any chip that can be taken away.
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setToolTip(f"Remove {native(keys)}")
        button.setAccessibleName(f"Remove {native(keys)}")
        button.setProperty("keys", keys)
        button.setAutoDefault(False)
        button.clicked.connect(self._on_remove_asked)
        return button

    def _ask(self, keys: str) -> None:
        """Ask whether keys that are taken shall change hands; "" asks nothing."""
        self._asked = keys
        self._answers.setVisible(bool(keys))
        if keys and self._action:
            holders = self._keymap.holders(keys, besides=self._action.id)
            who = " and ".join(f"{holder.text} ({holder.group})" for holder in holders)
            self._taken.show_message("warning", f"{native(keys)} is used by {who}.")
            self._give.setText(f"Use it for {self._action.text}")
            self._leave.setText("Leave it there")

    def _on_caught(self, keys: str) -> None:
        if self._action is None:
            return
        if self._keymap.holders(keys, besides=self._action.id):
            self._ask(keys)
        else:
            self._ask("")
            self._keymap.give(self._action.id, keys)

    def _on_give(self) -> None:
        keys, action = self._asked, self._action
        self._ask("")
        if action is not None:
            self._keymap.give(action.id, keys)
        self.start()

    def _on_leave(self) -> None:
        self._ask("")
        self.start()

    def _on_remove_asked(self) -> None:
        gone = self.sender().property("keys")
        if self._action is not None:
            kept = [keys for keys in self._keymap.keys(self._action.id) if keys != gone]
            self._keymap.set_keys(self._action.id, kept)
        self.start()

    def _on_default_asked(self) -> None:
        if self._action is not None:
            self._keymap.reset(self._action.id)
        self.left.emit()

    def _on_keys_changed(self) -> None:
        self._refresh()
