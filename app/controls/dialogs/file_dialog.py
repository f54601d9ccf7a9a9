"""File dialogs that do not block: each calls a function with the chosen path."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHeaderView, QSplitter, QTreeView, QWidget

from app.controls.dialogs.dialog import free_area
from engine.core.formatting.urls import url_of

DATA_FILE_FILTER = (
    "Tables and arrays (*.csv *.tsv *.txt *.parquet *.feather *.arrow *.ipc *.arrows *.jsonl "
    "*.ndjson *.json *.gz *.bz2 *.xz *.zst *.zip *.npz *.npy *.xlsx *.xlsm *.xlsb *.xls *.ods "
    "*.numbers *.db *.sqlite *.sqlite3 *.duckdb);;All files (*)"
)  # .numbers is not readable, but choosing one explains how to save it as CSV
_MIN_SIZE, _PLACES_WIDTH = QSize(820, 520), 140  # pixels

OnChosen = Callable[[Path], object]


class _DataDialog(QFileDialog):
    """A file dialog in which Open also chooses a folder; a double-click enters the folder.

    A pattern that matches files, such as part-*.csv, a URL, a sheet of a workbook, such as
    sales.xlsx#2024, and a table or query of a database can be typed instead of a name.

    Why: data can be a folder of images, and no file mode of Qt accepts both files and folders. As
    a subclass, it is always Qt's own dialog, not that of the desktop.
    """

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, title)
        self.setLabelText(QFileDialog.DialogLabel.FileName, "Name, pattern or URL:")
        self.setFileMode(QFileDialog.FileMode.AnyFile)  # Open is enabled whatever is typed

    def accept(self) -> None:
        selected = "".join(self.selectedFiles()[:1])
        url = url_of(selected.removeprefix(f"{self.directory().absolutePath()}/"))
        files = filter(os.path.isfile, glob.iglob(selected, recursive=True))
        is_sheet = os.path.isfile(selected.rpartition("#")[0])
        if url or is_sheet or Path(selected).is_dir() or any(files):
            self.fileSelected.emit(url or selected)
            QDialog.accept(self)
        else:
            self.setFileMode(QFileDialog.FileMode.ExistingFile)  # so that it says what is missing
            super().accept()
            self.setFileMode(QFileDialog.FileMode.AnyFile)


def create_file_dialog(parent: QWidget | None, title: str, folder: Path | None) -> QFileDialog:
    """Return a dialog, which is that of the desktop if it has one, else Qt's own.

    If `folder` is None, the dialog starts in the last used folder.
    """
    return _prepare(QFileDialog(parent, title), folder)


def open_file_dialog(
    parent: QWidget,
    title: str,
    folder: Path | None,
    on_chosen: OnChosen,
    name_filter: str = "All files (*)",
) -> None:
    """Open a dialog for an existing file; it starts in `folder`, None for the last used one."""
    dialog = create_file_dialog(parent, title, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(name_filter)
    _open(dialog, on_chosen)


def open_data_dialog(parent: QWidget, title: str, folder: Path | None, on_chosen: OnChosen) -> None:
    """Open a dialog for a data file or a folder of images, like `open_file_dialog`."""
    dialog = _prepare(_DataDialog(parent, title), folder)
    dialog.setNameFilter(DATA_FILE_FILTER)
    _open(dialog, on_chosen)


def open_folder_dialog(
    parent: QWidget, title: str, folder: Path | None, on_chosen: OnChosen
) -> None:
    """Open a dialog for a folder, like `open_file_dialog`."""
    dialog = create_file_dialog(parent, title, folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    _open(dialog, on_chosen)


def _prepare(dialog: QFileDialog, folder: Path | None) -> QFileDialog:
    dialog.resize(dialog.size().expandedTo(_MIN_SIZE).boundedTo(free_area(dialog).size()))
    # The dialogs of desktops have no such children.
    for splitter in dialog.findChildren(QSplitter):
        splitter.setSizes([_PLACES_WIDTH, dialog.width() - _PLACES_WIDTH])
    for details in dialog.findChildren(QTreeView):
        details.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        details.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    if folder is not None:
        dialog.setDirectory(str(folder))
    return dialog


def _open(dialog: QFileDialog, on_chosen: OnChosen) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: on_chosen(Path(name)))
    dialog.open()
