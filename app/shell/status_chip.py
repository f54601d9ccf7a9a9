"""The chip in the tool bar: how the document in front stands to its trainings."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton

from app.text.phrases import plain_tip
from app.theme.icons import icon
from app.theme.theme import Theme
from app.training.panel.document_status import Standing

_SIGNS = {
    "none": ("dirty", "dim"), "invalid": ("error", "danger"), "unfit": ("error", "danger"),
    "lost": ("database", "dim"), "partial": ("warning", "warning"), "valid": ("check", "dim"),
    "training": ("play", "accent"),
    "paused": ("pause", "accent"), "trained": ("ok", "success"),
    "edited": ("edit", "warning"), "stopped": ("stop", "dim"),
}  # fmt: skip


class Chip(QToolButton):
    """Says it in a few words; a click shows the training, or what is to be mended before."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._standing: Standing | None = None
        self.setObjectName("standing")
        self.setProperty("role", "chip")
        self.setAutoRaise(True)
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    @property
    def leads_to(self) -> str:
        """The panel that a click shows."""
        found = self._standing is not None and self._standing.kind in ("invalid", "partial")
        return "Problems" if found else "Training"

    def show_standing(self, standing: Standing) -> None:
        """Show another standing; that of an empty canvas is nothing."""
        if standing == self._standing:
            return
        self._standing = standing
        name, token = _SIGNS[standing.kind]
        self.setIcon(icon(self._theme, name, token))
        self.setText(standing.text)
        self.setToolTip(plain_tip(standing.tip))
        self.setAccessibleName(f"State: {standing.text}")
        self.setAccessibleDescription(standing.tip)
        self.setEnabled(standing.kind != "none")
