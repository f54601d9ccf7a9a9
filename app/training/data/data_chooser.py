"""The choice of data to train on: a file, a folder, or the sample of the document's template."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from app.controls.dialogs.data_dialog import KINDS
from app.controls.dialogs.file_dialog import FileDialog
from app.controls.display.elided_label import Elided
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.answer_parser import diagnostics_in
from app.processes.command import Command
from app.theme.theme import icons
from app.theme.theme.theme import Theme
from app.training.data.data_chooser.sample_data import sample_for, sample_place
from engine.graph.model import Graph


class DataChooser(QWidget):
    """Shows the data of the document in front, and lets the person choose.

    Signals:
        chosen: the document in front has other data than before.
        told: something went wrong, as `Diagnostic`s.
    """

    chosen = Signal()
    told = Signal(list)

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._theme = workspace, theme
        self._writing: tuple[Session, Path] | None = None
        self._sample = ""
        self._looked_at: Graph | None = None
        self._command = Command(self)
        self._command.answered.connect(self._on_sample_written)
        self._menu = QMenu(self)
        self._action("A file…", "file", self.ask_for_file)
        self._action("A folder…", "folder", self._on_folder_asked)
        self._use_sample = self._action("Sample data", "template", self._on_sample_asked)
        self._button = QPushButton(icons.icon(theme, "database"), "Choose data…")
        self._button.setObjectName("training-data")
        self._button.setMenu(self._menu)
        self._button.setToolTip(
            "Choose the rows to train on: a table, a file of arrays, or a folder of them"
        )
        self.sample_button = QPushButton(icons.icon(theme, "template"), "Use sample data")
        self.sample_button.setObjectName("training-sample")
        self.sample_button.clicked.connect(self._on_sample_asked)
        self._name = Elided("", Qt.TextElideMode.ElideMiddle)
        self._name.setProperty("role", "dim")
        self._name.setObjectName("training-data-name")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._button)
        row.addWidget(self.sample_button)
        row.addWidget(self._name, 1)
        workspace.data_changed.connect(self._on_data_changed)

    @property
    def data(self) -> Path | None:
        """What the document in front is trained on."""
        return self._workspace.session.data

    @property
    def sample(self) -> str:
        """The sample that fits the document in front, "" if none does."""
        return self._sample

    def set_data(self, data: Path) -> None:
        """Choose data for the document in front."""
        self._workspace.session.data = data

    def refresh(self) -> None:
        """Show the data of the document that is in front now."""
        session = self._workspace.session
        if session.graph is not self._looked_at:
            self._looked_at = session.graph
            self._sample = sample_for(session.graph)
        data, busy = self.data, self._command.running
        text = "Writing the sample data..." if busy else data.name if data else "No data chosen"
        self._name.set_text(text, str(data) if data else "")
        self._name.setAccessibleName(f"Data: {text}")
        self._use_sample.setVisible(bool(self._sample))
        self._use_sample.setEnabled(not busy)
        self.sample_button.setEnabled(not busy)
        self.sample_button.setVisible(bool(self._sample) and data is None)
        self.sample_button.setToolTip(
            f"Write the sample data of {self._sample} beside the network, and choose it"
        )

    def ask_for_file(self) -> None:
        """Ask the person for a file of rows."""
        self._ask("Choose a file of rows", QFileDialog.FileMode.ExistingFile)

    def use_sample(self) -> None:
        """Write the sample that fits the document, and choose it."""
        if self._sample and not self._command.running:
            session = self._workspace.session
            place = sample_place(session)
            self._writing = (session, place)
            with suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
            self._command.run(["sample", self._sample, str(place)])
            self.refresh()

    def _action(self, text: str, icon: str, slot: Callable[[], None]) -> QAction:
        action = QAction(icons.icon(self._theme, icon), text, self)
        action.triggered.connect(slot)
        self._menu.addAction(action)
        return action

    def _on_sample_written(self, code: int, answer: bytes) -> None:
        assert self._writing is not None
        session, place = self._writing
        if code == 0 and session in self._workspace.sessions:
            session.data = place
        self.refresh()
        if code != 0:
            self.told.emit(diagnostics_in(answer))

    def _on_data_changed(self) -> None:
        self.refresh()
        self.chosen.emit()

    def _on_sample_asked(self) -> None:
        self.use_sample()

    def _on_folder_asked(self) -> None:
        self._ask("Choose a folder of data", QFileDialog.FileMode.Directory)

    def _ask(self, title: str, mode: QFileDialog.FileMode) -> None:
        dialog = FileDialog(self.window(), title)
        dialog.takes_folders = True
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if mode == QFileDialog.FileMode.ExistingFile:
            dialog.setNameFilter(KINDS)
        beside = self.data or self._workspace.session.path
        if beside is not None:
            dialog.setDirectory(str(beside.parent))
        dialog.fileSelected.connect(self._on_selected)
        dialog.open()

    def _on_selected(self, path: str) -> None:
        self.set_data(Path(path))
