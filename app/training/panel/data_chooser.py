"""The chooser of training data: a file, a folder, or the sample data of a template."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.controls.dialogs.file_dialog import OnChosen, open_data_dialog, open_folder_dialog
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import row_layout
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics
from app.theme import icons
from app.theme.theme import Theme
from app.training.process.run_files import graph_file_of
from engine.core.formatting.urls import path_text
from engine.graph import templates
from engine.graph.model import Graph
from engine.graph.serialization import file

_MIN_SIMILARITY = 0.5  # Jaccard similarity of node names, of a document and a template


class DataChooser(QWidget):
    """Shows the data of the current document, with a menu to choose other data.

    Signals:
        data_changed: the data of the current document changed.
        sample_failed: the sample data could not be written; sends the diagnostics.
    """

    data_changed = Signal()
    sample_failed = Signal(list)

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        # Samples to be written, in turn: (document, name, folder, what to call with the folder).
        self._pending_samples: list[tuple[Session, str, Path, OnChosen]] = []
        self.sample_name = ""  # of the data that matches the current document
        self._last_graph: Graph | None = None
        self._command = JsonLinesProcess(self)
        self._command.finished.connect(self._on_sample_written)
        self._menu, self._sample_action = self._create_menu(self.set_data)
        self._button = QPushButton(icons.icon(theme, "database"), "Choose data…")
        self._button.setMenu(self._menu)
        tip = "Choose the training data: a table, an array file, or a folder of files"
        self._button.setToolTip(tip)
        self.sample_button = QPushButton(icons.icon(theme, "template"), "Use sample data")
        self.sample_button.setObjectName("training-sample")
        self.sample_button.clicked.connect(lambda: self.use_sample(self.set_data))
        self._name = ElidedLabel(role="dim", mode=Qt.TextElideMode.ElideMiddle)
        buttons = (self._button, self.sample_button)
        row_layout(*buttons, self._name, parent=self, spacing=8, stretch=self._name)
        workspace.data_changed.connect(self._on_data_changed)

    @property
    def data(self) -> Path | None:
        """The data path of the current document, None if no data was chosen."""
        return self._workspace.session.data_path

    def set_data(self, data: Path) -> None:
        """Set the data path of the current document."""
        self._workspace.session.data_path = data

    def refresh(self) -> None:
        """Update the data name and the sample buttons for the current document."""
        session = self._workspace.session
        if session.graph is not self._last_graph:
            self._last_graph = session.graph
            self.sample_name = _matching_sample(session.graph)
        data = self.data
        is_writing = any(session is pending[0] for pending in self._pending_samples)
        text = data.name if data else "No data chosen"
        if is_writing:
            text = "Writing the sample data..."
        self._name.set_text(text, path_text(data) if data else "")
        self._name.setAccessibleName(f"Data: {text}")
        self._sample_action.setVisible(bool(self.sample_name))
        self._sample_action.setEnabled(not is_writing)
        self.sample_button.setEnabled(not is_writing)
        self.sample_button.setVisible(bool(self.sample_name) and data is None)
        self.sample_button.setToolTip(
            f"Write the sample data of {self.sample_name} next to the network file and use it"
        )

    def request_data(self, on_chosen: OnChosen) -> None:
        """Ask for data and call `on_chosen` with it, unless the user cancels.

        If there is sample data for the document, a menu offers it beside a file and a folder.
        """
        if not self.sample_name:
            self.open_file_dialog(on_chosen)
            return
        menu, _ = self._create_menu(on_chosen)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._button.mapToGlobal(self._button.rect().bottomLeft()))
        menu.setActiveAction(menu.actions()[-1])

    def open_file_dialog(self, on_chosen: OnChosen | None = None) -> None:
        """Open a dialog to choose a data file. By default, the document uses the chosen file."""
        on_chosen = on_chosen or self.set_data
        open_data_dialog(self.window(), "Choose a data file", self._folder(), on_chosen)

    def use_sample(self, on_chosen: OnChosen) -> None:
        """Write the sample data that matches the document, and call `on_chosen` with its folder."""
        session = self._workspace.session
        if self.sample_name and all(session is not pending[0] for pending in self._pending_samples):
            graph = graph_file_of(session)
            folder = graph.with_name(f"{file.project_name(graph)}-data")
            self._pending_samples.append((session, self.sample_name, folder, on_chosen))
            self._write_next_sample()

    def _write_next_sample(self) -> None:
        if self._pending_samples and not self._command.is_running:
            _, name, folder, _ = self._pending_samples[0]
            with suppress(OSError):
                folder.parent.mkdir(parents=True, exist_ok=True)
            self._command.start(["sample", name, str(folder), "--json"])
        self.refresh()

    def _create_menu(self, on_chosen: OnChosen) -> tuple[QMenu, QAction]:
        """Return a menu with the kinds of data, and its action for sample data."""
        menu = QMenu(self)
        for text, icon, slot in (
            ("A file…", "file", self.open_file_dialog),
            ("A folder…", "folder", self._open_folder_dialog),
            ("Sample data", "template", self.use_sample),
        ):
            action = menu.addAction(icons.icon(self._theme, icon), text)
            action.triggered.connect(lambda _checked=False, slot=slot: slot(on_chosen))
        return menu, action

    def _on_sample_written(self, code: int, stdout: bytes) -> None:
        session, _, folder, on_chosen = self._pending_samples.pop(0)
        if code == 0 and session is self._workspace.session:
            on_chosen(folder)
        elif code == 0 and session in self._workspace.sessions:
            session.data_path = folder
        self._write_next_sample()
        if code != 0:
            self.sample_failed.emit(parse_diagnostics(stdout))

    def _on_data_changed(self) -> None:
        self.refresh()
        self.data_changed.emit()

    def _open_folder_dialog(self, on_chosen: OnChosen) -> None:
        open_folder_dialog(self.window(), "Choose a data folder", self._folder(), on_chosen)

    def _folder(self) -> Path | None:
        """Return the folder of the data, or else of the document; None if there is neither."""
        path = self.data or self._workspace.session.path
        return None if path is None else path.parent


def _matching_sample(graph: Graph) -> str:
    """Return the name of the most similar template, which is also the name of its sample data.

    The template must have the same Input and Output nodes as the graph, and at least about half of
    all node names in common. Return "" if no template matches.
    """
    best, best_similarity = "", _MIN_SIMILARITY
    ports, names = _ports(graph), set(graph.by_name)
    for name in templates.template_names():
        template = _template(name)
        if _ports(template) == ports:
            template_names = set(template.by_name)
            similarity = len(names & template_names) / len(names | template_names)
            if similarity > best_similarity:
                best, best_similarity = name, similarity
    return best


@cache
def _template(name: str) -> Graph:
    return file.parse(templates.read_template(name)).project.graph


def _ports(graph: Graph) -> frozenset[tuple[str, str]]:
    return frozenset((node.kind, node.name) for node in graph if node.kind in ("Input", "Output"))
