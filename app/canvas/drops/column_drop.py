"""The drop of data columns onto the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QPointF

from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Modifiers
from app.canvas.items.node_item import NodeItem
from app.documents import column_assignment, column_mapping

_ALT = Modifiers.AltModifier
_CTRL = Modifiers.ControlModifier
_ANYWAY = "Hold Ctrl to assign anyway."


class ColumnDropHandler:
    """Assigns dropped data columns to the node under the pointer, or adds a node for the columns.

    `add_node` adds an Input or Output for columns at a scene position.
    """

    def __init__(
        self,
        context: CanvasContext,
        add_node: Callable[[Sequence[str], str, QPointF], object],
    ) -> None:
        self._context, self._add_node = context, add_node
        self._columns: tuple[str, ...] = ()
        self._reasons: dict[str, str] = {}
        self._target: NodeItem | None = None

    @property
    def is_active(self) -> bool:
        return bool(self._columns)

    def drag(self, columns: Sequence[str], position: QPoint, modifiers: Modifiers) -> None:
        """Dim nodes that can't get the columns, and show at the pointer what a drop would do."""
        if tuple(columns) != self._columns:
            self._begin(tuple(columns))
        target = self._context.node_at(position)
        if target is not self._target:
            self._set_target_highlight(False)
            self._target = target
            self._set_target_highlight(True)
        text, is_rejected = self._hint(modifiers)
        self._context.hint.show_text(text, position, is_rejected)

    def leave(self) -> None:
        """End the drag: remove the highlights and the hint."""
        self._set_target_highlight(False)
        self._columns, self._target, self._reasons = (), None, {}
        self._context.hint.hide()
        for item in self._context.scene_sync.nodes.values():
            item.highlight = ""

    def drop(self, columns: Sequence[str], position: QPoint, modifiers: Modifiers) -> None:
        """Assign the columns to the node under the pointer; if there is none, add a new node."""
        self.drag(columns, position, modifiers)
        target = self._target
        name = "" if target is None else str(target.id)
        reason = self._reasons.get(name, "")
        self.leave()
        session = self._context.session
        if target is None:
            kind = "Output" if modifiers & _ALT else "Input"
            self._add_node(columns, kind, self._context.to_scene(position))
        elif reason and not (modifiers & _CTRL and self._is_assignable(name)):
            session.message.emit(reason)
        elif column_assignment.assign_columns(session, columns, name):
            session.select([name])

    def _begin(self, columns: tuple[str, ...]) -> None:
        session = self._context.session
        self._columns = columns
        self._reasons = {
            name: column_assignment.assignment_error(session, columns, name)
            for name in self._context.scene_sync.nodes
        }
        for name, item in self._context.scene_sync.nodes.items():
            item.highlight = "dim" if self._reasons[name] else ""

    def _set_target_highlight(self, is_on: bool) -> None:
        if self._target is not None:
            is_fitting = not self._reasons.get(str(self._target.id), "")
            self._target.is_drop_target = is_on and is_fitting

    def _is_assignable(self, name: str) -> bool:
        node = self._context.session.graph.by_name.get(name)
        return node is not None and column_mapping.mapping_section(node) is not None

    def _hint(self, modifiers: Modifiers) -> tuple[str, bool]:
        """Return the hint text, and whether the hint says why the columns don't fit the node."""
        columns = column_mapping.describe_columns(self._columns)
        if self._target is None:
            if modifiers & _ALT:
                return f"New Output that predicts {columns}", False
            return f"New Input for {columns}. Hold Alt for an Output.", False
        name = str(self._target.id)
        reason = self._reasons.get(name, "")
        if not reason:
            return f"Assign {columns} to {name}", False
        return (f"{reason}\n{_ANYWAY}" if self._is_assignable(name) else reason), True
