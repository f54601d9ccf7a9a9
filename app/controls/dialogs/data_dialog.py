"""A file dialog for data files; the path of a folder can be typed as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.controls.dialogs.file_dialog import FileDialog

DATA_FILE_FILTER = (
    "Tables and arrays (*.csv *.tsv *.csv.gz *.tsv.gz *.parquet *.feather *.arrow *.ipc *.arrows "
    "*.jsonl *.ndjson *.jsonl.gz *.ndjson.gz *.npz *.npy *.xlsx *.xlsm *.xls *.ods *.numbers);;"
    "All files (*)"
)  # spreadsheets are not readable, but choosing one explains how to save it as CSV


def open_data_file_dialog(
    parent: QWidget, title: str, folder: Path | None, on_chosen: Callable[[Path], object]
) -> None:
    """Open a dialog for a data file or folder, and call `on_chosen` with its path.

    `folder` is the initial folder, None for the last used folder.
    """
    dialog = FileDialog(parent, title, "" if folder is None else str(folder))
    dialog.accepts_folders = True
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(DATA_FILE_FILTER)
    dialog.fileSelected.connect(lambda name: on_chosen(Path(name)))
    dialog.open()
