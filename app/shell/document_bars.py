"""The bars above the canvas: documents to recover, the state of the file, and search."""

from __future__ import annotations

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.documents.file_bars import FileBar
from app.files.documents.recovery_bar import RecoveryBar
from app.find.bar import FindBar
from app.shell.document_tabs import DocumentTabs
from app.theme.theme import Theme


class DocumentBars:
    """The bars between tabs and canvas. Each bar is hidden while it has nothing to show."""

    def __init__(
        self, tabs: DocumentTabs, files: DocumentManager, workspace: Workspace, theme: Theme
    ) -> None:
        self._tabs = tabs
        self.recovery = RecoveryBar(files, theme)
        self.file = FileBar(files, workspace, theme)
        self.find = FindBar(workspace, theme)
        for bar in (self.recovery, self.file, self.find):
            tabs.bars_layout.addWidget(bar)
        self.find.hide()
        self.find.closed.connect(self._on_find_closed)

    def _on_find_closed(self) -> None:
        self._tabs.canvas.setFocus()
