"""The runs panel: lists the runs of a folder, to filter, star, compare and delete them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QSplitter, QStackedWidget, QWidget

from app.controls import EmptyState, SearchEdit
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import column_layout, row_layout
from app.runs.run_details import COMPARE, NOTE, RunDetails
from app.runs.run_loader import RunLoader
from app.runs.table import RunTable
from app.text.phrases import to_sentence
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.counts import count_noun
from engine.runs.comparison.run_table import RunEntry
from engine.runs.folder import trash

_MIN_WIDTH = 380
_WIDE = 620  # pixels; minimum panel width to show the details right of the table


class RunsPanel(QWidget):
    """A panel with the runs of one folder, including runs that another process trained.

    Signals:
        selection_changed: the selection, or the data of the selected runs, has changed.
        show_requested: the user requests the curves of a run.
        menu_requested: the user requests the menu of the selected runs, at a screen position.
        folder_requested: the user requests the runs of another folder.
        message_posted: requests to show a message in the status bar.
    """

    selection_changed = Signal()
    show_requested = Signal(Path)
    menu_requested = Signal(QPoint)
    folder_requested = Signal()
    message_posted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(minimumWidth=_MIN_WIDTH)
        self._folder: Path | None = None
        self.loader = RunLoader(self)
        self.table = RunTable(theme)
        self.details = RunDetails(theme)
        self.search = SearchEdit(theme, "Filter runs")
        self.search.setAccessibleName("Filter runs")
        self.starred = QCheckBox("Starred only")
        self._count = ElidedLabel(role="dim")
        self._stack = QStackedWidget()
        open_folder = QAction(icons.icon(theme, "folder"), "Runs of another folder…", self)
        open_folder.triggered.connect(self.folder_requested)
        text = "Each training of this document is recorded as a run and listed here."
        self._stack.addWidget(EmptyState(theme, "table", "No runs yet", text, open_folder))
        self._split = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        line = row_layout(self.search, self.starred, self._count, spacing=8, stretch=self.search)
        line.setStretchFactor(self._count, 1)
        left, right = QWidget(), QWidget()
        column_layout(line, self.table, parent=left, spacing=8, stretch=self.table)
        column_layout(self.details, parent=right, margins=(8, 0, 0, 0))
        self._split.addWidget(left)
        self._split.addWidget(right)
        self._split.setSizes([700, 420])
        self._split.setStretchFactor(0, 1)
        self._stack.addWidget(self._split)
        column_layout(self._stack, parent=self, margins=(10, 8, 10, 10))

    def _connect(self) -> None:
        self.search.textChanged.connect(self.table.filter.set_text)
        self.search.textChanged.connect(self._refresh_details)
        self.starred.toggled.connect(self.table.filter.set_starred)
        self.starred.toggled.connect(self._refresh_details)
        self.loader.listed.connect(self._on_listed)
        self.loader.compared.connect(self.details.show_comparison)
        self.table.selection_changed.connect(self._on_selection_changed)
        self.table.show_requested.connect(self.show_requested)
        self.table.delete_requested.connect(self.delete)
        self.table.menu_requested.connect(self.menu_requested)
        self.table.runs.write_failed.connect(self._show_message)
        self.table.runs.notes_changed.connect(self.loader.refresh)
        self.details.note.save_failed.connect(self._show_message)
        self.details.note.saved.connect(self.loader.refresh)

    @property
    def selected(self) -> list[RunEntry]:
        """The selected runs."""
        return self.table.selected

    @property
    def folder(self) -> Path | None:
        """The folder whose runs are listed, None if no folder was set yet."""
        return self._folder

    def set_folder(self, folder: Path) -> None:
        """Set the folder whose runs are listed."""
        if folder != self._folder:
            self._folder = folder
            self.loader.set_folder(folder)

    # The methods that actions call.

    def star(self) -> None:
        """Star the selected runs; if all are starred, remove their stars."""
        entries = self.selected
        is_starred = not all(entry.notes.star for entry in entries)
        for entry in entries:
            self.table.runs.set_star(entry.folder.path, is_starred)

    def rename(self) -> None:
        """Open the editor for the name of the selected run."""
        self.table.rename_selected()

    def write_note(self) -> None:
        """Move the focus to the note of the selected run."""
        self.details.setCurrentIndex(NOTE)
        self.details.note.setFocus()

    def compare(self) -> None:
        """Show the comparison of the two selected runs."""
        self.details.setCurrentIndex(COMPARE)

    def delete(self) -> None:
        """Move the selected runs to the trash."""
        names = []
        for entry in self.selected:
            try:
                trash.move_to_trash(entry.folder.path)
            except DiagnosticError as error:
                self._show_message(f"{entry.name}: {error.diagnostics[0].message}")
            else:
                names.append(entry.name)
        if names:
            self.message_posted.emit(f"Moved {', '.join(names)} to the trash of this folder.")
        self.loader.refresh()

    def restore(self) -> None:
        """Restore the run that was deleted last."""
        deleted = [] if self._folder is None else trash.trashed_runs(self._folder)
        if not deleted:
            self.message_posted.emit("The trash of this folder is empty.")
            return
        try:
            run = trash.restore_from_trash(max(deleted, key=_deletion_time))
        except DiagnosticError as error:
            self._show_message(error.diagnostics[0].message)
            return
        self.message_posted.emit(f"Restored {run.name}.")
        self.loader.refresh()

    # Slots.

    def _show_message(self, text: str) -> None:
        self.message_posted.emit(to_sentence(text))

    def _on_listed(self, folder: Path, entries: list[RunEntry]) -> None:
        self._stack.setCurrentIndex(1 if entries else 0)
        self.table.show_entries(entries)
        self._on_selection_changed()

    def _on_selection_changed(self) -> None:
        selected = self.selected
        if len(selected) == 1:
            self.details.note.show_note(selected[0].folder.path, selected[0].notes.text)
        else:
            self.details.note.show_note(None, "")
        if len(selected) == 2:
            ordered = sorted(selected, key=lambda run: (run.start_time, run.folder.name))
            self.loader.compare_runs(*(run.folder.path for run in ordered))
        else:
            self.details.show_message("Nothing to compare yet", "Select two runs in the table.")
        self._refresh_details()
        self.selection_changed.emit()

    def _refresh_details(self) -> None:
        selected, listed = self.selected, self.table.listed
        self.details.show_runs(selected or listed)
        total = len(self.table.runs.entries)
        text = f"{len(listed)} of {total} runs"
        if len(listed) == total:
            text = count_noun(total, "run")
        self._count.set_text(f"{text}, {len(selected)} selected" if selected else text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the details below the table if the panel is narrow."""
        super().resizeEvent(event)
        orientation = Qt.Orientation
        is_wide = self.width() >= _WIDE
        self._split.setOrientation(orientation.Horizontal if is_wide else orientation.Vertical)

    def showEvent(self, event: QShowEvent) -> None:
        """Refresh the table, and poll the folder while the panel is visible."""
        super().showEvent(event)
        self.loader.watch(True)
        self._refresh_details()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.loader.watch(False)


def _deletion_time(run: Path) -> float:
    try:
        return run.stat().st_ctime
    except OSError:
        return 0.0
