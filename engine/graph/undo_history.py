"""`UndoHistory`: a project with undo and redo steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from engine.graph.model import Graph, Project
from engine.graph.serialization.encoder import dumps

UNDO_LIMIT = 500  # steps that can be undone


@dataclass(frozen=True)
class _UndoStep:
    """An undo or redo step: its label in the menu, and the project that the step restores."""

    label: str
    project: Project


class UndoHistory:
    """The current project with its undo and redo steps and its saved state.

    `on_changed` is called after each change of the project, the history or the saved state.

    Why: projects are immutable and share unchanged parts with the previous project, so a history
    of complete projects is small, and edits need no inverse.
    """

    def __init__(
        self, project: Project | None = None, on_changed: Callable[[], object] = lambda: None
    ) -> None:
        self._on_changed = on_changed
        self._reset(project or Project())

    def _reset(self, project: Project) -> None:
        self._project = self._saved = project
        self._dirty_cache = (project, project, False)
        self._undo_steps: deque[_UndoStep] = deque(maxlen=UNDO_LIMIT)
        self._redo_steps: list[_UndoStep] = []
        self._merge_key: Hashable = None

    @property
    def project(self) -> Project:
        """The current project."""
        return self._project

    def load(self, project: Project) -> None:
        """Replace the project by a newly opened one, which counts as saved; clear the history."""
        self._reset(project)
        self._on_changed()

    def apply(self, label: str, project: Project, merge_key: Hashable = None) -> None:
        """Replace the current project by an edited one, as one undo step.

        Args:
            label: the label of the undo step: "Connect", "Set units".
            project: the result of an edit; if it equals the current project, nothing happens.
            merge_key: consecutive edits with equal keys make one step; None makes a new step.
        """
        if _writes_same_file(project, self._project):
            return
        if merge_key is None or merge_key != self._merge_key:
            self.end_merge()
            self._undo_steps.append(_UndoStep(label, self._project))
        self._merge_key = merge_key
        self._redo_steps.clear()
        self._project = project
        self._on_changed()

    def end_merge(self) -> None:
        """End a series of merged edits, such as a drag; remove its undo step if nothing changed."""
        was_merging, self._merge_key = self._merge_key is not None, None
        if not was_merging or not self._undo_steps:
            return
        if _writes_same_file(self._undo_steps[-1].project, self._project):
            self._undo_steps.pop()
            self._on_changed()

    @property
    def undo_label(self) -> str | None:
        """The label of the step that undo would revert, None if there is none."""
        return self._undo_steps[-1].label if self._undo_steps else None

    @property
    def redo_label(self) -> str | None:
        """The label of the step that redo would apply, None if there is none."""
        return self._redo_steps[-1].label if self._redo_steps else None

    def undo(self) -> bool:
        """Revert the last step, and return whether there was one."""
        self.end_merge()
        if not self._undo_steps:
            return False
        step = self._undo_steps.pop()
        self._redo_steps.append(_UndoStep(step.label, self._project))
        return self._restore(step.project)

    def redo(self) -> bool:
        """Apply the last undone step again, and return whether there was one."""
        if not self._redo_steps:
            return False
        step = self._redo_steps.pop()
        self._undo_steps.append(_UndoStep(step.label, self._project))
        return self._restore(step.project)

    def _restore(self, project: Project) -> bool:
        self._project = project
        self.end_merge()
        self._on_changed()
        return True

    def mark_saved(self, project: Project | None = None) -> None:
        """Record that `project`, an earlier snapshot, was saved; None means the current one."""
        self._saved = project or self._project
        self.end_merge()
        self._on_changed()

    @property
    def is_dirty(self) -> bool:
        """True if there are unsaved changes."""
        current, saved, dirty = self._dirty_cache
        # Cached: the window reads it often, and a comparison of equal projects serializes both.
        if current is not self._project or saved is not self._saved:
            dirty = not _writes_same_file(self._project, self._saved)
            self._dirty_cache = (self._project, self._saved, dirty)
        return dirty


def _writes_same_file(left: Project, right: Project) -> bool:
    """Return whether two projects are the same when written to a file.

    Why not `==` alone: 1, 1.0 and True are equal in Python, but differ in a file. Nodes that are
    the same object need no comparison.
    """
    if left is right:
        return True
    if left != right:
        return False
    pairs = [(a, b) for a, b in zip(left.graph, right.graph, strict=True) if a is not b]
    left_part = replace(left, graph=Graph(tuple(a for a, _ in pairs)))
    right_part = replace(right, graph=Graph(tuple(b for _, b in pairs)))
    return dumps(left_part) == dumps(right_part)
