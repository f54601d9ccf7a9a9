"""The "Split" page: split of rows, validation and test files, windows, weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QPushButton, QScrollArea, QWidget

from app.controls import Heading, InlineMessage
from app.controls.dialogs.file_dialog import open_data_dialog
from app.controls.display.elided_label import ElidedLabel
from app.controls.forms.labeled_field import LabeledField
from app.controls.forms.windows_form import WindowsForm
from app.controls.layout.boxes import column_layout, row_layout
from app.controls.layout.tab_order import insert_in_tab_order
from app.data.pages.page import DataPage
from app.data.pages.split_bar import SplitBar
from app.data.pages.split_form import SplitForm
from app.data.pages.weights_form import WeightsForm
from app.documents.session import SEPARATE_SPLITS
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.text.phrases import to_sentence
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic
from engine.graph.edits import field_edits
from engine.recipe.recipe import Recipe

_MAX_HALF_WIDTH = 640  # pixels
_MIN_WIDE = 860  # pixels; a narrower page has the weights below the split
_FILES = {
    "validation": (
        "Validation file",
        "A table of validation rows, instead of a fraction of the data.",
    ),
    "test": ("Test file", "A table of test rows, instead of a fraction of the data."),
}


class FileField(QWidget):
    """A field for an optional file, with buttons to choose and to clear it."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.choose_button = QPushButton(icons.icon(theme, "database"), "Choose…")
        self.choose_button.setAccessibleName(f"Choose {name.lower()}")
        self.clear_button = QPushButton(icons.icon(theme, "close"), "")
        self.clear_button.setProperty("role", "quiet")
        self.clear_button.setAccessibleName(f"No {name.lower()}")
        self.clear_button.setToolTip("Clear, and use rows of the data")
        self._name = ElidedLabel("None")
        items = (self.choose_button, self._name, self.clear_button)
        row_layout(*items, parent=self, spacing=8, stretch=self._name)

    def show_file(self, path: Path | None) -> None:
        """Show the name of the chosen file; None if no file is chosen."""
        self._name.set_text(path.name if path else "None", str(path) if path else "")
        self.clear_button.setVisible(path is not None)


class SplitPage(DataPage):
    """A page to edit the data split, windows and weights. An edit is an undo step."""

    def __init__(self, workspace: Workspace, data_check: DataCheckJob, theme: Theme) -> None:
        super().__init__(workspace, data_check)
        self.split = SplitForm()
        self.weights = WeightsForm()
        self.windows = WindowsForm()
        self.bar = SplitBar(theme)
        self.status = QLabel(wordWrap=True)
        self.status.setProperty("role", "dim")
        self.note = InlineMessage(theme, "error")
        self.files = {split: self._file_field(theme, split) for split in SEPARATE_SPLITS}
        self._lay_out()
        self.split.chosen.connect(self._on_split_chosen)
        self.windows.chosen.connect(self._on_windows_chosen)
        self.weights.rows_chosen.connect(self._on_weights_chosen)
        self.weights.classes_chosen.connect(self._on_classes_chosen)
        workspace.project_changed.connect(self._refresh)
        workspace.report_changed.connect(self._refresh)
        workspace.data_changed.connect(self._refresh)
        workspace.table_contents_changed.connect(self._refresh)

    def _file_field(self, theme: Theme, split: str) -> FileField:
        field = FileField(theme, _FILES[split][0])
        field.choose_button.clicked.connect(partial(self._choose_file, split))
        field.clear_button.clicked.connect(partial(self._set_file, split, None))
        return field

    def _lay_out(self) -> None:
        files = [LabeledField(*_FILES[split], field) for split, field in self.files.items()]
        heading = Heading("Training, validation and test rows")
        left = _column(heading, self.bar, self.split, self.status, self.note, *files)
        windows = (Heading("Windows of time series"), self.windows)
        right = _column(*windows, Heading("Weights"), self.weights)
        inside = QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, inside)
        self._halves.setContentsMargins(12, 10, 12, 12)
        self._halves.setSpacing(24)
        for half in (left, right):
            self._halves.addWidget(half, 1, Qt.AlignmentFlag.AlignTop)
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        column_layout(area, parent=self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _MIN_WIDE
        horizontal, vertical = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._halves.setDirection(horizontal if is_wide else vertical)

    def showEvent(self, event: QShowEvent) -> None:
        self._workspace.session.request_table_contents()
        super().showEvent(event)

    def _on_check_changed(self) -> None:
        self._show_row_counts()

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        session = self._workspace.session
        columns = session.table_contents.columns if session.table_contents else ()
        recipe = session.report.recipe or Recipe()
        self.split.show_split(session.project.data.get("split"), columns, recipe.validation_split)
        self.windows.show_windows(session.project.data.get("windows"), columns)
        weights = session.project.data.get("weights")
        if self.weights.show_weights(weights, session.report, columns):
            rows, classes = self.weights.sample_weight_fields, self.weights.class_weight_fields
            fields = (*rows.values(), *classes.values())
            insert_in_tab_order(self.files["test"].clear_button, fields)
        for path, field in zip(session.split_paths, self.files.values(), strict=True):
            field.show_file(path)
        self._show_row_counts()

    def _show_row_counts(self) -> None:
        if not self.isVisible():
            return
        check = self._data_check
        self.bar.show_row_counts(check.preview.sides if check.preview else {})
        self.bar.setVisible(self._workspace.session.data_path is not None)
        diagnostic = next(filter(_concerns_split, check.diagnostics), None)
        self.note.setVisible(diagnostic is not None)
        if diagnostic is not None:
            self.note.show_message(diagnostic.severity, to_sentence(diagnostic.message))
        split = check.preview.split if check.preview else ""
        text = "Counting rows…" if check.is_running else to_sentence(split) if split else ""
        if self._workspace.session.data_path is None:
            text = "Choose data to count the rows of each split."
        # Keep the height of the status text while rows are counted, so that no field moves.
        is_counting = check.is_running and self.status.isVisible()
        self.status.setMinimumHeight(self.status.height() if is_counting else 0)
        self.status.setText(text)
        self.status.setVisible(bool(text))
        for half in (self.status.parentWidget(), self._halves.parentWidget()):
            if half is not None and (layout := half.layout()) is not None:
                layout.activate()  # now, since a deferred layout would make the fields jump

    def _choose_file(self, split: str) -> None:
        data = self._workspace.session.data_path
        folder = None if data is None else data.parent
        title = f"Choose the {_FILES[split][0].lower()}"
        open_data_dialog(self, title, folder, partial(self._set_file, split))

    def _set_file(self, split: str, path: Path | None) -> None:
        session = self._workspace.session
        validation, test = session.split_paths
        session.split_paths = (path, test) if split == "validation" else (validation, path)

    def _on_split_chosen(self, split: Any) -> None:
        self._workspace.session.edit("Set split", field_edits.set_split, split)

    def _on_windows_chosen(self, windows: Any) -> None:
        self._workspace.session.edit("Set windows", field_edits.set_windows, windows)

    def _on_weights_chosen(self, weights: Any) -> None:
        self._workspace.session.edit("Set sample weights", field_edits.set_weights, weights)

    def _on_classes_chosen(self, output: str, weight: object) -> None:
        session = self._workspace.session
        if weight == "given":  # a mapping, which is edited in the inspector
            session.reveal([output])
            self._refresh()
            return
        label = f"Set class weights of {output}"
        session.edit(label, field_edits.set_params, output, {"class_weight": weight})


def _column(*widgets: QWidget) -> QWidget:
    half = QWidget(maximumWidth=_MAX_HALF_WIDTH)
    rows = column_layout(*widgets, parent=half, spacing=10)
    rows.addStretch(1)  # so that surplus height goes below the fields
    return half


def _concerns_split(diagnostic: Diagnostic) -> bool:
    is_split = diagnostic.code in ("split-unfit", "split-empty", "weight-unfit")
    return is_split or (diagnostic.place or "").startswith(("data.split", "data.weights"))
