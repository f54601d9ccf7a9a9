"""The canvas of one document: view, gestures, minimap, hints, and renaming in place."""

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
    """What a person draws on.

    Signals:
        add_wanted: the add menu, at a place of the screen, with why each kind does not fit and
            a title.
        menu_wanted: a context menu at a place of the screen, for "node", "wire", "frame" or
            "canvas".
        zoomed: another part of the scene is in sight.
        wires_selected: other wires are selected than before.
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
        self.viewer.setAccessibleName("Canvas: the network as a picture")
        self.picture = Picture(session, theme, self.viewer)
        self._room = Room(self.picture)
        self.hint = PointerHint(self)
        self.stage = Stage(session, self.viewer, self.picture, self.hint)
        self.stage.on_wires_selected = self.wires_selected.emit
        self.gestures = Gestures(self.stage, self._ask)
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
        self._empty = how_to_begin(theme, self)
        self._wanted: Wanted | None = None
        self._sized, self._map_wanted = False, True
        self.setFocusProxy(self.viewer)
        self._connect()
        self._on_project_changed()

    def _connect(self) -> None:
        session, viewer = self._session, self.viewer
        session.project_changed.connect(self._on_project_changed)
        session.report_changed.connect(self.picture.sync_faces)
        session.selection_changed.connect(self.picture.sync_selection)
        session.selection_changed.connect(self._show_map_if_helpful)
        session.reveal_asked.connect(self.looking.reveal)
        session.canvas_wanted.connect(self.setFocus)
        viewer.view_changed.connect(self._on_view_changed)
        viewer.menu_wanted.connect(self._on_menu_wanted)
        viewer.kind_dropped.connect(self._on_kind_dropped)
        self.gestures.add_tapped.connect(self.open_add_menu)
        self.gestures.dragging_changed.connect(self._show_map_if_helpful)
        self.gestures.rename_wanted.connect(self.renaming.rename_node)
        self.gestures.frame_rename_wanted.connect(self.renaming.rename_frame)
        self.minimap.centre_asked.connect(self._on_centre_asked)
        self.minimap.let_go.connect(self._show_map_if_helpful)
        self.picture.synced.connect(self._on_synced)

    # Adding nodes.

    def open_add_menu(self) -> None:
        """Ask for the add menu at the pointer, or where nothing is pointed at in the middle."""
        at = self.gestures.pointer
        if not self.viewer.viewport().rect().contains(at) or not self.viewer.underMouse():
            at = self.viewer.viewport().rect().center()
        self._ask(Wanted(self.viewer.mapToScene(at)), at)

    def _ask(self, wanted: Wanted, at: QPoint) -> None:
        self._wanted = wanted
        verdicts, title = self._verdicts_for(wanted)
        self.add_wanted.emit(self.viewer.viewport().mapToGlobal(at), verdicts, title)

    def _verdicts_for(self, wanted: Wanted) -> tuple[dict[str, str] | None, str]:
        fits = Fits(self._session.settle_report())
        if wanted.source is not None:
            spec = fits.spec(wanted.source)
            title = f"Nodes that take {spec}" if spec else f"Nodes after {wanted.source}"
            return fits.verdicts_after(wanted.source), title
        if wanted.end is not None:
            return fits.verdicts_before(), f"Nodes before {wanted.end.node}"
        return None, "Add a node"

    def add(self, kind: str) -> None:
        """Draw a node where the add menu was asked for, wired as it was asked.

        One that was asked for no wire follows the selected node, if that still leads nowhere.
        """
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            wanted = Wanted(self._free_place())
        if wanted.source is None and wanted.end is None:
            source = self._leading_to(kind)
            if source is not None and self._session.graph.consumers[source]:
                source = None
            wanted = Wanted(self._room.near(wanted.at, source), source)
        self._add(kind, wanted)

    def _add(self, kind: str, wanted: Wanted) -> None:
        x, y = snapped(self._room.uncovered(QPointF(*snapped(wanted.at))))
        at = (x, y - ABOVE)
        done = self._session.edit(
            f"Add {kind}", edits.added, kind, at, wanted.source, wanted.end, wanted.wire
        )
        if done:
            new = [self._session.graph.nodes[-1].name]
            self._session.select(new)
            self.looking.keep_in_sight(new)
        self.viewer.setFocus()

    def _leading_to(self, kind: str) -> str | None:
        """Return the selected node, if it is the only one and a new node may follow it."""
        node = self._session.selected_node
        if node is None or node.kind == "Output":
            return None
        fits = Fits(self._session.settle_report())
        return node.name if kind in fits.kinds_after(node.name) else None

    def add_after_selection(self, kind: str) -> None:
        """Draw a node beside the selected one and wire it to that, where it fits."""
        source = self._leading_to(kind)
        at = self._free_place() if source is None else self._room.beside(source)
        self._add(kind, Wanted(at, source))
        self.looking.reveal(self._session.selection)

    def draw_for(self, columns: Sequence[str], kind: str) -> None:
        """Draw an Input or Output for columns of the data, where there is room."""
        self.dropping.draw(columns, kind, snapped(self._free_place()))

    def _free_place(self) -> QPointF:
        return self._room.below(self.viewer.in_sight.center())

    def _on_kind_dropped(self, kind: str, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        wire = self.inserting.drop(kind, at, modifiers)
        self._add(kind, Wanted(self.viewer.mapToScene(at), wire=wire))

    def frame_selected(self) -> None:
        """Draw a frame around the selected nodes, and ask for its title."""
        if self.editing.frame():
            self.renaming.title_new_frame()

    # Menus.

    def _on_menu_wanted(self, at: QPoint) -> None:
        what = self._select_for_menu(at)
        self.gestures.pointer = at
        self.menu_wanted.emit(self.viewer.viewport().mapToGlobal(at), what)

    def _select_for_menu(self, at: QPoint) -> str:
        """Select what lies at a place, unless it is selected, and answer what that is.

        Why: what the menu does is done to all that is selected.
        """
        stage = self.stage
        node, wire, frame = stage.node_at(at), stage.wire_at(at), stage.frame_at(at)
        self.gestures.cancel()
        if node is not None:
            if node.id not in self._session.selection:
                self._session.select([str(node.id)])
                stage.select_wires(set())
            return "node"
        if wire is not None:
            end = self.picture.end_of(wire)
            if end is not None and end not in stage.wires:
                self._session.select(())
                stage.select_wires({end})
            return "wire"
        if frame is not None:
            self._session.select(frames(self._session.project)[frame[0]].nodes)
            stage.select_wires(set())
            return "frame"
        return "canvas"

    # Pictures.

    def image(self, scale: float = 2.0) -> QImage:
        """Return all of the graph as an image, on the canvas' own background."""
        return image_of(self.picture, self.viewer.theme, scale)

    def show_minimap(self, on: bool) -> None:
        """Show or hide the minimap."""
        self._map_wanted = on
        self._on_view_changed()

    def escape(self) -> None:
        """End a gesture that is going on, else select nothing."""
        if self.gestures.active:
            self.gestures.cancel()
        else:
            self.editing.select_none()

    def show_running(self, losses: Mapping[str, str]) -> None:
        """Show the last losses of a live run on the Outputs."""
        self.picture.show_running(losses)

    # What happened elsewhere.

    def _on_project_changed(self) -> None:
        if self.gestures.active:
            self.gestures.cancel()
        if self.dropping.active:
            self.dropping.leave()
        self.picture.update()
        self._empty.setVisible(not len(self._session.graph))

    def _on_synced(self) -> None:
        # Wires may have gone or been hidden, and others come in their places.
        there = {end for end, wire in self.picture.wires.items() if wire.isVisible()}
        self.stage.select_wires(self.stage.wires & there)
        # By the names of colours, for these may become others.
        boxes: list[tuple[QRectF, str | QColor]] = [
            (item.spot, "danger" if item.face.badge == "error" else item.face.family)
            for item in self.picture.nodes.values()
            if item.isVisible()
        ]
        self.minimap.set_boxes(boxes)
        self._on_view_changed()

    def _on_view_changed(self) -> None:
        self.minimap.set_view(self.viewer.in_sight)
        self._show_map_if_helpful()
        self.renaming.follow()
        self.zoomed.emit()

    def _show_map_if_helpful(self) -> None:
        """Hide the map where it would only be in the way: all is in sight, or in a drag.

        What is selected is what the person works at, so the map lies elsewhere.
        """
        drawn = self.picture.rect_of()
        seen = drawn.isEmpty() or self.viewer.in_sight.contains(drawn)
        shown = self._map_wanted and not seen and not self.gestures.dragging
        shown = shown and is_roomy(self.stage, self.minimap.size())
        if shown and not self.minimap.held:
            self.minimap.move(free_corner(self.stage, self.minimap.size()))
        self.minimap.setVisible(shown)

    def _on_centre_asked(self, point: QPointF) -> None:
        self.viewer.centerOn(point)

    def _pointer_in_scene(self) -> QPointF:
        at = self.gestures.pointer
        inside = self.viewer.viewport().rect().contains(at) and self.viewer.underMouse()
        return self.viewer.mapToScene(at) if inside else self.viewer.in_sight.center()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the view out, with minimap and first words on top."""
        self.viewer.setGeometry(self.rect())
        self._empty.adjustSize()
        self._empty.move(
            (self.width() - self._empty.width()) // 2, (self.height() - self._empty.height()) // 2
        )
        if self.picture.nodes and (self.viewer.fitted or not self._sized):
            self.looking.fit()
        self._sized = True
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cancel a gesture: its release would go elsewhere."""
        self.gestures.cancel()
        self.dropping.leave()
        super().hideEvent(event)
