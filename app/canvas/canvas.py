"""The canvas widget of one document: view, gestures, actions, minimap and hints."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Signal
from PySide6.QtGui import QHideEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas.accessibility.canvas_interface import CanvasAccessibility, install_factory
from app.canvas.actions.add import AddActions
from app.canvas.actions.arrange import ArrangeActions
from app.canvas.actions.clipboard import ClipboardActions
from app.canvas.actions.edit import EditActions
from app.canvas.actions.navigation import ViewNavigation
from app.canvas.actions.notes import NoteActions
from app.canvas.actions.rename import RenameAction
from app.canvas.context import CanvasContext
from app.canvas.drops.column_drop import ColumnDropHandler
from app.canvas.drops.layer_drop import LayerDropHandler
from app.canvas.gestures.dispatcher import GestureDispatcher
from app.canvas.image_export import render_image
from app.canvas.scene_sync import SceneSync
from app.canvas.view.minimap import Minimap
from app.canvas.view.minimap_corner import free_corner, has_space_for
from app.canvas.view.pointer_hint import PointerHint, empty_canvas_hint
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import Session
from app.theme.theme import Theme
from engine.diagram.legend import render_legend


class Canvas(QWidget):
    """The widget in which the graph of a document is shown and edited.

    Signals:
        add_menu_requested: requests the add menu; sends a screen position, a dict and the title of
            the menu. The dict has, by layer type, the reason why the type can't be connected, ""
            if it can. If the menu was not opened from a port, None is sent instead of the dict.
        context_menu_requested: requests a context menu; sends a screen position and the type of the
            item there: "node", "note", "wire", "frame" or "canvas".
        view_changed: the visible part of the scene changed.
        wire_selection_changed: the wire selection changed.
    """

    add_menu_requested = Signal(QPoint, object, str)
    context_menu_requested = Signal(QPoint, str)
    view_changed = Signal()
    wire_selection_changed = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        install_factory()
        self.viewer = CanvasViewer(theme)
        self.viewer.setParent(self)
        self.viewer.setAccessibleName("Canvas: the network graph")
        self.scene_sync = SceneSync(session, theme, self.viewer)
        self.hint = PointerHint(self)
        self.context = CanvasContext(session, self.viewer, self.scene_sync, self.hint)
        self.context.on_wires_selected = self.wire_selection_changed.emit
        self.accessibility = CanvasAccessibility(self.context)
        self.navigation = ViewNavigation(self.context)
        self.add_actions = AddActions(self.context, self.navigation, self.add_menu_requested.emit)
        self.edit_actions = EditActions(self.context)
        self.arrange_actions = ArrangeActions(self.context, self.navigation)
        self.clipboard_actions = ClipboardActions(self.context, self.navigation)
        self.rename_action = RenameAction(self.context, self)
        self.note_actions = NoteActions(self.context, self)
        self.gestures = GestureDispatcher(self.context, self.add_actions.request_menu)
        self.column_drop = ColumnDropHandler(self.context, self.add_actions.add_for_columns)
        self.layer_drop = LayerDropHandler(self.context, self.add_actions.add_pending_node)
        self.minimap = Minimap(theme)
        self.minimap.setParent(self)
        self._empty_hint = empty_canvas_hint(theme, self)
        self._has_size, self._is_minimap_enabled = False, True
        self.setFocusProxy(self.viewer)
        self._connect()
        self._on_project_changed()

    def _connect(self) -> None:
        session, viewer = self._session, self.viewer
        viewer.scene_items = self.scene_sync
        viewer.pointer_handler = self.gestures
        viewer.column_drop, viewer.layer_drop = self.column_drop, self.layer_drop
        session.project_changed.connect(self._on_project_changed)
        session.report_changed.connect(self.scene_sync.sync_node_views)
        session.selection_changed.connect(self.scene_sync.sync_selection)
        session.selection_changed.connect(self._update_minimap)
        session.reveal_requested.connect(self.navigation.reveal)
        session.canvas_focus_requested.connect(self.setFocus)
        viewer.view_changed.connect(self._on_view_changed)
        viewer.context_menu_requested.connect(self._on_context_menu_requested)
        self.gestures.add_requested.connect(self.add_actions.open_menu)
        self.gestures.dragging_changed.connect(self._update_minimap)
        self.gestures.rename_requested.connect(self.rename_action.rename_node)
        self.gestures.frame_rename_requested.connect(self.rename_action.rename_frame)
        self.gestures.note_edit_requested.connect(self.note_actions.edit)
        self.minimap.center_requested.connect(self._on_center_requested)
        self.minimap.drag_finished.connect(self._update_minimap)
        self.scene_sync.synced.connect(self._on_synced)

    # Actions.

    def add_frame(self) -> None:
        """Add a frame around the selected nodes and open the editor of its title."""
        if self.edit_actions.add_frame():
            self.rename_action.rename_new_frame()

    def rename_selected(self) -> None:
        """Edit the name of the selected node or frame, or the text of the selected note."""
        note = self._session.selected_note
        if note is not None:
            self.note_actions.edit(note.index)
        else:
            self.rename_action.rename_selected()

    def _on_context_menu_requested(self, position: QPoint) -> None:
        target = self.gestures.select_menu_target(position)
        self.context_menu_requested.emit(self.viewer.viewport().mapToGlobal(position), target)

    def image(self, scale: float = 2.0, legend_title: str = "") -> QImage:
        """Return the whole graph as an image, with a legend if `legend_title` is not empty."""
        theme, legend = self.viewer.theme, ""
        if legend_title:
            project = self._session.current_report().project
            width = self.scene_sync.visible_items_rect().width()
            has_errors = any(item.view_model.badge for item in self.scene_sync.nodes.values())
            legend = render_legend(project, legend_title, theme.palette, width, has_errors)
        with self.scene_sync.hidden_selection():
            return render_image(self.scene_sync, theme, scale, legend)

    def show_minimap(self, is_enabled: bool) -> None:
        self._is_minimap_enabled = is_enabled
        self._on_view_changed()

    def cancel(self) -> bool:
        """Cancel the active gesture, else clear the selection; return whether there was one."""
        if self.gestures.is_active:
            self.gestures.cancel()
            return True
        is_selected = bool(self._session.selected_items or self.context.selected_wires)
        self.edit_actions.clear_selection()
        return is_selected

    # Event handlers.

    def _on_project_changed(self) -> None:
        if self.gestures.is_active:
            self.gestures.cancel()
        if self.column_drop.is_active:
            self.column_drop.leave()
        self.scene_sync.update()
        self._empty_hint.setVisible(not (self.scene_sync.nodes or self.scene_sync.notes))

    def _on_synced(self) -> None:
        # Deselect wires that were removed or hidden.
        visible_ports = {port for port, wire in self.scene_sync.wires.items() if wire.isVisible()}
        self.context.select_wires(self.context.selected_wires & visible_ports)
        # Colors are passed by name, because the theme may change.
        boxes = [
            (
                item.scene_rect,
                "danger" if item.view_model.badge == "error" else item.view_model.family,
            )
            for item in self.scene_sync.nodes.values()
            if item.isVisible()
        ]
        boxes += [(note.scene_rect, "note") for note in self.scene_sync.notes.values()]
        self.minimap.set_boxes(boxes)
        self._on_view_changed()

    def _on_view_changed(self) -> None:
        self.minimap.set_view(self.viewer.visible_rect)
        self._update_minimap()
        self.rename_action.update_position()
        self.note_actions.update_position()
        self.view_changed.emit()

    def _update_minimap(self) -> None:
        """Show the minimap only if part of the graph is out of view and nothing is dragged.

        The minimap is placed in a corner where it covers no nodes, or at least no selected nodes.
        """
        graph_rect = self.scene_sync.nodes_rect()
        is_all_visible = graph_rect.isEmpty() or self.viewer.visible_rect.contains(graph_rect)
        is_shown = self._is_minimap_enabled and not is_all_visible and not self.gestures.is_dragging
        size = self.minimap.size()
        is_shown = is_shown and has_space_for(self.viewer, size)
        if is_shown and not self.minimap.is_dragging:
            nodes, selection = self.scene_sync.nodes, self._session.selection
            self.minimap.move(free_corner(self.viewer, nodes, selection, size))
        self.minimap.setVisible(is_shown)

    def _on_center_requested(self, point: QPointF) -> None:
        self.viewer.centerOn(point)

    def resizeEvent(self, event: QResizeEvent) -> None:
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
        """Cancel the active gesture, because its mouse release would go to another widget."""
        self.gestures.cancel()
        self.column_drop.leave()
        super().hideEvent(event)
