"""Synchronization of note items with the document."""

from __future__ import annotations

from collections.abc import Callable, Set

from PySide6.QtCore import QRectF

from app.canvas.items.note_item import NoteItem
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import ItemKey
from app.theme.theme import Theme
from engine.graph.model import Project
from engine.graph.notes import notes


class NoteSync:
    """Keeps the note items in sync with the notes of one document.

    Args:
        rect_of: returns the scene rectangle of a node, or of the collapsed frame that hides it.

    `items` are the note items by index of the note in the file.
    """

    def __init__(
        self, theme: Theme, viewer: CanvasViewer, rect_of: Callable[[str], QRectF]
    ) -> None:
        self._theme, self._viewer, self._rect_of = theme, viewer, rect_of
        self.items: dict[int, NoteItem] = {}

    def sync(self, project: Project) -> None:
        """Add, remove and update items."""
        expected = {note.index: note for note in notes(project)}
        for index in self.items.keys() - expected.keys():
            self._viewer.scene().removeItem(self.items.pop(index))
        for index, note in expected.items():
            if index not in self.items:
                self.items[index] = NoteItem(self._theme, note)
                self._viewer.scene().addItem(self.items[index])
            else:
                self.items[index].set_note(note)
        self.refit()

    def refit(self) -> None:
        """Draw the lines to the nodes again, for example while something is dragged."""
        for item in self.items.values():
            item.set_connectors([self._rect_of(name) for name in item.note.nodes])

    def sync_selection(self, selected: Set[ItemKey]) -> None:
        for index, item in self.items.items():
            if item.isSelected() != (index in selected):
                item.setSelected(index in selected)
