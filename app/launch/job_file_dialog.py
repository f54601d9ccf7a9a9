"""The "Train on a cluster" dialog: shows and copies job files that train on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from app.controls import InlineMessage, NumberEdit
from app.controls.dialogs.dialog import Dialog
from app.controls.display.labels import plain_label
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import column_layout, row_layout
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.launch.job_file import JOB_KINDS, job_file
from engine.launch.torchrun import Launch

_SIZE = QSize(860, 600)
_MAX_COUNT = 10_000  # of devices of a node, and of nodes


class JobFileDialog(Dialog):
    """A dialog with the text of a job file, and fields for its kind, devices and nodes.

    Args:
        file: the graph file, as the job names it.
        options: the options of `engine train`.
        problem: why the text can't be used yet, "" if it can.
    """

    def __init__(
        self, theme: Theme, file: Path, options: Sequence[str], problem: str, parent: QWidget
    ) -> None:
        super().__init__(parent, "Train on a cluster")
        self._file, self._options = file, options
        self.kind = ComboBox()
        self.kind.setMinimumContentsLength(10)
        for kind in JOB_KINDS:
            self.kind.add_item(kind.capitalize(), kind)
        self.kind.currentIndexChanged.connect(self._on_changed)
        self.nodes, self.devices = (
            NumberEdit(1, integer=True, minimum=1, maximum=_MAX_COUNT) for _ in range(2)
        )
        row: list[QWidget] = []
        names = {"Kind": self.kind, "Nodes": self.nodes, "Devices per node": self.devices}
        for name, field in names.items():
            field.setAccessibleName(name)
            row += [plain_label(name, wrap=False), field]
        for number in (self.nodes, self.devices):
            number.committed.connect(self._on_changed)
        self.text = QPlainTextEdit(readOnly=True, accessibleName="Job file")
        self.text.setProperty("role", "mono")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.note = InlineMessage(theme, "warning", problem)
        self.note.setVisible(bool(problem))
        self.copy_button = QPushButton(icon(theme, "copy", "on_accent"), "Copy", default=True)
        self.copy_button.setProperty("role", "primary")
        self.copy_button.clicked.connect(self._on_copy_pressed)
        close_button = QPushButton("Close", autoDefault=False, clicked=self.accept)
        title = plain_label("Train on a cluster", "title", wrap=False)
        about = plain_label("Save the text on the cluster; its first lines say how to start it.")
        foot = row_layout(None, close_button, self.copy_button, spacing=8)
        items = (title, about, row_layout(*row, None, spacing=8), self.note, self.text, foot)
        column_layout(*items, parent=self, margins=(24, 20, 24, 20), spacing=12, stretch=self.text)
        self.resize(_SIZE.boundedTo(parent.window().size()))
        self._on_changed()
        self.kind.setFocus()

    def _on_changed(self) -> None:
        launch = Launch(int(self.devices.value or 1), int(self.nodes.value or 1))
        kind = JOB_KINDS[self.kind.currentIndex()]
        self.text.setPlainText(job_file(kind, launch, self._file, self._options, None))

    def _on_copy_pressed(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
