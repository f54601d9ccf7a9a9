"""Copies of the selected nodes: by way of the clipboard, or beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QMimeData, QPointF
from PySide6.QtGui import QGuiApplication

from app.canvas import edits
from app.canvas.gestures.context import SNAP, Stage, snapped
from engine.core.diagnostic import Refused
from engine.graph import fragment
from engine.graph.model import Project
from engine.graph.serialization import file
from engine.graph.view import places

_LONGEST = 4_000_000  # characters; a longer text is no network, and cut off no JSON


class Clipboard:
    """Copies and pastes on one canvas; each paste is one step of undo.

    Args:
        stage: the canvas.
        pointer: answers the place of the scene that is pointed at.
        show: brings new nodes into sight.
    """

    def __init__(
        self,
        stage: Stage,
        pointer: Callable[[], QPointF],
        show: Callable[[Iterable[str]], object],
    ) -> None:
        self._stage, self._show = stage, show
        self._session = stage.session
        self._pointer = pointer
        self._pasted = 0  # times at the same place, each a little further down
        self._pasted_at = (0.0, 0.0)

    @property
    def _chosen(self) -> tuple[str, ...]:
        return self._session.selection

    def copy(self) -> None:
        """Put the selected nodes on the clipboard, as text that a file would hold."""
        if not self._chosen:
            return
        text = file.dumps(fragment.copy(self._session.project, self._chosen))
        # Not as data of our own type: PySide deletes those twice where the program ends.
        QGuiApplication.clipboard().setText(text)
        self._pasted = 0

    def cut(self) -> None:
        """Copy the selected nodes and delete them."""
        self.copy()
        if self._chosen:
            self._session.edit(
                "Cut", edits.deleted, self._chosen, self._session.settle_report(), True
            )

    def paste(self, outside: bool = False) -> None:
        """Put what is on the clipboard at the pointer.

        Args:
            outside: also keep wires from nodes that were not copied.
        """
        copied = self._held()
        if copied is None:
            return
        corners = places(copied).values()
        at = snapped(self._pointer())
        if at != self._pasted_at:
            self._pasted, self._pasted_at = 0, at
        left = min((x for x, _ in corners), default=0)
        top = min((y for _, y in corners), default=0)
        by = (at[0] - left + self._pasted * 2 * SNAP, at[1] - top + self._pasted * 2 * SNAP)
        self._pasted += 1
        self._put("Paste", lambda project: fragment.paste(project, copied, by, outside))

    def _held(self) -> Project | None:
        # Where nothing was ever copied, some systems have no data at all.
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()
        text = mime.text()
        try:
            return file.parse(text[:_LONGEST].encode()).project
        except Refused:
            self._session.told.emit("The clipboard holds no nodes. Copy some nodes first.")
            return None

    def duplicate(self) -> None:
        """Copy the selected nodes beside themselves, with the wires that enter them."""
        copied = fragment.copy(self._session.project, self._chosen)
        by = (2 * SNAP, self._height() + 2 * SNAP)
        self._put("Duplicate", lambda project: fragment.paste(project, copied, by, True))

    def linked_copy(self) -> None:
        """Copy the selected nodes so that the copies use the same weights."""
        chosen, by = self._chosen, (2 * SNAP, self._height() + 2 * SNAP)
        self._put("Linked copy", lambda project: fragment.linked(project, chosen, by))

    def _put(self, label: str, paste: Callable[[Project], fragment.Pasted]) -> None:
        put: list[str] = []

        def run(project: Project) -> Project:
            pasted = paste(project)
            put.extend(pasted.names.values())
            return pasted.project

        if self._session.edit(label, run):
            self._session.select(put)
            self._show(put)

    def _height(self) -> float:
        return float(self._stage.picture.rect_of(self._chosen).height())
