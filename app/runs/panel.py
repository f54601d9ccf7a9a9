"""The runs panel: all runs of a folder, sorted, filtered, starred, compared and thrown away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.controls import EmptyState, SearchEdit
from app.controls.display.elided_label import Elided
from app.runs.run_loader import Reader
from app.runs.side_panel import COMPARE, NOTE, Detail
from app.runs.table import RunTable
from app.text.phrases import count_noun, to_sentence
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_table import Entry
from engine.runs.folder import trash

_LEAST = 380
_WIDE = 620  # pixels, from which details stand beside the table


class RunsPanel(QWidget):
    """Shows the runs of one folder, whoever trained them.

    Signals:
        chosen_changed: other runs are chosen, or the chosen ones are others than before.
        show_asked: a run whose curves are wanted.
        menu_asked: a menu for the chosen runs is wanted at a place of the screen.
        folder_asked: the runs of another folder are wanted.
        told: a sentence for the status bar.
    """

    chosen_changed = Signal()
    show_asked = Signal(Path)
    menu_asked = Signal(QPoint)
    folder_asked = Signal()
    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs-panel")
        self._place: Path | None = None
        self.reader = Reader(self)
        self.table = RunTable(theme)
        self.detail = Detail(theme)
        self.search = SearchEdit(theme, "Filter runs")
        self.search.setAccessibleName("Filter runs")
        self.starred = QCheckBox("Starred only")
        self._count = Elided()
        self._count.setProperty("role", "dim")
        self._stack = QStackedWidget()
        elsewhere = QAction(icons.icon(theme, "folder"), "Runs of another folder…", self)
        elsewhere.triggered.connect(self.folder_asked)
        text = "Each training of this document becomes a run. They are listed here."
        self._stack.addWidget(EmptyState(theme, "table", "No runs yet", text, elsewhere))
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._lay_out()
        self.setMinimumWidth(_LEAST)
        self._connect()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.search, 1)
        line.addWidget(self.starred)
        line.addWidget(self._count, 1)
        left = QWidget()
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addLayout(line)
        rows.addWidget(self.table, 1)
        self._split.addWidget(left)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(8, 0, 0, 0)
        beside.addWidget(self.detail)
        self._split.addWidget(right)
        self._split.setSizes([700, 420])
        self._split.setStretchFactor(0, 1)
        self._stack.addWidget(self._split)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 8, 10, 10)
        whole.addWidget(self._stack)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.table.filter.set_text)
        self.search.textChanged.connect(self._show_detail)
        self.starred.toggled.connect(self.table.filter.set_starred)
        self.starred.toggled.connect(self._show_detail)
        self.reader.listed.connect(self._on_listed)
        self.reader.compared.connect(self.detail.show_comparison)
        self.table.chosen_changed.connect(self._on_chosen_changed)
        self.table.show_asked.connect(self.show_asked)
        self.table.delete_asked.connect(self.delete)
        self.table.menu_asked.connect(self.menu_asked)
        self.table.runs.refused.connect(self._tell)
        self.table.runs.noted.connect(self.reader.look)
        self.detail.note.refused.connect(self._tell)
        self.detail.note.noted.connect(self.reader.look)

    @property
    def chosen(self) -> list[Entry]:
        """The chosen runs."""
        return self.table.chosen

    @property
    def place(self) -> Path | None:
        """The folder whose runs are listed."""
        return self._place

    def set_place(self, place: Path) -> None:
        """List the runs of another folder."""
        if place != self._place:
            self._place = place
            self.reader.set_place(place)

    # What actions call.

    def star(self) -> None:
        """Star the chosen runs, or take the stars away if all have one."""
        entries = self.chosen
        on = not all(entry.notes.star for entry in entries)
        for entry in entries:
            self.table.runs.star(entry.folder.path, on)

    def rename(self) -> None:
        """Let the person type another name for the chosen run."""
        self.table.rename_chosen()

    def write_note(self) -> None:
        """Let the person write about the chosen run."""
        self.detail.setCurrentIndex(NOTE)
        self.detail.note.setFocus()

    def compare(self) -> None:
        """Show what differs between the two chosen runs."""
        self.detail.setCurrentIndex(COMPARE)

    def delete(self) -> None:
        """Move the chosen runs to the trash."""
        gone = []
        for entry in self.chosen:
            try:
                trash.throw_away(entry.folder.path)
            except DiagnosticError as refusal:
                self._tell(f"{entry.name}: {refusal.diagnostics[0].message}")
            else:
                gone.append(entry.name)
        if gone:
            self.told.emit(f"Moved {', '.join(gone)} to the trash of this folder.")
        self.reader.look()

    def restore(self) -> None:
        """Bring back the run that was thrown away last."""
        thrown = [] if self._place is None else trash.thrown_away(self._place)
        if not thrown:
            self.told.emit("The trash of this folder is empty.")
            return
        try:
            back = trash.take_back(max(thrown, key=_thrown_at))
        except DiagnosticError as refusal:
            self._tell(refusal.diagnostics[0].message)
            return
        self.told.emit(f"Brought back {back.name}.")
        self.reader.look()

    # What happened.

    def _tell(self, text: str) -> None:
        self.told.emit(to_sentence(text))

    def _on_listed(self, place: Path, entries: list[Entry]) -> None:
        self._stack.setCurrentIndex(1 if entries else 0)
        self.table.show_entries(entries)
        self._on_chosen_changed()

    def _on_chosen_changed(self) -> None:
        chosen = self.chosen
        one = chosen[0] if len(chosen) == 1 else None
        self.detail.note.show_note(one.folder.path if one else None, one.notes.text if one else "")
        if len(chosen) == 2:
            self.reader.compare(*(entry.folder.path for entry in _in_time(chosen)))
        else:
            self.detail.say_unready("Nothing to compare yet", "Choose two runs in the table.")
        self._show_detail()
        self.chosen_changed.emit()

    def _show_detail(self) -> None:
        chosen, listed = self.chosen, self.table.listed
        self.detail.show_runs(chosen or listed)
        every = len(self.table.runs.entries)
        shown = (
            count_noun(every, "run") if len(listed) == every else f"{len(listed)} of {every} runs"
        )
        self._count.set_text(f"{shown}, {len(chosen)} chosen" if chosen else shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put details below the table where there is no room beside it."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, and look now and then."""
        super().showEvent(event)
        self.reader.watch(True)
        self._show_detail()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self.reader.watch(False)


def _thrown_at(run: Path) -> float:
    """Return when a run came into the trash; one that is gone by now came first."""
    try:
        return run.stat().st_ctime
    except OSError:
        return 0.0


def _in_time(entries: list[Entry]) -> list[Entry]:
    """Return runs in the order in which they began."""
    return sorted(entries, key=lambda entry: (entry.began, entry.folder.name))
