"""The status chip in the tool bar: training status of the active document."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton

from app.shell.dock_layout import PanelTitle
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from app.training.panel.document_status import DocumentStatus

_ICONS = {
    "none": ("dirty", "dim"), "invalid": ("error", "danger"), "data-invalid": ("error", "danger"),
    "data-missing": ("database", "dim"), "no-loss": ("warning", "warning"),
    "valid": ("check", "dim"), "training": ("play", "accent"),
    "paused": ("pause", "accent"), "trained": ("ok", "success"),
    "edited": ("edit", "warning"), "stopped": ("stop", "dim"),
}  # fmt: skip


class StatusChip(QToolButton):
    """A tool button that shows the training status of a document in a few words.

    `target_panel` is the title of the panel to show on a click: Problems if the graph has errors
    or outputs without a loss, otherwise Training.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(autoRaise=True, iconSize=QSize(16, 16))
        self._theme = theme
        self._status: DocumentStatus | None = None
        self.setProperty("role", "chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    @property
    def target_panel(self) -> PanelTitle:
        """The title of the panel to show on a click."""
        has_problems = self._status is not None and self._status.kind in ("invalid", "no-loss")
        return "Problems" if has_problems else "Training"

    def show_status(self, status: DocumentStatus) -> None:
        """Show a status. The chip is disabled if the status says that the graph is empty."""
        if status == self._status:
            return
        self._status = status
        name, token = _ICONS[status.kind]
        self.setIcon(icon(self._theme, name, token))
        self.setText(status.text)
        self.setToolTip(plain_tooltip(status.tip))
        self.setAccessibleName(f"State: {status.text}")
        self.setAccessibleDescription(status.tip)
        self.setEnabled(status.kind != "none")
