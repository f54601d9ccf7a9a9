"""Where a file of data is asked for: one list of endings, and folders that may be typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.controls.dialogs.file_dialog import FileDialog

KINDS = (
    "Tables and arrays (*.csv *.tsv *.csv.gz *.tsv.gz *.parquet *.feather *.arrow *.ipc *.arrows "
    "*.jsonl *.ndjson *.jsonl.gz *.ndjson.gz *.npz *.npy *.xlsx *.xlsm *.xls *.ods *.numbers);;"
    "All files (*)"
)  # of spreadsheets as well, for which it is then said how they are saved to be read


def choose_data(
    over: QWidget, title: str, folder: Path | None, then: Callable[[Path], object]
) -> None:
    """Let a person choose a file of data, or type a folder; `then` hears of the choice.

    Args:
        over: what the dialog lies over.
        title: of the dialog.
        folder: to begin in, None for wherever the last one was.
        then: what is done with the choice.
    """
    dialog = FileDialog(over, title, "" if folder is None else str(folder))
    dialog.takes_folders = True
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(KINDS)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
