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
from engine.core.diagnostic import Refused
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.runs.comparison.run_comparison import Comparison, NodeChange
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN

if TYPE_CHECKING:
    from app.shell.main_window import Window

_FRAMES = (("added", "New since {run}", "dense"), ("changed", "Changed since {run}", "merge"))
_FINAL_STATUSES = ("finished", "stopped", "failed", "crashed")


class Listing(QObject):
    """Connects the runs panel to documents, curves, canvas and training."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._document_folder: Path | None = None
        self._origin_folders: dict[
            Session, Path | None
        ] = {}  # runs folder of documents opened from a run
        window.commands.more.append(self._action_conditions)
        workspace, panel = window.workspace, window.runs
        workspace.switched.connect(self._on_document_changed)
        workspace.closed.connect(self._on_closed)
        workspace.file_changed.connect(self._on_document_changed)
        panel.chosen_changed.connect(window.commands.refresh)
        panel.show_asked.connect(self.show)
        panel.menu_asked.connect(self._on_menu_asked)
        panel.folder_asked.connect(self.ask_for_folder)
        panel.told.connect(window.tell)
        panel.detail.canvas_asked.connect(self.show_on_canvas)
        window.training.running_changed.connect(self._on_running_changed)
        window.training.moving.moved.connect(panel.reader.look)
        self._on_document_changed()

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on runs."""
        chosen = self._window.runs.chosen
        is_final = len(chosen) == 1 and chosen[0].status in _FINAL_STATUSES
        return {
            "one run": len(chosen) == 1,
            "runs": bool(chosen),
            "two runs": len(chosen) == 2,
            "finished run": is_final and not self._window.training.running,
        }

    # Action handlers.

    def ask_for_folder(self) -> None:
        """Ask for another folder of runs, such as a copy from another machine."""
        panel = self._window.runs
        self._window.bring("Runs")
        dialog = FileDialog(self._window, "Open runs folder", str(panel.place or Path.home()))
        dialog.takes_folders = True
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_chosen(self) -> None:
        """Show the curves of the selected run."""
        for entry in self._window.runs.chosen[:1]:
            self.show(entry.folder.path)

    def show(self, run: Path) -> None:
        """Show the curves of a run, and follow it while it is training."""
        window = self._window
        window.show_training()
        window.training.attach(window.workspace.session, run)

    def open_graph(self) -> None:
        """Open the graph of the selected run as an unsaved document."""
        for entry in self._window.runs.chosen[:1]:
            project = self._load_project(entry.folder)
            if project is not None:
                self._open(Session(project, title=entry.name))

    def train_again(self) -> None:
        """Repeat the selected run with the same graph, data, settings and seed."""
        for entry in self._window.runs.chosen[:1]:
            self._window.show_training()
            self._window.training.repeat(entry.folder.path)

    def train_from(self) -> None:
        """Train the active document, warm-started from the weights of the selected run."""
        for entry in self._window.runs.chosen[:1]:
            self._window.show_training()
            self._window.training.train(begin=entry.folder.path)

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
        window.tabs.canvas.looking.fit()
        window.tell(_describe_changes(comparison.nodes, comparison.before.name))

    def _open(self, session: Session) -> None:
        """Open a document made from a run; the runs panel keeps listing the same folder."""
        self._origin_folders[session] = self._window.runs.place
        self._window.workspace.open(session)

    def _on_closed(self, session: Session) -> None:
        self._origin_folders.pop(session, None)

    def _load_project(self, run: RunFolder) -> Project | None:
        try:
            return parse(run.graph_bytes()).project
        except Refused as refusal:
            self._window.tell(f"{run.name} can't be opened: {refusal.diagnostics[0].message}.")
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
            self._window.runs.set_place(folder)

    def _on_folder_chosen(self, path: str) -> None:
        folder = Path(path)
        subfolder = folder / "runs"
        if (folder / RUN).is_file():  # a single run was chosen
            folder = folder.parent
        self._window.runs.set_place(subfolder if subfolder.is_dir() else folder)

    def _on_menu_asked(self, position: QPoint) -> None:
        self._window.commands.context_menu("run", self._window).popup(position)

    def _on_running_changed(self, _: bool) -> None:
        self._window.runs.reader.look()


def _describe_changes(nodes: Sequence[NodeChange], before: str) -> str:
    if not nodes:
        return f"The graph is identical to that of {before}."
    parts = [
        f"{kind} {', '.join(names)}"
        for kind in ("added", "changed", "removed")
        if (names := [node.name for node in nodes if node.kind == kind])
    ]
    return f"Since {before}: {'; '.join(parts)}."
