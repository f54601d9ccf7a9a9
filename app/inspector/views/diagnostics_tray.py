"""A place for findings below the form, so that no field moves under a click when one comes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy

from app.inspector.form.diagnostics_box import Findings

_MOST = 230  # pixels; more of it is scrolled
_MARGIN = 12


class Tray(QScrollArea):
    """Holds the findings of the view that is shown; hidden while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inspector-findings")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setViewportMargins(_MARGIN, _MARGIN // 2, _MARGIN, _MARGIN // 2)
        self.hide()

    def hold(self, findings: Findings) -> None:
        """Show these from now on."""
        before = self.takeWidget()
        if before is not None:
            before.deleteLater()
        self.setWidget(findings)
        findings.changed.connect(self._follow)
        self._follow()

    def sizeHint(self) -> QSize:
        """Be as high as what is said at this width, up to a limit."""
        findings = self.widget()
        if findings is None:
            return QSize()
        high = findings.heightForWidth(max(self.width() - 2 * _MARGIN, 1))
        high = max(high, findings.minimumSizeHint().height())
        return QSize(super().sizeHint().width(), min(high + _MARGIN, _MOST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be higher where it is narrower."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _follow(self) -> None:
        findings = self.widget()
        self.setVisible(isinstance(findings, Findings) and bool(findings.texts))
        self.updateGeometry()
