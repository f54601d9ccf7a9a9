"""Drag and drop of files onto the window: graph files are opened, other files become data."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from app.files.documents.document_manager import DocumentManager


def local_paths(mime: QMimeData) -> list[Path]:
    """Return the paths of the dragged local files and folders. Remote URLs are left out."""
    urls = mime.urls() if mime.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile()]


def is_graph_file(path: Path) -> bool:
    """Return whether a path has the extension of a graph file."""
    return path.name.lower().endswith(".json")


class FileDropFilter(QObject):
    """An event filter for files dropped on a window, or on its widgets that accept no drops.

    Signals:
        data_dropped: the path of a table, an archive of arrays or a folder.
    """

    data_dropped = Signal(Path)

    def __init__(self, window: QWidget, files: DocumentManager) -> None:
        super().__init__(window)
        self._files = files
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and (paths := local_paths(event.mimeData())):
            event.acceptProposedAction()
            if not isinstance(event, (QDragEnterEvent, QDragMoveEvent)):
                self.handle_paths(paths)
            return True
        return super().eventFilter(watched, event)

    def handle_paths(self, paths: list[Path]) -> None:
        """Open the graph files, and emit `data_dropped` for each other path."""
        self._files.open_all([path for path in paths if is_graph_file(path)])
        for path in paths:
            if not is_graph_file(path):
                self.data_dropped.emit(path)
