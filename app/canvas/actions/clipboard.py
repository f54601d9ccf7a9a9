"""Copy, cut, paste and duplicate nodes and notes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.canvas.actions.navigation import ViewNavigation
from app.canvas.context import GRID_SIZE, CanvasContext, snap_to_grid
from app.documents.node_deletion import delete_items
from app.documents.session import ItemKey
from engine.core.diagnostic import DiagnosticError
from engine.graph import fragment
from engine.graph.model import Project
from engine.graph.notes import notes
from engine.graph.serialization import file
from engine.graph.view import node_positions

_MAX_CHARACTERS = 4_000_000  # a longer text is truncated, which makes it invalid JSON


class ClipboardActions:
    """Clipboard actions of one canvas; each paste is one undo step."""

    def __init__(self, context: CanvasContext, navigation: ViewNavigation) -> None:
        self._context, self._navigation = context, navigation
        self._session = context.session
        # The number of pastes at the same position; each of them is shifted a little further.
        self._paste_count = 0
        self._paste_position = (0.0, 0.0)

    @property
    def _selection(self) -> tuple[str, ...]:
        return self._session.selection

    def copy(self) -> None:
        """Copy the selected items to the clipboard, as text in the format of project files."""
        if not self._session.selected_items:
            return
        text = file.dumps(self._copied())
        # Plain text only: PySide deletes data of a custom MIME type twice at exit.
        QGuiApplication.clipboard().setText(text)
        self._paste_count = 0

    def _copied(self) -> Project:
        session = self._session
        return fragment.copy_nodes(session.project, session.selection, session.selected_notes)

    def cut(self) -> None:
        self.copy()
        if keys := self._session.selected_items:
            self._session.edit("Cut", delete_items, keys, self._session.current_report(), True)

    def paste(self, outside: bool = False) -> None:
        """Paste the nodes and notes on the clipboard at the pointer.

        If `outside` is true, also paste the wires that led from other nodes to the copied nodes.
        """
        copied = self._read_clipboard()
        if copied is None:
            return
        positions = [*node_positions(copied).values(), *(note.at for note in notes(copied))]
        position = snap_to_grid(self._context.pointer_in_scene)
        if position != self._paste_position:
            self._paste_count, self._paste_position = 0, position
        shift = self._paste_count * 2 * GRID_SIZE
        left = min((x for x, _ in positions), default=0)
        top = min((y for _, y in positions), default=0)
        offset = (position[0] - left + shift, position[1] - top + shift)
        self._paste_count += 1
        self._edit_and_select("Paste", fragment.paste_nodes, copied, offset, outside)

    def _read_clipboard(self) -> Project | None:
        # Some systems return no MIME data if nothing was ever copied.
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()
        text = mime.text()
        try:
            return file.parse(text[:_MAX_CHARACTERS].encode()).project
        except DiagnosticError:
            self._session.message.emit("The clipboard holds no nodes or notes. Copy some first.")
            return None

    def duplicate(self) -> None:
        """Add copies of the selected items below them, nodes with their input wires."""
        copied = self._copied()
        offset = self._offset_below_selection()
        self._edit_and_select("Duplicate", fragment.paste_nodes, copied, offset, True)

    def linked_copy(self) -> None:
        """Duplicate the selected nodes; the copies share the weights of the originals."""
        offset = self._offset_below_selection()
        self._edit_and_select("Linked copy", fragment.duplicate_linked, self._selection, offset)

    def _edit_and_select(
        self, label: str, paste: Callable[..., fragment.PasteResult], *args: object
    ) -> None:
        new_keys: list[ItemKey] = []

        def run(project: Project) -> Project:
            pasted = paste(project, *args)
            new_keys.extend((*pasted.names.values(), *pasted.notes))
            return pasted.project

        if self._session.edit(label, run):
            self._session.select(new_keys)
            self._navigation.ensure_visible(new_keys)

    def _offset_below_selection(self) -> tuple[float, float]:
        height = float(self._context.scene_sync.nodes_rect(self._session.selected_items).height())
        return (2 * GRID_SIZE, height + 2 * GRID_SIZE)
