"""The document: the one thing that changes, a project with its past and its future."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from engine.graph.model import Project
from engine.graph.serialization.encoder import dumps

HISTORY = 500  # steps that can be undone


class Signal:
    """Tells whoever subscribed that something happened."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], object]] = []

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call `listener` from now on; the answer, when called, ends that."""
        self._listeners.append(listener)
        return lambda: self.unsubscribe(listener)

    def unsubscribe(self, listener: Callable[[], object]) -> None:
        """Call `listener` no more; one that is not subscribed is let pass."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def emit(self) -> None:
        """Call the listeners in the order in which they came."""
        for listener in tuple(self._listeners):
            listener()


@dataclass(frozen=True)
class _Step:
    """One gesture: what the menu calls it, and the project before it (or, undone, after it)."""

    label: str
    project: Project


class Document:
    """A project that is edited.

    `changed` is emitted after each change of the project, of its history or of the saved mark.

    Why: a project shares with the one before it all that an edit left alone, so a history of
    whole projects is small, and undo needs no inverse of any edit.
    """

    def __init__(self, project: Project | None = None) -> None:
        self.changed = Signal()
        self._begin(project or Project())

    def _begin(self, project: Project) -> None:
        self._project = self._saved = project
        self._compared = (project, project, False)
        self._past: deque[_Step] = deque(maxlen=HISTORY)
        self._future: list[_Step] = []
        self._merge: Hashable = None

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self._project

    def load(self, project: Project) -> None:
        """Begin anew with a project that was opened; it counts as saved."""
        self._begin(project)
        self.changed.emit()

    def apply(self, label: str, project: Project, merge: Hashable = None) -> None:
        """Make `project` the present one, as one step that can be undone.

        Args:
            label: what undo will call it: "Connect", "Set units".
            project: what an edit answered. One equal to the present is no step.
            merge: steps with one key in a row, such as ("move", "dense"), become one.
        """
        if _same(project, self._project):
            return
        if merge is None or merge != self._merge:
            self.settle()
            self._past.append(_Step(label, self._project))
        self._merge = merge
        self._future.clear()
        self._project = project
        self.changed.emit()

    def settle(self) -> None:
        """End a row of merged steps, as when a drag ends; one that led nowhere is no step."""
        merging, self._merge = self._merge is not None, None
        if merging and self._past and _same(self._past[-1].project, self._project):
            self._past.pop()
            self.changed.emit()

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, None if nothing."""
        return self._past[-1].label if self._past else None

    @property
    def redo_label(self) -> str | None:
        """What redo would do again, None if nothing."""
        return self._future[-1].label if self._future else None

    def undo(self) -> bool:
        """Take the last step back; answer whether there was one."""
        self.settle()
        if not self._past:
            return False
        step = self._past.pop()
        self._future.append(_Step(step.label, self._project))
        return self._go(step.project)

    def redo(self) -> bool:
        """Do the step that was taken back last again; answer whether there was one."""
        if not self._future:
            return False
        step = self._future.pop()
        self._past.append(_Step(step.label, self._project))
        return self._go(step.project)

    def _go(self, project: Project) -> bool:
        self._project = project
        self.settle()
        self.changed.emit()
        return True

    def mark_saved(self, project: Project | None = None) -> None:
        """Take note that a project was saved: the present one, or an earlier snapshot."""
        self._saved = project or self._project
        self.settle()
        self.changed.emit()

    @property
    def dirty(self) -> bool:
        """True if the file would be another one after saving."""
        known, saved, dirty = self._compared
        # A window asks often, and comparing what is equal means writing both.
        if known is not self._project or saved is not self._saved:
            dirty = not _same(self._project, self._saved)
            self._compared = (self._project, self._saved, dirty)
        return dirty


def _same(one: Project, other: Project) -> bool:
    """Return whether two projects give the same file; 1, 1.0 and true are equal, but not there."""
    return one is other or (one == other and dumps(one) == dumps(other))
