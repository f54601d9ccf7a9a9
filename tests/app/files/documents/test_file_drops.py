"""Files dragged onto the window are opened if they are graphs, and offered as data if not."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.documents.file_drops import FileDropFilter, local_paths

_COPY = Qt.DropAction.CopyAction
_LEFT, _NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drag(window: QWidget, mime: QMimeData) -> bool:
    """Drag something onto a window and let go; answer whether it was taken."""
    enter = QDragEnterEvent(QPoint(5, 5), _COPY, mime, _LEFT, _NO_KEY)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    drop = QDropEvent(QPointF(5, 5), _COPY, mime, _LEFT, _NO_KEY)
    QApplication.sendEvent(window, drop)
    return drop.isAccepted()


def urls(*names: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(name) if "://" in name else QUrl.fromLocalFile(name) for name in names])
    return mime


@pytest.fixture
def drops(window: QWidget, files: DocumentManager) -> FileDropFilter:
    return FileDropFilter(window, files)


def test_graphs_open_and_tables_are_data(
    drops: FileDropFilter, window: QWidget, workspace: Workspace, posts: Path, tmp_path: Path
) -> None:
    """Both at once, each to its place."""
    table = tmp_path / "rows of mine.csv"
    table.write_text("a,b\n1,2\n")
    data: list[Path] = []
    drops.data_dropped.connect(data.append)
    assert drag(window, urls(str(posts), str(table), str(tmp_path)))
    assert workspace.session.path == posts
    assert data == [table, tmp_path]


def test_what_is_no_local_file_is_left_alone(drops: FileDropFilter, window: QWidget) -> None:
    """Text and addresses of the net are not taken, and nothing is fetched."""
    text = QMimeData()
    text.setText("/etc/passwd")
    assert local_paths(text) == []
    assert not drag(window, text)
    assert not drag(window, urls("https://example.org/x.loom.json"))


def test_a_broken_graph_that_is_dropped_is_told(
    drops: FileDropFilter, window: QWidget, tmp_path: Path, hand
) -> None:
    """As if it had been opened by the menu."""
    (tmp_path / "x.json").write_bytes(b"{")
    drag(window, urls(str(tmp_path / "x.json")))
    assert "can't be opened" in hand.question.title
    hand.escape()
