"""The controller that saves and closes documents. Text that is being edited is applied first."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.documents.session import Session
from app.shell.window_parts import WindowParts


class DocumentController(QObject):
    """Saves and closes documents.

    Before that, it applies text that is being edited in the inspector or in the training panel.
    """

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._workspace, self._files = window.workspace, window.document_manager
        self._inspector, self._training = window.panels.inspector, window.panels.training
        window.tabs.close_requested.connect(self.close)
        self._files.saver.saved.connect(self._on_saved)

    def commit_input(self) -> None:
        """Apply the text that is being edited in the inspector and in the training panel."""
        self._inspector.commit()
        self._training.commit()

    def save(self) -> None:
        """Save the active document, including text that is being edited."""
        self.commit_input()
        self._files.saver.save(self._workspace.session)

    def close(self, session: Session) -> None:
        """Apply text that is being edited, ask about unsaved changes, and close a document."""
        self.commit_input()
        self._files.close_prompts.close(session)

    def _on_saved(self, session: Session) -> None:
        self._training.run_relocation.move_ended_runs(session, just_saved=True)
