"""The controller that connects the runs panel to documents, curves, canvas and training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog

from app.controls.dialogs.file_dialog import FileDialog
from app.documents.session import Session
from app.training.process.run_finder import runs_folder
from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.runs.comparison.run_comparison import Comparison, NodeChange
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow

_FRAMES = (("added", "New since {run}", "dense"), ("changed", "Changed since {run}", "merge"))
_FINAL_STATUSES = ("finished", "stopped", "failed", "crashed")


class RunsController(QObject):
    """Connects the runs panel to documents, curves, canvas and training."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._document_folder: Path | None = None
        self._origin_folders: dict[
            Session, Path | None
        ] = {}  # runs folder of documents opened from a run
        window.action_manager.condition_providers.append(self._action_conditions)
        workspace, panel = window.workspace, window.runs_panel
        workspace.active_changed.connect(self._on_document_changed)
        workspace.closed.connect(self._on_closed)
        workspace.file_changed.connect(self._on_document_changed)
        panel.chosen_changed.connect(window.action_manager.refresh)
        panel.show_asked.connect(self.show_curves)
        panel.menu_asked.connect(self._on_menu_asked)
        panel.folder_asked.connect(self.choose_folder)
        panel.told.connect(window.show_message)
        panel.detail.canvas_asked.connect(self.show_on_canvas)
        window.training_panel.running_changed.connect(self._on_running_changed)
        window.training_panel.run_relocation.runs_moved.connect(panel.reader.look)
        self._on_document_changed()

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on runs."""
        chosen = self._window.runs_panel.chosen
        is_final = len(chosen) == 1 and chosen[0].status in _FINAL_STATUSES
        return {
            "one run": len(chosen) == 1,
            "runs": bool(chosen),
            "two runs": len(chosen) == 2,
            "finished run": is_final and not self._window.training_panel.running,
        }

    # Action handlers.

    def choose_folder(self) -> None:
        """Ask for another folder of runs, such as a copy from another machine."""
        panel = self._window.runs_panel
        self._window.show_panel("Runs")
        dialog = FileDialog(self._window, "Open runs folder", str(panel.place or Path.home()))
        dialog.takes_folders = True
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_selected(self) -> None:
        """Show the curves of the selected run."""
        for entry in self._window.runs_panel.chosen[:1]:
            self.show_curves(entry.folder.path)

    def show_curves(self, run: Path) -> None:
        """Show the curves of a run, and follow it while it is training."""
        window = self._window
        window.show_training()
        window.training_panel.attach(window.workspace.session, run)

    def open_graph(self) -> None:
        """Open the graph of the selected run as an unsaved document."""
        for entry in self._window.runs_panel.chosen[:1]:
            project = self._load_project(entry.folder)
            if project is not None:
                self._open(Session(project, title=entry.name))

    def repeat_run(self) -> None:
        """Repeat the selected run with the same graph, data, settings and seed."""
        for entry in self._window.runs_panel.chosen[:1]:
            self._window.show_training()
            self._window.training_panel.repeat(entry.folder.path)

    def warm_start(self) -> None:
        """Train the active document, warm-started from the weights of the selected run."""
        for entry in self._window.runs_panel.chosen[:1]:
            self._window.show_training()
            self._window.training_panel.train(warm_start_run=entry.folder.path)

    def show_on_canvas(self, comparison: Comparison) -> None:
        """Open the graph of the second run, with frames around nodes that differ from the first."""
        project = self._load_project(comparison.after)
        if project is None:
            return
        window = self._window
        for kind, title, tint in _FRAMES:
            names = [node.name for node in comparison.nodes if node.kind == kind]
            if names:
                project = add_frame(
                    project, names, title.format(run=comparison.before.name), tint=tint
                )
        session = Session(project, title=f"{comparison.after.name} vs {comparison.before.name}")
        self._open(session)
        session.select(node.name for node in comparison.nodes)
        window.tabs.canvas.navigation.fit()
        window.show_message(_describe_changes(comparison.nodes, comparison.before.name))

    def _open(self, session: Session) -> None:
        """Open a document made from a run; the runs panel keeps listing the same folder."""
        self._origin_folders[session] = self._window.runs_panel.place
        self._window.workspace.open(session)

    def _on_closed(self, session: Session) -> None:
        self._origin_folders.pop(session, None)

    def _load_project(self, run: RunFolder) -> Project | None:
        try:
            return parse(run.graph_bytes()).project
        except DiagnosticError as refusal:
            self._window.show_message(
                f"{run.name} can't be opened: {refusal.diagnostics[0].message}."
            )
            return None

    # Slots.

    def _on_document_changed(self) -> None:
        """List the runs of the active document.

        A folder that the user chose stays listed until another document is active or is saved to
        another folder.
        """
        session = self._window.workspace.session
        origin = self._origin_folders.get(session) if session.path is None else None
        folder = origin or runs_folder(session)
        if folder != self._document_folder:
            self._document_folder = folder
            self._window.runs_panel.set_place(folder)

    def _on_folder_chosen(self, path: str) -> None:
        folder = Path(path)
        subfolder = folder / "runs"
        if (folder / RUN).is_file():  # a single run was chosen
            folder = folder.parent
        self._window.runs_panel.set_place(subfolder if subfolder.is_dir() else folder)

    def _on_menu_asked(self, position: QPoint) -> None:
        self._window.action_manager.context_menu("run", self._window).popup(position)

    def _on_running_changed(self, _: bool) -> None:
        self._window.runs_panel.reader.look()


def _describe_changes(nodes: Sequence[NodeChange], before: str) -> str:
    if not nodes:
        return f"The graph is identical to that of {before}."
    parts = [
        f"{kind} {', '.join(names)}"
        for kind in ("added", "changed", "removed")
        if (names := [node.name for node in nodes if node.kind == kind])
    ]
    return f"Since {before}: {'; '.join(parts)}."
