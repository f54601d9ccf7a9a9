"""Room for a panel: where that is less than the panel needs, the panel scrolls."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST = QSize(200, 70)  # logical pixels in which one can still scroll


class Room(QScrollArea):
    """Holds one panel, which a window need not be large for: hidden tabs count as well.

    Args:
        panel: what stands in it, as large as the room or as large as it has to be.
    """

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self._panel = panel
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(panel.accessibleName())
        self.setWidget(panel)

    @property
    def needed(self) -> int:
        """The height at which nothing of it has to be scrolled."""
        return self._panel.minimumSizeHint().height()

    def sizeHint(self) -> QSize:
        """Be as large as the panel would like to be."""
        return self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Give way."""
        return _LEAST
