"""The text field over the name of a node or the title of a frame, for renaming on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.controls.inputs.focus import TEMPORARY_REASONS
from app.theme.style import set_property


class NameField(QLineEdit):
    """A line edit that calls `on_finished` when Enter, Tab, Escape or a focus loss ends editing.

    `on_finished` gets two arguments: whether the text is accepted (not after Escape), and whether
    the field must close even if the text is invalid. The second argument is True after Escape and
    after a focus loss that is not temporary.
    """

    on_finished: Callable[[bool, bool], None]

    @property
    def error(self) -> str:
        """Why the text is invalid, "" if it is valid."""
        return self.accessibleDescription()

    def set_error(self, problem: str) -> None:
        """Mark the text as invalid, with the reason for screen readers; "" marks it as valid."""
        if problem != self.error:
            self.setAccessibleDescription(problem)
            set_property(self, "invalid", bool(problem))

    def event(self, event: QEvent) -> bool:
        """Accept every shortcut, so that no canvas action is triggered."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.on_finished(True, False)
        elif event.key() == Qt.Key.Key_Escape:
            self.on_finished(False, True)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        self.on_finished(True, False)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.on_finished(True, event.reason() not in TEMPORARY_REASONS)
