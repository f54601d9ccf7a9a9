"""The base class of dialogs."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from app.controls.placement import moved_into

_FRAME = QMargins(8, 36, 8, 8)  # of a window, in pixels: its title bar and borders


class Dialog(QDialog):
    """A dialog that is deleted when it closes, and never leaves the screen.

    When shown, it is made smaller and moved into the screen.
    Why: Qt moves a dialog that was opened near an edge, but keeps its size, and at a scale of 2 a
    usual screen has only 960 by 540 logical pixels.
    """

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent, windowTitle=title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def showEvent(self, event: QShowEvent) -> None:
        """Center the dialog on its window, and fit it into the screen before it appears."""
        free = free_area(self)
        self.resize(self.size().boundedTo(free.size()))
        super().showEvent(event)  # centers the dialog, unless it was moved before
        place = moved_into(self.geometry(), free)
        self.move(self.pos() + place.topLeft() - self.geometry().topLeft())


def free_area(widget: QWidget) -> QRect:
    """Return the part of the screen of a widget that the contents of a window may take."""
    return widget.screen().availableGeometry().marginsRemoved(_FRAME)
