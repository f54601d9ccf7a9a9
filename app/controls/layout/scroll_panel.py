"""A scroll area for a panel."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_MIN_SIZE = QSize(200, 70)  # logical pixels


class ScrollPanel(QScrollArea):
    """A scroll area with a small minimum size, whatever the minimum size of its panel is.

    Why: otherwise the largest panel, even in a hidden tab, sets the minimum size of the window.
    """

    def __init__(self, panel: QWidget) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._panel = panel
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(panel.accessibleName())
        self.setWidget(panel)

    @property
    def content_height(self) -> int:
        """The minimum height at which the panel is shown without scrolling."""
        return self._panel.minimumSizeHint().height()

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return a small size, because the panel can be scrolled."""
        return _MIN_SIZE
