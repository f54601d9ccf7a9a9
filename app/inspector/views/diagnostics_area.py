"""A scroll area for diagnostics below the form: new diagnostics do not move the form fields."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy

from app.inspector.form.diagnostics_box import DiagnosticsBox

_MAX_HEIGHT = 230  # pixels; the rest is scrolled
_MARGIN = 12


class DiagnosticsArea(QScrollArea):
    """A scroll area with the diagnostics of the current view. It is hidden if there are none."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setViewportMargins(_MARGIN, _MARGIN // 2, _MARGIN, _MARGIN // 2)
        self.hide()

    def set_box(self, box: DiagnosticsBox) -> None:
        """Replace the diagnostics box."""
        previous = self.takeWidget()
        if previous is not None:
            previous.deleteLater()
        self.setWidget(box)
        box.changed.connect(self._update_visibility)
        self._update_visibility()

    def sizeHint(self) -> QSize:
        box = self.widget()
        if box is None:
            return QSize()
        height = box.heightForWidth(max(self.width() - 2 * _MARGIN, 1))
        height = max(height, box.minimumSizeHint().height())
        return QSize(super().sizeHint().width(), min(height + _MARGIN, _MAX_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _update_visibility(self) -> None:
        box = self.widget()
        self.setVisible(isinstance(box, DiagnosticsBox) and bool(box.texts))
        self.updateGeometry()
