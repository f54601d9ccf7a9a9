"""A file dialog based on Qt's own, for desktops without a native dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHeaderView, QLineEdit, QTreeView, QWidget

_SIZE = QSize(820, 520)
_FIT, _STRETCH = QHeaderView.ResizeMode.ResizeToContents, QHeaderView.ResizeMode.Stretch


class FileDialog(QFileDialog):
    """A `QFileDialog` that keeps typed folder paths and shows full file sizes.

    Why: when the path of a folder is typed, `QFileDialog` enters the folder and clears the field,
    which looks like an error. Its size column is too narrow and shows "21…es".

    With `accepts_folders`, the user can choose a folder by typing its path.
    """

    def __init__(self, parent: QWidget | None, title: str, folder: str = "") -> None:
        super().__init__(parent, title, folder)
        self.accepts_folders = False

    def accept(self) -> None:
        """Accept the typed path. If the path is a folder that can't be chosen, enter the folder."""
        typed = self._typed_folder()
        if typed is None:
            super().accept()
        elif self.accepts_folders:
            self.selectFile(str(typed))
            self.fileSelected.emit(str(typed))
            QDialog.accept(self)
        else:
            self.setDirectory(str(typed))
            self._show_typed(f"{typed}/" if typed != typed.parent else str(typed))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        tree = self.findChild(QTreeView, "treeView")
        if not isinstance(tree, QTreeView):
            return
        self.resize(self.size().expandedTo(_SIZE))
        header = tree.header()
        header.setStretchLastSection(False)
        header.setResizeContentsPrecision(0)  # measure only visible rows, as folders may be large
        for column in range(header.count()):
            header.setSectionResizeMode(column, _STRETCH if column == 0 else _FIT)

    def _typed_folder(self) -> Path | None:
        """Return the typed path if it is absolute and a folder, else None."""
        field = self.findChild(QLineEdit, "fileNameEdit")
        if not isinstance(field, QLineEdit):  # a native dialog
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
