"""What the pages of the data panel have in common that tell what the engine found out."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.data.pages.data_check_job import Examination
from app.documents.workspace import Workspace


class Page(QWidget):
    """Asks for an examination while it is seen, and shows itself anew when there is another.

    Args:
        workspace: holds the document in front.
        examination: of that document and its data.
    """

    def __init__(
        self, workspace: Workspace, examination: Examination, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._examination = workspace, examination
        examination.watch(self)
        examination.changed.connect(self._on_examined)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what is shown."""
        super().showEvent(event)
        self._examination.look()
        self._refresh()

    def _refresh(self) -> None:
        """Show the document as it is; a subclass says how."""
        raise NotImplementedError(type(self).__name__)

    def _on_examined(self) -> None:
        self._refresh()
