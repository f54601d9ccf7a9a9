"""An open document with its check report, selection, file and data."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Concatenate, ParamSpec

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.recent_data import (
    DataRole,
    load_data_path,
    load_run_paths,
    save_data_path,
    save_run_paths,
)
from app.documents.table_contents import TableContents
from app.text.phrases import to_sentence
from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.graph.notes import Note, notes
from engine.graph.undo_history import UndoHistory
from engine.graph.view import get_list

EditParams = ParamSpec("EditParams")
ItemKey = str | int  # a node by its name, or a note by its index in the file
SplitPaths = tuple[Path | None, Path | None]
SEPARATE_SPLITS: tuple[DataRole, DataRole] = ("validation", "test")


class Session(QObject):
    """An open document: its project, report, selection, file and data.

    Panels communicate only through this object: they change the project with `edit`, and update
    themselves when a signal is emitted.

    Signals:
        project_changed: the project was edited; read `project`.
        report_changed: the current project was checked; read `report`.
        selection_changed: the selection has changed; read `selection` and `selected_notes`.
        file_changed: the path, title or unsaved state of the document has changed.
        data_changed: other data was chosen; read `data_path` and `split_paths`.
        table_contents_changed: the loaded contents of the data have changed; read `table_contents`.
        table_contents_requested: a panel needs the contents of the data, so they should be read.
        canvas_focus_requested: the canvas should take the keyboard focus.
        reveal_requested: the keys of nodes and notes that the canvas should scroll to.
        message: a sentence for the user, such as why an edit is not possible.

    Attributes:
        has_chosen_data: whether `data_path` was assigned; a path read from the user settings does
            not count. If true, an opened file must not replace this document.
    """

    project_changed = Signal()
    report_changed = Signal()
    selection_changed = Signal()
    file_changed = Signal()
    data_changed = Signal()
    table_contents_changed = Signal()
    table_contents_requested = Signal()
    canvas_focus_requested = Signal()
    reveal_requested = Signal(list)
    message = Signal(str)

    def __init__(
        self, project: Project | None = None, path: Path | None = None, title: str = "untitled"
    ) -> None:
        super().__init__()
        self.undo_history = UndoHistory(project, self._on_history_changed)
        self._path = path
        self._title = title
        self._selection: tuple[str, ...] = ()
        self._selected_notes: tuple[int, ...] = ()
        self.has_chosen_data = False
        self._data_path: Path | None = None
        self._split_paths: SplitPaths | None = None
        self._external_runs: tuple[Path, ...] | None = None
        self._table_contents: TableContents | None = None
        self._emitted_project = self.undo_history.project
        self._report = check(self.project)
        self._check_timer = QTimer(self, singleShot=True, interval=0, timeout=self.current_report)

    @property
    def project(self) -> Project:
        """The current project."""
        return self.undo_history.project

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return self.undo_history.project.graph

    @property
    def path(self) -> Path | None:
        """The file of the document; None before it is saved for the first time."""
        return self._path

    @path.setter
    def path(self, path: Path | None) -> None:
        # Keep the data, even if other data is remembered for the new path.
        data_path, split_paths = self.data_path, self.split_paths
        self._external_runs = self.external_runs
        if self._path is not None:
            save_run_paths(self._path, ())
        self._path = path
        self._save_runs()
        if data_path is not None:
            self._set_data_path(data_path)
            self._set_split_paths(split_paths)
        self.file_changed.emit()

    @property
    def data_path(self) -> Path | None:
        """The path of the training data, a file or folder; None before it is chosen.

        The path is stored in the user settings (per document file), not in the document file.
        """
        if self._data_path is None and self._path is not None:
            self._data_path = load_data_path(self._path)
        return self._data_path

    @data_path.setter
    def data_path(self, path: Path) -> None:
        if path != self.data_path:
            self._set_split_paths((None, None))
        self._set_data_path(path)
        self.has_chosen_data = True
        self.set_table_contents(None)
        self.data_changed.emit()

    def _set_data_path(self, path: Path) -> None:
        self._data_path = path
        if self._path is not None:
            save_data_path(self._path, path)

    @property
    def split_paths(self) -> SplitPaths:
        """The paths of the validation and the test file, None if the split has no separate file."""
        if self._split_paths is None:
            self._split_paths = None, None
            if self._path is not None:
                validation, test = (load_data_path(self._path, s) for s in SEPARATE_SPLITS)
                self._split_paths = validation, test
        return self._split_paths

    @split_paths.setter
    def split_paths(self, paths: SplitPaths) -> None:
        self._set_split_paths(paths)
        self.data_changed.emit()

    def _set_split_paths(self, paths: SplitPaths) -> None:
        self._split_paths = paths
        if self._path is not None:
            for split, path in zip(SEPARATE_SPLITS, paths, strict=True):
                save_data_path(self._path, path, split)

    @property
    def external_runs(self) -> tuple[Path, ...]:
        """Run folders that are not next to the document file, e.g. runs before its first save."""
        if self._external_runs is None:
            self._external_runs = load_run_paths(self._path) if self._path else ()
        return self._external_runs

    @external_runs.setter
    def external_runs(self, runs: tuple[Path, ...]) -> None:
        if runs != self.external_runs:
            self._external_runs = runs
            self._save_runs()
            self.file_changed.emit()

    def _save_runs(self) -> None:
        if self._path is not None:
            save_run_paths(self._path, self.external_runs)

    @property
    def table_contents(self) -> TableContents | None:
        """The part of the document's data that was read so far; None if nothing has been read."""
        return self._table_contents

    def set_table_contents(self, contents: TableContents | None) -> None:
        """Store what has been read from the data of the document; None if nothing has been read."""
        if contents is not self._table_contents:
            self._table_contents = contents
            self.table_contents_changed.emit()

    def request_table_contents(self) -> None:
        """Request that the contents of the data are read, unless they have been read."""
        self.table_contents_requested.emit()

    @property
    def title(self) -> str:
        """The title of the tab: the file name without its suffix."""
        return self._title if self._path is None else self._path.name.removesuffix(".loom.json")

    def edit(
        self,
        label: str,
        change: Callable[Concatenate[Project, EditParams], Project],
        *args: EditParams.args,
        **kwargs: EditParams.kwargs,
    ) -> bool:
        """Apply an edit of `engine.graph` as one undo step, and return whether it was applied.

        `label` is the name of the undo step. `change` is called with the project and `args`, and
        returns the edited project. If the edit is invalid, `change` raises an error, and `message`
        is emitted with the reason.
        """
        return self.edit_merging(None, label, change, *args, **kwargs)

    def edit_merging(
        self,
        merge: Hashable,
        label: str,
        change: Callable[Concatenate[Project, EditParams], Project],
        *args: EditParams.args,
        **kwargs: EditParams.kwargs,
    ) -> bool:
        """Apply an edit that forms one undo step with the preceding edits of the same `merge` key.

        If `merge` is None, the edit is a separate undo step. Other arguments are those of `edit`.
        Call `undo_history.end_merge()` after the last edit, such as when a slider is released.
        """
        try:
            project = change(self.project, *args, **kwargs)
        except ValueError as error:
            self.message.emit(to_sentence(str(error), self.graph.by_name))
            return False
        self.undo_history.apply(label, project, merge)
        return True

    def apply(self, label: str, project: Project, merge: Hashable = None) -> None:
        """Replace the project. Successive calls with the same `merge` key form one undo step."""
        self.undo_history.apply(label, project, merge)

    def apply_fix(self, fix: Fix) -> bool:
        """Apply the edit of a fix as one undo step, and return whether it was applied."""
        if fix.edit is None:
            return False
        return self.edit(fix.text.rstrip("."), apply_edit, fix.edit)

    def undo(self) -> None:
        """Undo the last step."""
        if label := self.undo_history.undo_label:
            self.undo_history.undo()
            self.message.emit(f"Undone: {label}.")

    def redo(self) -> None:
        """Redo the step that was undone last."""
        if label := self.undo_history.redo_label:
            self.undo_history.redo()
            self.message.emit(f"Redone: {label}.")

    @property
    def report(self) -> Report:
        """The report of the last check. After an edit, it is outdated until `report_changed`."""
        return self._report

    def current_report(self) -> Report:
        """Return the report of the current project; if `report` is outdated, check first."""
        self._check_timer.stop()
        if self._report.project is not self.project:
            self._report = check(self.project, previous=self._report)
            self.report_changed.emit()
        return self._report

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The diagnostics to show; () for an empty graph because a new document is no mistake."""
        return self._report.diagnostics if len(self._report.project.graph) else ()

    def diagnostics_of(self, node: str) -> list[Diagnostic]:
        """Return the diagnostics of a node, errors first."""
        return [found for found in self._report.diagnostics if found.node == node]

    @property
    def selection(self) -> tuple[str, ...]:
        """The names of the selected nodes, in graph order."""
        return self._selection

    @property
    def selected_notes(self) -> tuple[int, ...]:
        """The indices of the selected notes in the file."""
        return self._selected_notes

    @property
    def selected_items(self) -> tuple[ItemKey, ...]:
        """The keys of the selected nodes and notes."""
        return (*self._selection, *self._selected_notes)

    def select(self, keys: Iterable[ItemKey]) -> None:
        """Select only these nodes and notes; unknown ones are ignored."""
        wanted = set(keys)
        nodes = tuple(node.name for node in self.graph if node.name in wanted)
        found = tuple(note.index for note in notes(self.project) if note.index in wanted)
        if (nodes, found) != (self._selection, self._selected_notes):
            self._selection, self._selected_notes = nodes, found
            self.selection_changed.emit()

    def reveal(self, keys: Iterable[ItemKey]) -> None:
        """Select nodes and notes, and scroll the canvas to them."""
        keys = list(keys)
        self.select(keys)
        self.reveal_requested.emit(keys)

    @property
    def selected_node(self) -> Node | None:
        """The selected node if exactly one is selected, else None."""
        return self.graph.by_name.get(self._selection[0]) if len(self._selection) == 1 else None

    @property
    def selected_note(self) -> Note | None:
        """The selected note if it is the only selected item, else None."""
        keys = self.selected_items
        return next((note for note in notes(self.project) if (note.index,) == keys), None)

    def _on_history_changed(self) -> None:
        if self._emitted_project is not self.project:
            before, self._emitted_project = self._emitted_project, self.project
            renamed = _renamed(before.graph, self.graph)
            self._selected_notes = _same_notes(before, self.project, self._selected_notes)
            self._check_timer.start()
            self.project_changed.emit()
            nodes = [renamed.get(name, name) for name in self._selection]
            self.select((*nodes, *self._selected_notes))
        self.file_changed.emit()


def _renamed(before: Graph, after: Graph) -> dict[str, str]:
    """Return {old name: new name} if exactly one node was renamed, else {}."""
    if len(before) != len(after) or before is after:
        return {}
    removed = [name for name in before.by_name if name not in after]
    added = [name for name in after.by_name if name not in before]
    return {removed[0]: added[0]} if len(removed) == len(added) == 1 else {}


def _same_notes(before: Project, after: Project, indices: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indices in `after` of notes of `before`, which other notes may have shifted."""
    old, new = get_list(before.view, "notes"), get_list(after.view, "notes")
    if len(old) == len(new):
        return indices
    entries = [old[index] for index in indices if index < len(old)]  # edits keep other entries
    return tuple(i for i, entry in enumerate(new) if any(entry is known for known in entries))
