"""The base class of clickable cards and rows: hover and keyboard focus states."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

_ARROW_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_FocusReason = Qt.FocusReason
# After focus events with these reasons, the focus ring stays as it was.
_KEEP_RING_REASONS = (_FocusReason.ActiveWindowFocusReason, _FocusReason.PopupFocusReason)


class ClickableFrame(QAbstractButton):
    """A button that is pressed by mouse, Enter or Space.

    `has_focus_ring` is True while the button has the keyboard focus, unless it got the focus from a
    click.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, focusPolicy=Qt.FocusPolicy.StrongFocus)
        self.has_focus_ring = False
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # repaint when the pointer enters or leaves
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def take_focus(self, by_mouse: bool) -> None:
        """Take the keyboard focus. Show the focus ring unless the mouse was used (`by_mouse`)."""
        self.setFocus(_FocusReason.MouseFocusReason if by_mouse else _FocusReason.TabFocusReason)
        # If this button already had the focus, `setFocus` sent no event that sets the ring.
        self.has_focus_ring = not by_mouse
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button also on Enter, and leave arrow keys to the parent."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in _ARROW_KEYS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in _KEEP_RING_REASONS:
            self.has_focus_ring = event.reason() != _FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _KEEP_RING_REASONS:
            self.has_focus_ring = False
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """End the hover, because Qt sends no leave event to a widget that is hidden."""
        super().hideEvent(event)
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
