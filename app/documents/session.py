"""One open document and what the window knows of it: report, selection, file.

Panels meet here only. They write through `edit`, and read when a signal says so.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.recent_data import What, keep_data, keep_runs, kept_data, kept_runs
from app.documents.table_contents import Contents
from app.text.phrases import sentence
from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.edits import node_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.project import Document

Edited = ParamSpec("Edited")
Apart = tuple[Path | None, Path | None]
APART: tuple[What, What] = ("validation", "test")


class Session(QObject):
    """A document, its report and what is selected in it.

    Signals:
        project_changed: the document is another one than before; read `project`.
        report_changed: the checks have caught up with the document; read `report`.
        selection_changed: other nodes are selected; read `selection`.
        file_changed: its path, its name or its dirty mark is another one.
        data_changed: other data was chosen for it; read `data` and `apart`.
        contents_changed: more, or something else, is known of that data; read `contents`.
        contents_wanted: somebody looks at the contents, so they are to be read.
        canvas_wanted: the keyboard is to go to the canvas.
        reveal_asked: nodes that the canvas shall bring into sight.
        told: a sentence for the person, such as why a gesture was refused.

    `used` says that something beside the document hangs on it, such as the data chosen for it.
    """

    project_changed = Signal()
    report_changed = Signal()
    selection_changed = Signal()
    file_changed = Signal()
    data_changed = Signal()
    contents_changed = Signal()
    contents_wanted = Signal()
    canvas_wanted = Signal()
    reveal_asked = Signal(list)
    told = Signal(str)

    def __init__(
        self, project: Project | None = None, path: Path | None = None, title: str = "untitled"
    ) -> None:
        super().__init__()
        self.document = Document(project)
        self._path = path
        self._title = title
        self._selection: tuple[str, ...] = ()
        self.used = False
        self._data: Path | None = None
        self._apart: Apart | None = None
        self._runs_elsewhere: tuple[Path, ...] | None = None
        self._contents: Contents | None = None
        self._shown = self.document.project
        self._report = check(self.project)
        self._checking = QTimer(self, singleShot=True, interval=0)
        self._checking.timeout.connect(self.settle_report)
        self.document.changed.subscribe(self._on_document_changed)

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self.document.project

    @property
    def graph(self) -> Graph:
        """The graph as it is now."""
        return self.document.project.graph

    @property
    def path(self) -> Path | None:
        """The file that saving writes to, None before the first save."""
        return self._path

    @path.setter
    def path(self, path: Path | None) -> None:
        data, apart = self.data, self.apart  # go along, whatever the new file was trained on before
        self._runs_elsewhere = self.runs_elsewhere
        if self._path is not None:
            keep_runs(self._path, ())
        self._path = path
        self._keep_runs()
        if data is not None:
            self._keep(data)
            self._keep_apart(apart)
        self.file_changed.emit()

    @property
    def data(self) -> Path | None:
        """What it is trained on, a file or a folder; None before it is chosen.

        It is no part of the document, and is remembered beside it by the path of its file.
        """
        if self._data is None and self._path is not None:
            self._data = kept_data(self._path)
        return self._data

    @data.setter
    def data(self, data: Path) -> None:
        if data != self.data:
            self._keep_apart((None, None))
        self._keep(data)
        self.used = True
        self.show_contents(None)
        self.data_changed.emit()

    def _keep(self, data: Path) -> None:
        self._data = data
        if self._path is not None:
            keep_data(self._path, data)

    @property
    def apart(self) -> Apart:
        """Files of their own to validate and to test on, each None where rows are held back."""
        if self._apart is None:
            kept = [kept_data(self._path, part) if self._path else None for part in APART]
            self._apart = (kept[0], kept[1])
        return self._apart

    @apart.setter
    def apart(self, apart: Apart) -> None:
        self._keep_apart(apart)
        self.data_changed.emit()

    def _keep_apart(self, apart: Apart) -> None:
        self._apart = apart
        if self._path is not None:
            for part, path in zip(APART, apart, strict=True):
                keep_data(self._path, path, part)

    @property
    def runs_elsewhere(self) -> tuple[Path, ...]:
        """Its runs that do not lie beside its file, as those that began before it had one."""
        if self._runs_elsewhere is None:
            self._runs_elsewhere = kept_runs(self._path) if self._path else ()
        return self._runs_elsewhere

    @runs_elsewhere.setter
    def runs_elsewhere(self, runs: tuple[Path, ...]) -> None:
        if runs != self.runs_elsewhere:
            self._runs_elsewhere = runs
            self._keep_runs()
            self.file_changed.emit()

    def _keep_runs(self) -> None:
        if self._path is not None:
            keep_runs(self._path, self.runs_elsewhere)

    @property
    def contents(self) -> Contents | None:
        """What is known of `data` so far, None before anybody looked at it."""
        return self._contents

    def show_contents(self, contents: Contents | None) -> None:
        """Say what is known of the data."""
        if contents is not self._contents:
            self._contents = contents
            self.contents_changed.emit()

    def want_contents(self) -> None:
        """Ask for the contents to be read, if they are not."""
        self.contents_wanted.emit()

    @property
    def title(self) -> str:
        """What the tab is called: the file's name without its ending."""
        return self._title if self._path is None else self._path.name.removesuffix(".loom.json")

    def edit(
        self,
        label: str,
        change: Callable[Concatenate[Project, Edited], Project],
        *args: Edited.args,
        **kwargs: Edited.kwargs,
    ) -> bool:
        """Run an edit of `engine.graph` as one step; answer whether it could be done.

        What the edit refuses is told to the person.
        """
        return self._attempt(label, lambda: change(self.project, *args, **kwargs))

    def edit_merging(
        self,
        merge: Hashable,
        label: str,
        change: Callable[Concatenate[Project, Edited], Project],
        *args: Edited.args,
        **kwargs: Edited.kwargs,
    ) -> bool:
        """Run an edit that, with others of the same `merge` key in a row, makes one step.

        Call `document.settle()` where the row ends, as when a slider is let go.
        """
        return self._attempt(label, lambda: change(self.project, *args, **kwargs), merge)

    def apply(self, label: str, project: Project, merge: Hashable = None) -> None:
        """Make a project, made from the present one by several edits, the next step."""
        self.document.apply(label, project, merge)

    def mend(self, fix: Fix) -> bool:
        """Run a diagnostic's machine-applicable fix as one step."""
        edit: Mapping[str, Any] | None = fix.edit
        if edit is None:
            return False
        return self._attempt(fix.text.rstrip("."), lambda: node_edits.apply(self.project, edit))

    def undo(self) -> None:
        """Take the last gesture back."""
        self.document.undo()

    def redo(self) -> None:
        """Do again what was taken back last."""
        self.document.redo()

    def _attempt(self, label: str, change: Callable[[], Project], merge: Hashable = None) -> bool:
        try:
            project = change()
        except ValueError as refusal:
            self.told.emit(sentence(str(refusal), self.graph.by_name))
            return False
        self.document.apply(label, project, merge)
        return True

    @property
    def report(self) -> Report:
        """What the checks last found; it lags behind `project` until `report_changed`."""
        return self._report

    def settle_report(self) -> Report:
        """Return the report of the project as it is now, checking it at once if it lags behind."""
        self._checking.stop()
        if self._report.project is not self.project:
            self._report = check(self.project, before=self._report)
            self.report_changed.emit()
        return self._report

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What is to be told; that nothing is drawn yet is no mistake."""
        return self._report.diagnostics if len(self._report.project.graph) else ()

    def found_at(self, node: str) -> list[Diagnostic]:
        """Return the findings pinned to a node, errors first."""
        return [found for found in self._report.diagnostics if found.node == node]

    @property
    def selection(self) -> tuple[str, ...]:
        """The selected nodes, in drawing order."""
        return self._selection

    def select(self, names: Iterable[str]) -> None:
        """Select these nodes and no others; names that are not drawn are left out."""
        wanted = set(names)
        selection = tuple(node.name for node in self.graph if node.name in wanted)
        if selection != self._selection:
            self._selection = selection
            self.selection_changed.emit()

    def reveal(self, names: Iterable[str]) -> None:
        """Select nodes and bring them into sight."""
        names = list(names)
        self.select(names)
        self.reveal_asked.emit(names)

    @property
    def selected_node(self) -> Node | None:
        """The selected node if it is the only one."""
        return self.graph.by_name.get(self._selection[0]) if len(self._selection) == 1 else None

    def _on_document_changed(self) -> None:
        if self._shown is not self.project:
            turned = _renamed(self._shown.graph, self.graph)
            self._shown = self.project
            self._checking.start()
            self.project_changed.emit()
            self.select(turned.get(name, name) for name in self._selection)
        self.file_changed.emit()


def _renamed(before: Graph, after: Graph) -> dict[str, str]:
    """Return the old and the new name, if one node was renamed and nothing else."""
    if len(before) != len(after) or before is after:
        return {}
    gone = [name for name in before.by_name if name not in after]
    new = [name for name in after.by_name if name not in before]
    return {gone[0]: new[0]} if len(gone) == len(new) == 1 else {}
