"""Files dragged onto the window: graphs are opened, everything else is offered as data."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from app.files.documents.document_manager import Files


def paths_of(mime: QMimeData) -> list[Path]:
    """Return the files and folders of this machine in what is dragged; addresses are left out."""
    urls = mime.urls() if mime.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile()]


def is_graph(path: Path) -> bool:
    """Return whether a file is meant to be a graph, by its name."""
    return path.name.lower().endswith(".json")


class Drops(QObject):
    """Takes files that are dropped on a window or anything in it that takes no drops itself.

    Signals:
        data_dropped: a table, an archive of arrays or a folder, as a Path.
    """

    data_dropped = Signal(object)

    def __init__(self, window: QWidget, files: Files) -> None:
        super().__init__(window)
        self._files = files
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags that bring files, and leave all others alone."""
        if isinstance(event, QDropEvent) and (paths := paths_of(event.mimeData())):
            event.acceptProposedAction()
            if not isinstance(event, (QDragEnterEvent, QDragMoveEvent)):
                self.take(paths)
            return True
        return super().eventFilter(watched, event)

    def take(self, paths: list[Path]) -> None:
        """Open graphs, and pass data on."""
        self._files.open_all([path for path in paths if is_graph(path)])
        for path in paths:
            if not is_graph(path):
                self.data_dropped.emit(path)
