"""The canvas widget of one document: view, gestures, actions, minimap and hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas import edits
from app.canvas.actions.arrange import Arranging
from app.canvas.actions.clipboard import Clipboard
from app.canvas.actions.edit import Editing
from app.canvas.actions.navigation import Looking
from app.canvas.actions.rename import Renaming
from app.canvas.free_space import ABOVE, Room
from app.canvas.gestures.column_drop import Dropping
from app.canvas.gestures.connection_check import Fits
from app.canvas.gestures.context import Stage, Wanted, snapped
from app.canvas.gestures.dispatcher import Gestures
from app.canvas.gestures.layer_drop import Inserting
from app.canvas.gestures.minimap_corner import free_corner, is_roomy
from app.canvas.image_export import image_of
from app.canvas.scene_sync import Picture
from app.canvas.view.hint import PointerHint, how_to_begin
from app.canvas.view.minimap import Minimap
from app.canvas.view.viewer import Viewer
from app.documents.session import Session
from app.theme.theme import Theme
from engine.graph.view import frames


class Canvas(QWidget):
    """The widget in which the graph of a document is shown and edited.

    Signals:
        add_wanted: requests the add menu at a screen position, with the reason per layer type
            why it can't be connected ("" if it can), and a title.
        menu_wanted: requests a context menu at a screen position, for "node", "wire", "frame"
            or "canvas".
        zoomed: the visible part of the scene changed.
        wires_selected: the wire selection changed.
    """

    add_wanted = Signal(QPoint, object, str)
    menu_wanted = Signal(QPoint, str)
    zoomed = Signal()
    wires_selected = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._session = session
        self.viewer = Viewer(theme)
        self.viewer.setParent(self)
        self.viewer.setAccessibleName("Canvas: the network graph")
        self.picture = Picture(session, theme, self.viewer)
        self._free_space = Room(self.picture)
        self.hint = PointerHint(self)
        self.stage = Stage(session, self.viewer, self.picture, self.hint)
        self.stage.on_wires_selected = self.wires_selected.emit
        self.gestures = Gestures(self.stage, self._request_add_menu)
        self.viewer.gestures, self.viewer.picture = self.gestures, self.picture
        self.looking = Looking(self.stage)
        self.editing = Editing(self.stage)
        self.arranging = Arranging(self.stage, self.looking.reveal)
        self.clipboard = Clipboard(self.stage, self._pointer_in_scene, self.looking.keep_in_sight)
        self.dropping = Dropping(self.stage, self.looking.keep_in_sight)
        self.inserting = Inserting(self.stage)
        self.viewer.dropping, self.viewer.inserting = self.dropping, self.inserting
        self.renaming = Renaming(self.stage, self)
        self.minimap = Minimap(theme)
        self.minimap.setParent(self)
        self._empty_hint = how_to_begin(theme, self)
        self._pending_node: Wanted | None = None
        self._has_size, self._is_minimap_enabled = False, True
        self.setFocusProxy(self.viewer)
        self._connect()
        self._on_project_changed()

    def _connect(self) -> None:
        session, viewer = self._session, self.viewer
        session.project_changed.connect(self._on_project_changed)
        session.report_changed.connect(self.picture.sync_faces)
        session.selection_changed.connect(self.picture.sync_selection)
        session.selection_changed.connect(self._update_minimap)
        session.reveal_asked.connect(self.looking.reveal)
        session.canvas_wanted.connect(self.setFocus)
        viewer.view_changed.connect(self._on_view_changed)
        viewer.menu_wanted.connect(self._on_menu_wanted)
        viewer.kind_dropped.connect(self._on_kind_dropped)
        self.gestures.add_tapped.connect(self.open_add_menu)
        self.gestures.dragging_changed.connect(self._update_minimap)
        self.gestures.rename_wanted.connect(self.renaming.rename_node)
        self.gestures.frame_rename_wanted.connect(self.renaming.rename_frame)
        self.minimap.centre_asked.connect(self._on_center_requested)
        self.minimap.let_go.connect(self._update_minimap)
        self.picture.synced.connect(self._on_synced)

    # Adding nodes.

    def open_add_menu(self) -> None:
        """Request the add menu at the pointer, or at the center if the pointer is elsewhere."""
        position = self.gestures.pointer
        if not self.viewer.viewport().rect().contains(position) or not self.viewer.underMouse():
            position = self.viewer.viewport().rect().center()
        self._request_add_menu(Wanted(self.viewer.mapToScene(position)), position)

    def _request_add_menu(self, pending: Wanted, position: QPoint) -> None:
        self._pending_node = pending
        problems, title = self._problems_and_title(pending)
        self.add_wanted.emit(self.viewer.viewport().mapToGlobal(position), problems, title)

    def _problems_and_title(self, pending: Wanted) -> tuple[dict[str, str] | None, str]:
        check = Fits(self._session.settle_report())
        if pending.source is not None:
            spec = check.spec(pending.source)
            title = f"Nodes that take {spec}" if spec else f"Nodes after {pending.source}"
            return check.verdicts_after(pending.source), title
        if pending.end is not None:
            return check.verdicts_before(), f"Nodes before {pending.end.node}"
        return None, "Add a node"

    def add(self, kind: str) -> None:
        """Add a node at the position and with the connection that the add menu was opened for.

        Without a requested connection, it is connected to the selected node if the output of
        that is not used yet.
        """
        pending, self._pending_node = self._pending_node, None
        if pending is None:
            pending = Wanted(self._free_position())
        if pending.source is None and pending.end is None:
            source = self._possible_source(kind)
            if source is not None and self._session.graph.consumers[source]:
                source = None
            pending = Wanted(self._free_space.near(pending.at, source), source)
        self._add(kind, pending)

    def _add(self, kind: str, pending: Wanted) -> None:
        x, y = snapped(self._free_space.uncovered(QPointF(*snapped(pending.at))))
        position = (x, y - ABOVE)
        is_added = self._session.edit(
            f"Add {kind}", edits.added, kind, position, pending.source, pending.end, pending.wire
        )
        if is_added:
            names = [self._session.graph.nodes[-1].name]
            self._session.select(names)
            self.looking.keep_in_sight(names)
        self.viewer.setFocus()

    def _possible_source(self, kind: str) -> str | None:
        """Return the only selected node if a node of this type can follow it, else None."""
        node = self._session.selected_node
        if node is None or node.kind == "Output":
            return None
        check = Fits(self._session.settle_report())
        return node.name if kind in check.kinds_after(node.name) else None

    def add_after_selection(self, kind: str) -> None:
        """Add a node after the selected one, connected to it if their shapes fit."""
        source = self._possible_source(kind)
        position = self._free_position() if source is None else self._free_space.beside(source)
        self._add(kind, Wanted(position, source))
        self.looking.reveal(self._session.selection)

    def draw_for(self, columns: Sequence[str], kind: str) -> None:
        """Add an Input or Output for data columns at a free position."""
        self.dropping.draw(columns, kind, snapped(self._free_position()))

    def _free_position(self) -> QPointF:
        return self._free_space.below(self.viewer.in_sight.center())

    def _on_kind_dropped(self, kind: str, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        wire = self.inserting.drop(kind, position, modifiers)
        self._add(kind, Wanted(self.viewer.mapToScene(position), wire=wire))

    def frame_selected(self) -> None:
        """Add a frame around the selected nodes and open the editor of its title."""
        if self.editing.frame():
            self.renaming.title_new_frame()

    # Menus.

    def _on_menu_wanted(self, position: QPoint) -> None:
        target = self._select_item_at(position)
        self.gestures.pointer = position
        self.menu_wanted.emit(self.viewer.viewport().mapToGlobal(position), target)

    def _select_item_at(self, position: QPoint) -> str:
        """Select the item at a viewport position unless it is selected, and return its type.

        Why: menu actions apply to the whole selection.
        """
        context = self.stage
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
            end = self.picture.end_of(wire)
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
        return image_of(self.picture, self.viewer.theme, scale)

    def show_minimap(self, is_enabled: bool) -> None:
        """Enable or disable the minimap."""
        self._is_minimap_enabled = is_enabled
        self._on_view_changed()

    def escape(self) -> None:
        """Cancel the active gesture, or clear the selection if there is none."""
        if self.gestures.active:
            self.gestures.cancel()
        else:
            self.editing.select_none()

    def show_running(self, losses: Mapping[str, str]) -> None:
        """Show the last losses of a run in progress on its Output nodes."""
        self.picture.show_running(losses)

    # Event handlers.

    def _on_project_changed(self) -> None:
        if self.gestures.active:
            self.gestures.cancel()
        if self.dropping.active:
            self.dropping.leave()
        self.picture.update()
        self._empty_hint.setVisible(not len(self._session.graph))

    def _on_synced(self) -> None:
        # Deselect wires that were removed or hidden.
        visible_ends = {end for end, wire in self.picture.wires.items() if wire.isVisible()}
        self.stage.select_wires(self.stage.wires & visible_ends)
        # Colours by name, because the theme may change.
        boxes: list[tuple[QRectF, str | QColor]] = [
            (item.spot, "danger" if item.face.badge == "error" else item.face.family)
            for item in self.picture.nodes.values()
            if item.isVisible()
        ]
        self.minimap.set_boxes(boxes)
        self._on_view_changed()

    def _on_view_changed(self) -> None:
        self.minimap.set_view(self.viewer.in_sight)
        self._update_minimap()
        self.renaming.follow()
        self.zoomed.emit()

    def _update_minimap(self) -> None:
        """Show the minimap only if part of the graph is out of view and nothing is dragged.

        It is placed in a corner where it covers no selected node.
        """
        graph_rect = self.picture.rect_of()
        is_all_visible = graph_rect.isEmpty() or self.viewer.in_sight.contains(graph_rect)
        is_shown = self._is_minimap_enabled and not is_all_visible and not self.gestures.dragging
        is_shown = is_shown and is_roomy(self.stage, self.minimap.size())
        if is_shown and not self.minimap.held:
            self.minimap.move(free_corner(self.stage, self.minimap.size()))
        self.minimap.setVisible(is_shown)

    def _on_center_requested(self, point: QPointF) -> None:
        self.viewer.centerOn(point)

    def _pointer_in_scene(self) -> QPointF:
        position = self.gestures.pointer
        is_inside = self.viewer.viewport().rect().contains(position) and self.viewer.underMouse()
        return self.viewer.mapToScene(position) if is_inside else self.viewer.in_sight.center()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Resize the view and center the hint of an empty canvas."""
        self.viewer.setGeometry(self.rect())
        self._empty_hint.adjustSize()
        self._empty_hint.move(
            (self.width() - self._empty_hint.width()) // 2,
            (self.height() - self._empty_hint.height()) // 2,
        )
        if self.picture.nodes and (self.viewer.fitted or not self._has_size):
            self.looking.fit()
        self._has_size = True
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cancel the active gesture, whose mouse release would go to another widget."""
        self.gestures.cancel()
        self.dropping.leave()
        super().hideEvent(event)
