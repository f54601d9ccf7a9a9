"""What cards and rows of the first page have in common: they are pressed, and say where one is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_REASON = Qt.FocusReason
# The keyboard was here before; whether that was shown stays as it was.
_BACK_AGAIN = (_REASON.ActiveWindowFocusReason, _REASON.PopupFocusReason)


class Pressable(QAbstractButton):
    """A button that is pressed by mouse, Enter or Space.

    `ringed` says that the keyboard is on it, and not just because it was clicked; `hovered` that
    the pointer is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = self.ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def follow(self, by_mouse: bool) -> None:
        """Take the keyboard after something else was pressed, by mouse or by a key."""
        self.setFocus(_REASON.MouseFocusReason if by_mouse else _REASON.TabFocusReason)
        # Qt may have given it the keyboard already, when what had it was hidden.
        self.ringed = not by_mouse
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Be pressed by Enter too; arrows are left to whatever holds it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in _ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        if event.reason() not in _BACK_AGAIN:
            self.ringed = event.reason() != _REASON.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Be quiet again."""
        super().focusOutEvent(event)
        if event.reason() not in _BACK_AGAIN:
            self.ringed = False
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Be quiet again."""
        super().leaveEvent(event)
        self.hovered = False
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget the pointer: of what is hidden under it, Qt does not tell that it has left."""
        super().hideEvent(event)
        self.hovered = False
