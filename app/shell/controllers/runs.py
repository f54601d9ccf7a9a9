"""The runs panel and the rest of the window: whose runs are listed, and what is done with them."""

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
_AT_REST = ("finished", "stopped", "failed", "crashed")


class Listing(QObject):
    """Leads from a run in the table to curves, canvas and trainings."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._beside: Path | None = None
        self._from: dict[Session, Path | None] = {}  # documents that were opened out of a run
        window.commands.more.append(self._there)
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

    def _there(self) -> Mapping[str, bool]:
        """Return what there is for actions about runs."""
        chosen = self._window.runs.chosen
        rests = len(chosen) == 1 and chosen[0].status in _AT_REST
        return {
            "run": len(chosen) == 1,
            "runs": bool(chosen),
            "two runs": len(chosen) == 2,
            "run at rest": rests and not self._window.training.running,
        }

    # What actions call.

    def ask_for_folder(self) -> None:
        """Let the person choose a folder of runs, such as one that was copied here."""
        panel = self._window.runs
        self._window.bring("Runs")
        dialog = FileDialog(self._window, "Runs of another folder", str(panel.place or Path.home()))
        dialog.takes_folders = True
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_chosen(self) -> None:
        """Show the curves of the chosen run."""
        for entry in self._window.runs.chosen[:1]:
            self.show(entry.folder.path)

    def show(self, run: Path) -> None:
        """Show the curves of a run, and follow it if it goes on."""
        window = self._window
        window.show_training()
        window.training.attach(window.workspace.session, run)

    def open_graph(self) -> None:
        """Open the graph of the chosen run as a document that has no file."""
        for entry in self._window.runs.chosen[:1]:
            project = self._project(entry.folder)
            if project is not None:
                self._open(Session(project, title=entry.name))

    def train_again(self) -> None:
        """Train the chosen run again with everything equal."""
        for entry in self._window.runs.chosen[:1]:
            self._window.show_training()
            self._window.training.repeat(entry.folder.path)

    def train_from(self) -> None:
        """Train the document in front from the weights of the chosen run."""
        for entry in self._window.runs.chosen[:1]:
            self._window.show_training()
            self._window.training.train(begin=entry.folder.path)

    def show_on_canvas(self, found: Comparison) -> None:
        """Open the second run's graph, with frames around what differs from the first one's."""
        project = self._project(found.after)
        if project is None:
            return
        window = self._window
        for kind, title, tint in _FRAMES:
            names = [node.name for node in found.nodes if node.kind == kind]
            if names:
                project = add_frame(project, names, title.format(run=found.before.name), tint=tint)
        session = Session(project, title=f"{found.after.name} vs {found.before.name}")
        self._open(session)
        session.select(node.name for node in found.nodes)
        window.tabs.canvas.looking.fit()
        window.tell(_in_words(found.nodes, found.before.name))

    def _open(self, session: Session) -> None:
        """Open a document out of a run; beside it, the same runs are listed."""
        self._from[session] = self._window.runs.place
        self._window.workspace.open(session)

    def _on_closed(self, session: Session) -> None:
        self._from.pop(session, None)

    def _project(self, run: RunFolder) -> Project | None:
        try:
            return parse(run.graph_bytes()).project
        except Refused as refusal:
            self._window.tell(f"{run.name} can't be opened: {refusal.diagnostics[0].message}.")
            return None

    # What happened.

    def _on_document_changed(self) -> None:
        """List the runs beside the document; another folder that was chosen stays with it."""
        session = self._window.workspace.session
        out_of = self._from.get(session) if session.path is None else None
        place = out_of or runs_folder(session)
        if place != self._beside:
            self._beside = place
            self._window.runs.set_place(place)

    def _on_folder_chosen(self, path: str) -> None:
        found = Path(path)
        inside = found / "runs"
        if (found / RUN).is_file():
            found = found.parent
        self._window.runs.set_place(inside if inside.is_dir() else found)

    def _on_menu_asked(self, at: QPoint) -> None:
        self._window.commands.context_menu("run", self._window).popup(at)

    def _on_running_changed(self, _: bool) -> None:
        self._window.runs.reader.look()


def _in_words(nodes: Sequence[NodeChange], before: str) -> str:
    if not nodes:
        return f"The graph is the one of {before}."
    parts = [
        f"{kind} {', '.join(names)}"
        for kind in ("added", "changed", "removed")
        if (names := [node.name for node in nodes if node.kind == kind])
    ]
    return f"Since {before}: {'; '.join(parts)}."
