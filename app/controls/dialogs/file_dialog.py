"""Qt's file dialog, where the desktop has none: its columns fit, and a typed path is not lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHeaderView, QLineEdit, QTreeView, QWidget

_SIZE = QSize(820, 520)
_FIT, _STRETCH = QHeaderView.ResizeMode.ResizeToContents, QHeaderView.ResizeMode.Stretch


class FileDialog(QFileDialog):
    """Asks for a file.

    Why: Qt takes a folder that is typed for a step into it and empties the field, which looks like
    a refusal; and its columns cut sizes to "21…es".

    Args:
        parent: what it lies over.
        title: of the dialog.
        folder: to begin in.

    `takes_folders` says that a folder that is typed is an answer, too.
    """

    def __init__(self, parent: QWidget | None, title: str, folder: str = "") -> None:
        super().__init__(parent, title, folder)
        self.takes_folders = False

    def accept(self) -> None:
        """Take what is typed; into a folder go, and leave its path to be typed on."""
        typed = self._typed_folder()
        if typed is None:
            super().accept()
        elif self.takes_folders:
            self.selectFile(str(typed))
            self.fileSelected.emit(str(typed))
            QDialog.accept(self)
        else:
            self.setDirectory(str(typed))
            self._show_typed(f"{typed}/" if typed != typed.parent else str(typed))

    def showEvent(self, event: QShowEvent) -> None:
        """Make room for what stands in the columns."""
        super().showEvent(event)
        columns = self.findChild(QTreeView, "treeView")
        if not isinstance(columns, QTreeView):
            return
        self.resize(self.size().expandedTo(_SIZE))
        header = columns.header()
        header.setStretchLastSection(False)
        header.setResizeContentsPrecision(0)  # of what is in sight, for folders may be large
        for column in range(header.count()):
            header.setSectionResizeMode(column, _STRETCH if column == 0 else _FIT)

    def _typed_folder(self) -> Path | None:
        """Return the folder whose whole path is typed, None if something else is."""
        field = self.findChild(QLineEdit, "fileNameEdit")
        if not isinstance(field, QLineEdit):  # the dialog is the desktop's
            return None
        text = field.text().strip()
        if not text.startswith(("/", "~")) and not Path(text).is_absolute():
            return None
        try:
            folder = Path(text).expanduser()
            return folder if folder.is_dir() else None
        except (OSError, RuntimeError, ValueError):
            return None

    def _show_typed(self, text: str) -> None:
        field = self.findChild(QLineEdit, "fileNameEdit")
        if isinstance(field, QLineEdit):
            field.setText(text)
