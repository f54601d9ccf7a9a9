"""The "Start from data" dialog: choose features and targets, and create a starter network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.controls import InlineMessage
from app.controls.dialogs.dialog import Dialog
from app.controls.dialogs.file_dialog import open_data_dialog
from app.controls.display.diagnostics_note import DiagnosticsNote
from app.controls.display.elided_label import ElidedLabel
from app.controls.display.labels import plain_label
from app.controls.forms.windows_form import WindowsForm
from app.controls.layout.boxes import column_layout, row_layout
from app.documents.background_job import BackgroundWorker, ReportResult
from app.documents.table_contents import TableContents, project_dialect, read_contents
from app.files.start.column_table import NAME, ColumnModel, ColumnTable
from app.text.diagnostic_text import message_box_text
from app.theme.icons import icon
from app.theme.style import set_property
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.counts import count_noun
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project
from engine.recipe.csv_dialect import Dialect
from engine.recipe.windows import Windows

if TYPE_CHECKING:
    from engine.data.table.table import Table

_SIZE = QSize(900, 600)
_MAX_SHOWN = 3  # number of diagnostics shown
_SAMPLED_NOTE = (
    "The file is too large to load into memory, so the column statistics come from its first rows. "
    "Training uses all rows."
)


class StartFromDataDialog(Dialog):
    """A dialog that lists the columns of a data file, and creates a starter network for them.

    Signals:
        project_created: the starter project, and the path of its data.
    """

    project_created = Signal(Project, Path)

    def __init__(self, theme: Theme, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Start from data")
        self._path = path
        self._contents: TableContents | None = None
        self._reading, self._creating = BackgroundWorker(self), BackgroundWorker(self)
        self._reading.result_ready.connect(self._on_read)
        self._creating.result_ready.connect(self._on_created)
        self._columns = ColumnModel(theme, self)
        self._columns.roles_changed.connect(self._on_roles_changed)
        self.table = ColumnTable(self._columns)
        self.windows = WindowsForm()
        self.windows.chosen.connect(self._on_windows_chosen)
        self.note = InlineMessage(theme)
        self.note.hide()
        self._dialect = Dialect()
        self.cell_note = DiagnosticsNote(theme)
        self.cell_note.fix_requested.connect(self._on_fix_requested)
        self._file = ElidedLabel(role="heading", mode=Qt.TextElideMode.ElideMiddle)
        self._rows = QLabel()
        self._status = plain_label()
        self.other_file_button = QPushButton(icon(theme, "database"), "Another file…")
        self.other_file_button.clicked.connect(self.choose_file)
        self.reload_button = QPushButton(icon(theme, "refresh"), "Read again")
        self.reload_button.setToolTip("Read the file again after fixing it")
        self.reload_button.clicked.connect(self._on_reload_pressed)
        self.reload_button.hide()
        self.create_button = QPushButton(icon(theme, "layers", "on_accent"), "Create network")
        self.create_button.setProperty("role", "primary")
        self.create_button.setDefault(True)
        self.create_button.clicked.connect(self._on_draw_pressed)
        self.cancel_button = QPushButton("Cancel", clicked=self.reject)
        for button in (self.reload_button, self.other_file_button, self.cancel_button):
            button.setAutoDefault(False)
        self._lay_out()
        self.resize(_SIZE)
        self.finished.connect(self._on_finished)
        self.read_file(path)

    def _lay_out(self) -> None:
        title = QLabel("Choose targets")
        title.setProperty("role", "title")
        self._rows.setProperty("role", "dim")
        about = row_layout(
            self._file, self._rows, None, self.reload_button, self.other_file_button, spacing=10
        )
        foot = row_layout(
            self._status, self.cancel_button, self.create_button, spacing=8, stretch=self._status
        )
        items = (title, about, self.table, self.windows, self.cell_note, self.note, foot)
        column_layout(*items, parent=self, margins=(24, 20, 24, 20), spacing=12, stretch=self.table)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.setFocus()

    def read_file(self, path: Path) -> None:
        """Read a file in the background. Its columns are shown as soon as they are known."""
        if path != self._path:
            self._dialect = Dialect()
        self._path, self._contents = path, None
        self._creating.cancel()
        self._columns.set_contents(TableContents(path))
        self.windows.show_windows(None, ())
        self._file.set_text(path.name, str(path))
        self._rows.setText("Reading…")
        self.note.hide()
        self.reload_button.hide()
        self.cell_note.show_diagnostics(())
        self._reading.run(partial(read_contents, path, self._dialect))
        self._on_roles_changed()

    def _on_reload_pressed(self) -> None:
        self.table.setFocus()  # the focused button is hidden
        self.read_file(self._path)

    def _on_fix_requested(self, fix: Fix) -> None:
        """Apply a fix to the CSV dialect, and read the file again with the changed dialect."""
        self.table.setFocus()  # the focused button is hidden
        project = Project(data={"file": self._dialect.params()})
        self._dialect = project_dialect(apply_edit(project, fix.edit or {}))
        self.read_file(self._path)

    def choose_file(self) -> None:
        """Open a dialog for another file."""
        open_data_dialog(self, "Choose a data file", self._path.parent, self.read_file)

    def _on_read(self, contents: object) -> None:
        assert isinstance(contents, TableContents)
        self._contents = contents
        self._columns.set_contents(contents)
        self.windows.show_windows(self.windows.plain, contents.columns)
        rows = "" if contents.row_count is None else count_noun(contents.row_count, "row")
        columns = count_noun(len(contents.columns), "column")
        self._rows.setText(", ".join(filter(None, (rows, columns))) if contents.columns else "")
        if not self.table.currentIndex().isValid() and contents.columns:
            self.table.setCurrentIndex(self._columns.index(0, NAME))
        is_fixable = any(fix.edit for error in contents.errors for fix in error.fixes)
        shown = contents.errors if is_fixable else contents.unreadable_cells
        self.cell_note.show_diagnostics(shown)
        if is_fixable:
            self.reload_button.show()
        elif contents.errors:
            self._show_errors(contents.errors)
        elif contents.is_sampled:
            self.note.show_message("info", _SAMPLED_NOTE)
            self.note.show()
        self._on_roles_changed()

    def _on_windows_chosen(self, windows: Any) -> None:
        self.windows.show_windows(windows, self._contents.columns if self._contents else ())
        self._on_roles_changed()

    def _on_roles_changed(self) -> None:
        targets, inputs = self._columns.targets, self._columns.inputs
        reason = self._disabled_reason(targets, inputs)
        ready = f"Predicts {_join_names(targets)} from {count_noun(len(inputs), 'column')}."
        self.create_button.setEnabled(reason is None)
        self._status.setText(ready if reason is None else reason)
        set_property(self._status, "role", "" if reason is None else "dim")

    def _disabled_reason(self, targets: Sequence[str], inputs: Sequence[str]) -> str | None:
        """Return why no network can be created now, None if a network can be created.

        If the data has errors, return "", because another part of the dialog shows the errors.
        """
        contents = self._contents
        if contents is not None and contents.errors:
            return ""  # the note shows the errors
        if contents is None or contents.is_reading:
            return "Analyzing columns…"
        if self._creating.is_running:
            return "Creating the network…"
        if not targets:
            return "Choose at least one target."
        is_series = self.windows.plain is not None  # the past of the targets is enough
        return None if inputs or is_series else "Choose at least one feature."

    def _on_draw_pressed(self) -> None:
        contents = self._contents
        table = None if contents is None else contents.table or contents.head
        if contents is None or table is None:
            return
        self.note.hide()
        targets, inputs = self._columns.targets, self._columns.inputs
        dialect = contents.requested_dialect
        plain = self.windows.plain
        windows = None if plain is None else Windows.from_params(plain)
        classes = self._columns.classes
        self._creating.run(
            partial(_create_starter, table, targets, inputs, dialect, classes, windows)
        )
        self._on_roles_changed()

    def _on_created(self, result: object) -> None:
        from engine.data.starter.starter_graph import StarterProject

        self._creating.cancel()
        if isinstance(result, StarterProject):
            self.accept()
            self.project_created.emit(result.project, self._path)
        else:
            assert isinstance(result, tuple)
            self._show_errors(result)
            self._on_roles_changed()

    def _show_errors(self, errors: Sequence[Diagnostic]) -> None:
        texts = [message_box_text(error) for error in errors[:_MAX_SHOWN]]
        if len(errors) > _MAX_SHOWN:
            texts.append(f"{len(errors) - _MAX_SHOWN} more like these.")
        self.note.show_message("error", "\n\n".join(texts))
        self.note.show()
        self.reload_button.show()

    def _on_finished(self) -> None:
        self._reading.cancel()
        self._creating.cancel()


def _create_starter(
    table: Table,
    targets: list[str],
    inputs: list[str],
    dialect: Dialect,
    classes: dict[str, bool],
    windows: Windows | None,
    report: ReportResult,
) -> None:
    """Call `report` with a starter project, or with the diagnostics that prevent its creation."""
    from engine.data.series.windows_starter import build_windows_project
    from engine.data.starter.starter_graph import build_starter_project

    try:
        if windows is None:
            report(build_starter_project(table, targets, inputs, dialect, classes))
        else:
            report(build_windows_project(table, targets, windows, inputs, dialect, classes))
    except DiagnosticError as error:
        report(error.diagnostics)


def _join_names(names: Sequence[str]) -> str:
    """Return names as "species, sex and mass". More than four become three names and a count."""
    shown = list(names) if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))
