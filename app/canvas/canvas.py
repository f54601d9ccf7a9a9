"""The canvas widget of one document: view, gestures, actions, minimap and hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas import edits
from app.canvas.actions.arrange import ArrangeActions
from app.canvas.actions.clipboard import ClipboardActions
from app.canvas.actions.edit import EditActions
from app.canvas.actions.navigation import ViewNavigation
from app.canvas.actions.rename import RenameAction
from app.canvas.connection_check import ConnectionCheck
from app.canvas.free_space import VERTICAL_OFFSET, FreeSpace
from app.canvas.gestures.column_drop import ColumnDrop
from app.canvas.gestures.context import CanvasContext, PendingNode, snap_to_grid
from app.canvas.gestures.dispatcher import GestureDispatcher
from app.canvas.gestures.layer_drop import LayerDrop
from app.canvas.gestures.minimap_corner import free_corner, has_space_for
from app.canvas.image_export import render_image
from app.canvas.scene_sync import SceneSync
from app.canvas.view.hint import PointerHint, empty_canvas_hint
from app.canvas.view.minimap import Minimap
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import Session
from app.theme.theme import Theme
from engine.graph.view import frames


class Canvas(QWidget):
    """The widget in which the graph of a document is shown and edited.

    Signals:
        add_menu_requested: requests the add menu at a screen position, with the reason per layer type
            why it can't be connected ("" if it can), and a title.
        context_menu_requested: requests a context menu at a screen position, for "node", "wire", "frame"
            or "canvas".
        view_changed: the visible part of the scene changed.
        wire_selection_changed: the wire selection changed.
    """

    add_menu_requested = Signal(QPoint, object, str)
    context_menu_requested = Signal(QPoint, str)
    view_changed = Signal()
    wire_selection_changed = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._session = session
        self.viewer = CanvasViewer(theme)
        self.viewer.setParent(self)
        self.viewer.setAccessibleName("Canvas: the network graph")
        self.scene_sync = SceneSync(session, theme, self.viewer)
        self._free_space = FreeSpace(self.scene_sync)
        self.hint = PointerHint(self)
        self.context = CanvasContext(session, self.viewer, self.scene_sync, self.hint)
        self.context.on_wires_selected = self.wire_selection_changed.emit
        self.gestures = GestureDispatcher(self.context, self._request_add_menu)
        self.viewer.gestures, self.viewer.scene_sync = self.gestures, self.scene_sync
        self.navigation = ViewNavigation(self.context)
        self.edit_actions = EditActions(self.context)
        self.arrange_actions = ArrangeActions(self.context, self.navigation.reveal)
        self.clipboard_actions = ClipboardActions(
            self.context, self._pointer_in_scene, self.navigation.ensure_visible
        )
        self.column_drop = ColumnDrop(self.context, self.navigation.ensure_visible)
        self.layer_drop = LayerDrop(self.context)
        self.viewer.column_drop, self.viewer.layer_drop = self.column_drop, self.layer_drop
        self.rename_action = RenameAction(self.context, self)
        self.minimap = Minimap(theme)
        self.minimap.setParent(self)
        self._empty_hint = empty_canvas_hint(theme, self)
        self._pending_node: PendingNode | None = None
        self._has_size, self._is_minimap_enabled = False, True
        self.setFocusProxy(self.viewer)
        self._connect()
        self._on_project_changed()

    def _connect(self) -> None:
        session, viewer = self._session, self.viewer
        session.project_changed.connect(self._on_project_changed)
        session.report_changed.connect(self.scene_sync.sync_node_views)
        session.selection_changed.connect(self.scene_sync.sync_selection)
        session.selection_changed.connect(self._update_minimap)
        session.reveal_requested.connect(self.navigation.reveal)
        session.canvas_focus_requested.connect(self.setFocus)
        viewer.view_changed.connect(self._on_view_changed)
        viewer.context_menu_requested.connect(self._on_menu_wanted)
        viewer.layer_type_dropped.connect(self._on_kind_dropped)
        self.gestures.add_requested.connect(self.open_add_menu)
        self.gestures.dragging_changed.connect(self._update_minimap)
        self.gestures.rename_requested.connect(self.rename_action.rename_node)
        self.gestures.frame_rename_requested.connect(self.rename_action.rename_frame)
        self.minimap.center_requested.connect(self._on_center_requested)
        self.minimap.drag_finished.connect(self._update_minimap)
        self.scene_sync.synced.connect(self._on_synced)

    # Adding nodes.

    def open_add_menu(self) -> None:
        """Request the add menu at the pointer, or at the center if the pointer is elsewhere."""
        position = self.gestures.pointer
        if not self.viewer.viewport().rect().contains(position) or not self.viewer.underMouse():
            position = self.viewer.viewport().rect().center()
        self._request_add_menu(PendingNode(self.viewer.mapToScene(position)), position)

    def _request_add_menu(self, pending: PendingNode, position: QPoint) -> None:
        self._pending_node = pending
        problems, title = self._problems_and_title(pending)
        self.add_menu_requested.emit(self.viewer.viewport().mapToGlobal(position), problems, title)

    def _problems_and_title(self, pending: PendingNode) -> tuple[dict[str, str] | None, str]:
        check = ConnectionCheck(self._session.current_report())
        if pending.source is not None:
            spec = check.spec(pending.source)
            title = f"Nodes that take {spec}" if spec else f"Nodes after {pending.source}"
            return check.problems_after(pending.source), title
        if pending.end is not None:
            return check.problems_before(), f"Nodes before {pending.end.node}"
        return None, "Add a node"

    def add_node(self, kind: str) -> None:
        """Add a node at the position and with the connection that the add menu was opened for.

        Without a requested connection, it is connected to the selected node if the output of
        that is not used yet.
        """
        pending, self._pending_node = self._pending_node, None
        if pending is None:
            pending = PendingNode(self._free_position())
        if pending.source is None and pending.end is None:
            source = self._possible_source(kind)
            if source is not None and self._session.graph.consumers[source]:
                source = None
            pending = PendingNode(self._free_space.position_near(pending.position, source), source)
        self._add(kind, pending)

    def _add(self, kind: str, pending: PendingNode) -> None:
        x, y = snap_to_grid(
            self._free_space.position_not_covering(QPointF(*snap_to_grid(pending.position)))
        )
        position = (x, y - VERTICAL_OFFSET)
        is_added = self._session.edit(
            f"Add {kind}", edits.add_node, kind, position, pending.source, pending.end, pending.wire
        )
        if is_added:
            names = [self._session.graph.nodes[-1].name]
            self._session.select(names)
            self.navigation.ensure_visible(names)
        self.viewer.setFocus()

    def _possible_source(self, kind: str) -> str | None:
        """Return the only selected node if a node of this type can follow it, else None."""
        node = self._session.selected_node
        if node is None or node.kind == "Output":
            return None
        check = ConnectionCheck(self._session.current_report())
        return node.name if kind in check.types_after(node.name) else None

    def add_after_selection(self, kind: str) -> None:
        """Add a node after the selected one, connected to it if their shapes fit."""
        source = self._possible_source(kind)
        position = (
            self._free_position() if source is None else self._free_space.position_after(source)
        )
        self._add(kind, PendingNode(position, source))
        self.navigation.reveal(self._session.selection)

    def add_for_columns(self, columns: Sequence[str], kind: str) -> None:
        """Add an Input or Output for data columns at a free position."""
        self.column_drop.add_node(columns, kind, snap_to_grid(self._free_position()))

    def _free_position(self) -> QPointF:
        return self._free_space.free_position(self.viewer.visible_rect.center())

    def _on_kind_dropped(self, kind: str, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        wire = self.layer_drop.drop(kind, position, modifiers)
        self._add(kind, PendingNode(self.viewer.mapToScene(position), wire=wire))

    def add_frame(self) -> None:
        """Add a frame around the selected nodes and open the editor of its title."""
        if self.edit_actions.add_frame():
            self.rename_action.rename_new_frame()

    # Menus.

    def _on_menu_wanted(self, position: QPoint) -> None:
        target = self._select_item_at(position)
        self.gestures.pointer = position
        self.context_menu_requested.emit(self.viewer.viewport().mapToGlobal(position), target)

    def _select_item_at(self, position: QPoint) -> str:
        """Select the item at a viewport position unless it is selected, and return its type.

        Why: menu actions apply to the whole selection.
        """
        context = self.context
        node, wire, frame = (
            context.node_at(position),
            context.wire_at(position),
            context.frame_at(position),
        )
        self.gestures.cancel()
        if node is not None:
            if node.id not in self._session.selection:
                self._session.select([str(node.id)])
                context.select_wires(set())
            return "node"
        if wire is not None:
            end = self.scene_sync.end_of(wire)
            if end is not None and end not in context.wires:
                self._session.select(())
                context.select_wires({end})
            return "wire"
        if frame is not None:
            self._session.select(frames(self._session.project)[frame[0]].nodes)
            context.select_wires(set())
            return "frame"
        return "canvas"

    # Image and minimap.

    def image(self, scale: float = 2.0) -> QImage:
        """Return the whole graph as an image, with the canvas background."""
        return render_image(self.scene_sync, self.viewer.theme, scale)

    def show_minimap(self, is_enabled: bool) -> None:
        """Enable or disable the minimap."""
        self._is_minimap_enabled = is_enabled
        self._on_view_changed()

    def cancel(self) -> None:
        """Cancel the active gesture, or clear the selection if there is none."""
        if self.gestures.is_active:
            self.gestures.cancel()
        else:
            self.edit_actions.clear_selection()

    def show_running_losses(self, losses: Mapping[str, str]) -> None:
        """Show the last losses of a run in progress on its Output nodes."""
        self.scene_sync.show_running_losses(losses)

    # Event handlers.

    def _on_project_changed(self) -> None:
        if self.gestures.is_active:
            self.gestures.cancel()
        if self.column_drop.is_active:
            self.column_drop.leave()
        self.scene_sync.update()
        self._empty_hint.setVisible(not len(self._session.graph))

    def _on_synced(self) -> None:
        # Deselect wires that were removed or hidden.
        visible_ends = {end for end, wire in self.scene_sync.wires.items() if wire.isVisible()}
        self.context.select_wires(self.context.wires & visible_ends)
        # Colours by name, because the theme may change.
        boxes: list[tuple[QRectF, str | QColor]] = [
            (
                item.scene_rect,
                "danger" if item.view_model.badge == "error" else item.view_model.family,
            )
            for item in self.scene_sync.nodes.values()
            if item.isVisible()
        ]
        self.minimap.set_boxes(boxes)
        self._on_view_changed()

    def _on_view_changed(self) -> None:
        self.minimap.set_view(self.viewer.visible_rect)
        self._update_minimap()
        self.rename_action.update_position()
        self.view_changed.emit()

    def _update_minimap(self) -> None:
        """Show the minimap only if part of the graph is out of view and nothing is dragged.

        It is placed in a corner where it covers no selected node.
        """
        graph_rect = self.scene_sync.nodes_rect()
        is_all_visible = graph_rect.isEmpty() or self.viewer.visible_rect.contains(graph_rect)
        is_shown = self._is_minimap_enabled and not is_all_visible and not self.gestures.is_dragging
        is_shown = is_shown and has_space_for(self.context, self.minimap.size())
        if is_shown and not self.minimap.is_dragging:
            self.minimap.move(free_corner(self.context, self.minimap.size()))
        self.minimap.setVisible(is_shown)

    def _on_center_requested(self, point: QPointF) -> None:
        self.viewer.centerOn(point)

    def _pointer_in_scene(self) -> QPointF:
        position = self.gestures.pointer
        is_inside = self.viewer.viewport().rect().contains(position) and self.viewer.underMouse()
        return self.viewer.mapToScene(position) if is_inside else self.viewer.visible_rect.center()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Resize the view and center the hint of an empty canvas."""
        self.viewer.setGeometry(self.rect())
        self._empty_hint.adjustSize()
        self._empty_hint.move(
            (self.width() - self._empty_hint.width()) // 2,
            (self.height() - self._empty_hint.height()) // 2,
        )
        if self.scene_sync.nodes and (self.viewer.is_fitted or not self._has_size):
            self.navigation.fit()
        self._has_size = True
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cancel the active gesture, whose mouse release would go to another widget."""
        self.gestures.cancel()
        self.column_drop.leave()
        super().hideEvent(event)
