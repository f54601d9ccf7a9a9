"""The field that lies over a name while it is typed anew."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.theme.style import set_property

_REASON = Qt.FocusReason
# The keyboard comes back by itself after these.
_FOR_A_WHILE = (
    _REASON.ActiveWindowFocusReason, _REASON.PopupFocusReason, _REASON.MenuBarFocusReason,
)  # fmt: skip


class NameField(QLineEdit):
    """Tells when its text shall be kept: by Enter, Tab or leaving, but not by Escape.

    `left` is called with whether to keep it, and whether the person has gone for good.
    """

    left: Callable[[bool, bool], None]

    @property
    def problem(self) -> str:
        """Why the text can't be taken, "" if it can."""
        return self.accessibleDescription()

    def set_problem(self, problem: str) -> None:
        """Have a red border and tell a screen reader why, or with "" neither."""
        if problem != self.problem:
            self.setAccessibleDescription(problem)
            set_property(self, "invalid", bool(problem))

    def event(self, event: QEvent) -> bool:
        """Keep every key from the actions of the canvas that it lies on."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End at Enter and at Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left(True, False)
        elif event.key() == Qt.Key.Key_Escape:
            self.left(False, True)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """End at Tab, as at Enter."""
        self.left(True, False)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed when the person goes elsewhere."""
        super().focusOutEvent(event)
        self.left(True, event.reason() not in _FOR_A_WHILE)
