"""The controller that saves and closes documents. Text that is being edited is applied first."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.inspector.panel import InspectorPanel
from app.shell.document_tabs import DocumentTabs
from app.training.panel.panel import TrainingPanel


class DocumentController(QObject):
    """Saves and closes documents.

    Before that, it applies text that is being edited in the inspector or in the training panel.
    """

    def __init__(
        self,
        workspace: Workspace,
        files: DocumentManager,
        tabs: DocumentTabs,
        inspector: InspectorPanel,
        training: TrainingPanel,
    ) -> None:
        super().__init__(files)
        self._workspace, self._files = workspace, files
        self._inspector, self._training = inspector, training
        tabs.close_requested.connect(self.close)
        files.opened.connect(self._on_opened)
        files.saved.connect(self._on_saved)
        files.status_message.connect(workspace.message)

    def commit_input(self) -> None:
        """Apply the text that is being edited in the inspector and in the training panel."""
        self._inspector.commit()
        self._training.commit()

    def save(self) -> None:
        """Save the active document, including text that is being edited."""
        self.commit_input()
        self._files.save(self._workspace.session)

    def close(self, session: Session) -> None:
        """Apply text that is being edited, ask about unsaved changes, and close a document."""
        self.commit_input()
        self._files.close(session)

    def _on_opened(self, session: Session) -> None:
        if session.path is not None:
            self._workspace.message.emit(f"Opened {session.path.name}.")

    def _on_saved(self, session: Session) -> None:
        self._training.run_relocation.move_ended_runs(session, just_saved=True)
