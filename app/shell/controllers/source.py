"""The controller for requests of the source panel: export its text, or show the problems."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.shell.window_parts import WindowParts


class SourceController(QObject):
    """Handles requests of the source panel: exports its text, or shows the Problems panel."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        window.panels.source.export_requested.connect(self._on_export_requested)
        window.panels.source.problems_requested.connect(self._on_problems_requested)

    def _on_export_requested(self, export_format: str) -> None:
        if export_format == "file":
            self._window.document_manager.saver.save_as(self._window.workspace.session)
        else:
            self._window.action_manager.actions[f"export-{export_format}"].trigger()

    def _on_problems_requested(self) -> None:
        self._window.dock_layout.show_panel("Problems")
