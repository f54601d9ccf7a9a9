"""Starts from data: a file's columns are ticked, and a first network is drawn for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.controls import Note
from app.controls.dialogs.data_dialog import choose_data
from app.controls.display.diagnostics_note import FindingsNote
from app.controls.display.elided_label import Elided
from app.documents.background_job import BackgroundWorker, ReportResult
from app.documents.table_contents import TableContents, project_dialect, read_contents
from app.files.prompts.prompts import words_of
from app.files.start.column_model import NAME, Columns
from app.files.start.column_table import ColumnTable
from app.text.phrases import count_noun
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.graph.edits import node_edits
from engine.graph.model import Project
from engine.recipe.csv_dialect import Dialect

if TYPE_CHECKING:
    from engine.data.table.table import Table

_SIZE = QSize(900, 600)
_FEW = 3  # findings that are told
_SAMPLED = (
    "The file is too large to be held in memory, so what its columns are like is told by its first "
    "rows. The training goes through all of them."
)


class StartDialog(QDialog):
    """Shows the columns of a file, and draws a first network for those that are ticked.

    Signals:
        begun: the project and the data, once a network was drawn.
    """

    begun = Signal(Project, Path)

    def __init__(self, theme: Theme, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start-from-data")
        self.setWindowTitle("Start from data")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._path = path
        self._contents: TableContents | None = None
        self._reading, self._drawing = BackgroundWorker(self), BackgroundWorker(self)
        self._reading.result_ready.connect(self._on_read)
        self._drawing.result_ready.connect(self._on_drawn)
        self._columns = Columns(theme, self)
        self._columns.ticked.connect(self._on_ticked)
        self.table = ColumnTable(self._columns)
        self.note = Note(theme)
        self.note.hide()
        self._dialect = Dialect()
        self.strange = FindingsNote(theme)
        self.strange.mend.connect(self._on_mend)
        self._file, self._rows, self._told = (
            Elided("", Qt.TextElideMode.ElideMiddle),
            QLabel(),
            QLabel(),
        )
        self._told.setWordWrap(True)
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self.other = QPushButton(icon(theme, "database"), "Another file…")
        self.other.clicked.connect(self.ask_for_file)
        self.again = QPushButton(icon(theme, "refresh"), "Read again")
        self.again.setToolTip("Read the file once more, after it was mended")
        self.again.clicked.connect(self._on_again_pressed)
        self.again.hide()
        self.draw = QPushButton(icon(theme, "layers", "on_accent"), "Draw the network")
        self.draw.setProperty("role", "primary")
        self.draw.setDefault(True)
        self.draw.clicked.connect(self._on_draw_pressed)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.reject)
        for button in (self.again, self.other, self.cancel):
            button.setAutoDefault(False)
        self._lay_out()
        self.resize(_SIZE)
        self.finished.connect(self._on_finished)
        self.read(path)

    def _lay_out(self) -> None:
        title = QLabel("What shall the network predict?")
        title.setProperty("role", "title")
        self._file.setProperty("role", "heading")
        self._rows.setProperty("role", "dim")
        about = QHBoxLayout()
        about.setSpacing(10)
        about.addWidget(self._file)
        about.addWidget(self._rows)
        about.addStretch(1)
        about.addWidget(self.again)
        about.addWidget(self.other)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._told, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.draw)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(title)
        column.addLayout(about)
        column.addWidget(self.table, 1)
        column.addWidget(self.strange)
        column.addWidget(self.note)
        column.addLayout(foot)

    def showEvent(self, event: QShowEvent) -> None:
        """Give the keyboard to the columns."""
        super().showEvent(event)
        self.table.setFocus()

    def read(self, path: Path) -> None:
        """Show the columns of a file, as they become known."""
        if path != self._path:
            self._dialect = Dialect()
        self._path, self._contents = path, None
        self._drawing.cancel()
        self._columns.show(TableContents(path))
        self._file.set_text(path.name, str(path))
        self._rows.setText("Reading…")
        self.note.hide()
        self.again.hide()
        self.strange.show_findings(())
        self._reading.run(partial(read_contents, path, self._dialect))
        self._on_ticked()

    def _on_again_pressed(self) -> None:
        self.table.setFocus()  # the button goes
        self.read(self._path)

    def _on_mend(self, fix: object) -> None:
        """Read the file again as a fix says; the document that is begun says so, too."""
        assert isinstance(fix, Fix)
        self.table.setFocus()  # the button goes
        said = Project(data={"file": self._dialect.params()})
        self._dialect = project_dialect(node_edits.apply_edit(said, fix.edit or {}))
        self.read(self._path)

    def ask_for_file(self) -> None:
        """Let the person choose another file."""
        choose_data(self, "Choose a file of data", self._path.parent, self.read)

    def _on_read(self, contents: object) -> None:
        assert isinstance(contents, TableContents)
        self._contents = contents
        self._columns.show(contents)
        rows = "" if contents.row_count is None else count_noun(contents.row_count, "row")
        columns = count_noun(len(contents.columns), "column")
        self._rows.setText(", ".join(filter(None, (rows, columns))) if contents.columns else "")
        if not self.table.currentIndex().isValid() and contents.columns:
            self.table.setCurrentIndex(self._columns.index(0, NAME))
        mendable = any(fix.edit for bad in contents.errors for fix in bad.fixes)
        self.strange.show_findings(contents.errors if mendable else contents.unreadable_cells)
        if mendable:
            self.again.show()
        elif contents.errors:
            self._say(contents.errors)
        elif contents.is_sampled:
            self.note.show_message("info", _SAMPLED)
            self.note.show()
        self._on_ticked()

    def _on_ticked(self) -> None:
        """Say what is going to be drawn, or what is missing."""
        targets, inputs = self._columns.targets, self._columns.inputs
        why = self._why_not(targets, inputs)
        ready = f"Predicts {_listed(targets)} from {count_noun(len(inputs), 'column')}."
        self.draw.setEnabled(why is None)
        self._told.setText(ready if why is None else why)
        self._told.setProperty("role", "" if why is None else "dim")
        self._told.style().unpolish(self._told)
        self._told.style().polish(self._told)

    def _why_not(self, targets: Sequence[str], inputs: Sequence[str]) -> str | None:
        """Return why no network can be drawn yet, None if one can."""
        known = self._contents
        if known is not None and known.errors:
            return ""  # it is told at length
        if known is None or known.is_reading:
            return "Looking at the columns…"
        if self._drawing.is_running:
            return "Drawing…"
        if not targets:
            return "Tick at least one column to predict."
        return None if inputs else "Tick at least one column to learn from."

    def _on_draw_pressed(self) -> None:
        known = self._contents
        table = None if known is None else known.table or known.head
        if known is None or table is None:
            return
        self.note.hide()
        targets, inputs = self._columns.targets, self._columns.inputs

        self._drawing.run(partial(_draw, table, targets, inputs, known.requested_dialect))
        self._on_ticked()

    def _on_drawn(self, answer: object) -> None:
        from engine.data.starter.starter_graph import StarterProject

        self._drawing.cancel()
        if isinstance(answer, StarterProject):
            self.accept()
            self.begun.emit(answer.project, self._path)
        else:
            assert isinstance(answer, tuple)
            self._say(answer)
            self._on_ticked()

    def _say(self, found: Sequence[Diagnostic]) -> None:
        """Say what is wrong, in words."""
        words = [words_of(bad) for bad in found[:_FEW]]
        if len(found) > _FEW:
            words.append(f"{len(found) - _FEW} more like these.")
        self.note.show_message("error", "\n\n".join(words))
        self.note.show()
        self.again.show()

    def _on_finished(self) -> None:
        self._reading.cancel()
        self._drawing.cancel()


def _draw(
    table: Table, targets: list[str], inputs: list[str], file: Dialect, tell: ReportResult
) -> None:
    """Tell the first graph for a table, or why there is none."""
    from engine.data.starter.starter_graph import build_starter_project

    try:
        tell(build_starter_project(table, targets, inputs, file))
    except DiagnosticError as refused:
        tell(refused.diagnostics)


def _listed(names: Sequence[str]) -> str:
    """Return "species, sex and mass", the middle of a long list left out."""
    shown = list(names) if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))
