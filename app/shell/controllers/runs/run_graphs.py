"""The controller that opens the graphs of runs as documents."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from app.documents.session import Session
from app.shell.controllers.runs.runs_folder import RunsFolderController
from app.shell.window_parts import WindowParts
from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.runs.comparison.run_comparison import NodeChange, RunComparison
from engine.runs.folder.run_folder import RunFolder

_FRAMES = (("added", "New since {run}", "dense"), ("changed", "Changed since {run}", "merge"))


class RunGraphsController(QObject):
    """Opens the graph of a run, or the changes between the graphs of two runs."""

    def __init__(self, window: WindowParts, folders: RunsFolderController) -> None:
        super().__init__(window)
        self._runs, self._folders = window.panels.runs, folders
        self._tabs, self._workspace = window.tabs, window.workspace
        self._runs.details.canvas_requested.connect(self.show_on_canvas)

    def open_graph(self) -> None:
        """Open the graph of the selected run as an unsaved document."""
        for entry in self._runs.selected[:1]:
            project = self._load_project(entry.folder)
            if project is not None:
                self._folders.open_document(Session(project, title=entry.name))

    def show_on_canvas(self, comparison: RunComparison) -> None:
        """Open the graph of `comparison.after`, with frames around added and changed nodes."""
        project = self._load_project(comparison.after)
        if project is None:
            return
        before = comparison.before.name
        for kind, title, tint in _FRAMES:
            names = [node.name for node in comparison.nodes if node.kind == kind]
            if names:
                project = add_frame(project, names, title.format(run=before), tint=tint)
        session = Session(project, title=f"{comparison.after.name} vs {before}")
        self._folders.open_document(session)
        session.select(node.name for node in comparison.nodes)
        self._tabs.canvas.navigation.fit()
        self._workspace.message.emit(_describe_changes(comparison.nodes, before))

    def _load_project(self, run: RunFolder) -> Project | None:
        try:
            return parse(run.graph_bytes()).project
        except DiagnosticError as error:
            reason = error.diagnostics[0].message
            self._workspace.message.emit(f"{run.name} can't be opened: {reason}.")
            return None


def _describe_changes(nodes: Sequence[NodeChange], before: str) -> str:
    if not nodes:
        return f"The graph is identical to that of {before}."
    parts = [
        f"{kind} {', '.join(names)}"
        for kind in ("added", "changed", "removed")
        if (names := [node.name for node in nodes if node.kind == kind])
    ]
    return f"Since {before}: {'; '.join(parts)}."
