"""Actions that add nodes, by the add menu, by a drop, or for data columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, QPointF

from app.canvas import edits
from app.canvas.actions.navigation import ViewNavigation
from app.canvas.context import CanvasContext, snap_to_grid
from app.canvas.free_space import VERTICAL_OFFSET, FreeSpace
from app.canvas.pending_node import PendingNode
from app.documents import column_assignment
from app.documents.connection_check import ConnectionCheck
from engine.graph.edits.wire_edits import input_ports

_Problems = Mapping[str, str]


class AddActions:
    """Actions that add nodes to one canvas; each call is one undo step.

    Args:
        navigation: scrolls and zooms to new nodes.
        show_menu: shows the add menu. Its arguments are a screen position; a mapping from layer
            types to the reason why each can't be connected ("" if it can); a title. The mapping is
            None if the menu was not opened from a port.
    """

    def __init__(
        self,
        context: CanvasContext,
        navigation: ViewNavigation,
        show_menu: Callable[[QPoint, _Problems | None, str], object],
    ) -> None:
        self._context, self._navigation = context, navigation
        self._session = context.session
        self._free_space = FreeSpace(context.scene_sync)
        self._show_menu = show_menu
        self._pending_node: PendingNode | None = None

    # The add menu.

    def open_menu(self) -> None:
        """Show the add menu at the pointer, or in the center of the view if it is outside."""
        context = self._context
        center = context.viewer.viewport().rect().center()
        position = context.pointer if context.is_pointer_inside else center
        self.request_menu(PendingNode(context.to_scene(position)), position)

    def request_menu(self, pending: PendingNode, position: QPoint) -> None:
        """Show the add menu at a viewport position, to choose the layer type of `pending`."""
        self._pending_node = pending
        problems, title = self._problems_and_title(pending)
        self._show_menu(self._context.viewer.viewport().mapToGlobal(position), problems, title)

    def _problems_and_title(self, pending: PendingNode) -> tuple[_Problems | None, str]:
        check = ConnectionCheck(self._session.current_report())
        if pending.source is not None:
            spec = check.spec(pending.source)
            title = f"Nodes that accept {spec}" if spec else f"Nodes after {pending.source}"
            return check.problems_after(pending.source), title
        if pending.target is not None:
            return check.problems_before(), f"Nodes before {pending.target.node}"
        return None, "Add a node"

    # Nodes.

    def add_node(self, kind: str) -> None:
        """Add a node of layer type `kind` at the position where the add menu was opened.

        If the menu was opened from an output or an input port, the node is connected to it.
        Otherwise the node is connected to the output of the selected node, if there is one.
        """
        pending, self._pending_node = self._pending_node, None
        if pending is None:
            pending = PendingNode(self._free_position())
        if pending.source is None and pending.target is None:
            source = self._selected_source(kind)
            pending = PendingNode(self._free_space.position_near(pending.position, source), source)
        self.add_pending_node(kind, pending)

    def add_pending_node(self, kind: str, pending: PendingNode) -> None:
        """Add a node of layer type `kind` at the position and with the connection of `pending`."""
        wanted = QPointF(*snap_to_grid(pending.position))
        x, y = snap_to_grid(self._free_space.position_not_covering(wanted))
        position = (x, y - VERTICAL_OFFSET)
        source, target, wire = pending.source, pending.target, pending.wire
        if self._session.edit(f"Add {kind}", edits.add_node, kind, position, source, target, wire):
            self._select_new_node()
        self._context.viewer.setFocus()

    def add_after_selection(self, kind: str) -> None:
        """Add a node right of the selected node, connected to the output of the selected node.

        If no single node is selected, the new node stays unconnected.
        """
        source = self._selected_source(kind)
        position = self._free_space.position_after(source) if source else self._free_position()
        self.add_pending_node(kind, PendingNode(position, source))
        self._navigation.reveal(self._session.selection)

    def _selected_source(self, kind: str) -> str | None:
        """Return the name of the only selected node if a `kind` node has an input, else None.

        The shapes may not fit: the diagnostic of the connected node then says why, with a fix.
        """
        node = self._session.selected_node
        if node is None or node.kind == "Output" or input_ports(kind) == ():
            return None
        return node.name

    # Nodes for data columns.

    def add_for_columns(
        self, columns: Sequence[str], kind: str, position: QPointF | None = None
    ) -> None:
        """Add an Input or Output node (`kind`) for data columns.

        `position` is a scene position, None for a free position.
        """
        at = snap_to_grid(self._free_position() if position is None else position)
        if column_assignment.add_node_for_columns(self._session, columns, kind, at):
            self._select_new_node()

    def _select_new_node(self) -> None:
        names = [self._session.graph.nodes[-1].name]
        self._session.select(names)
        self._navigation.ensure_visible(names)

    def _free_position(self) -> QPointF:
        return self._free_space.free_position(self._context.viewer.visible_rect.center())
