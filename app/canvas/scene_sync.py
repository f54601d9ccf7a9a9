"""Synchronization of the graphics scene with the document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import NodeGraph
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel
from app.canvas.items.node_view_builder import NodeViewModelBuilder
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_end import WireEnd
from app.canvas.items.wire_item import WireItem
from app.canvas.positions import resolve_positions
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import Session
from app.theme.theme import Theme
from engine.graph.model import Project, source_node
from engine.graph.view import Frame, frames, routes

_FRAME_MARGIN = 24
_BULK_SIZE = 50  # with this many added or removed nodes, repainting is suspended during a sync


class SceneSync(QObject):
    """The graphics items of the graph of one document.

    `sync` is idempotent: it removes items of deleted nodes, adds new ones, and updates changed
    ones. The same call restores the scene after a gesture was rejected or cancelled.

    Signals:
        synced: items were added, removed, moved, or changed their look.
    """

    synced = Signal()

    def __init__(self, session: Session, theme: Theme, viewer: CanvasViewer) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        # NodeGraphQt's graph object owns the view; its model and undo stack stay empty.
        self.node_graph = NodeGraph(viewer=viewer)
        self.viewer = viewer
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[WireEnd, WireItem] = {}
        self.frames: list[FrameItem] = []
        self.running_losses: dict[str, str] = {}
        self._faces = NodeViewModelBuilder()
        self._synced_project: Project | None = None

    def update(self) -> None:
        """Update after an edit; if only fields changed, wires and frames are not synchronized."""
        project = self._session.project
        if abs(len(project.graph) - len(self.nodes)) >= _BULK_SIZE:
            # With up-to-date shapes, the layout of each new node is computed only once.
            self._session.current_report()
        if self._synced_project is None or not _differ_in_fields_only(
            self._synced_project, project
        ):
            self.sync()
        else:
            self._synced_project = project
            self.sync_node_views()

    def sync(self) -> None:
        """Synchronize nodes, wires, frames and selection with the document."""
        project = self._session.project
        faces = self._faces.build(self._session.report, project, self.running_losses)
        is_bulk = abs(len(faces) - len(self.nodes)) >= _BULK_SIZE
        if is_bulk:
            self.viewer.setUpdatesEnabled(False)
        self._sync_nodes(faces, project)
        self._sync_wires(project)
        self._sync_frames(project)
        self.sync_selection()
        self._synced_project = project
        if is_bulk:
            self.viewer.setUpdatesEnabled(True)
        self.synced.emit()

    def sync_node_views(self) -> None:
        """Update the node view models after a check; wires only if ports or shapes changed."""
        if self._synced_project is not self._session.project:
            self.update()
            return
        faces = self._faces.build(self._session.report, self._session.project, self.running_losses)
        changed = [name for name, face in faces.items() if self.nodes[name].view_model is not face]
        if not changed:
            return
        has_new_slots = any(
            _slots(self.nodes[name].view_model) != _slots(faces[name]) for name in changed
        )
        previous = [_minimap_state(self.nodes[name]) for name in changed]
        for name in changed:
            self.nodes[name].set_view_model(faces[name])
        self.refit_frames()
        if has_new_slots:
            self._sync_wires(self._session.project)
        else:
            self._label_wires(set(changed))
        if has_new_slots or previous != [_minimap_state(self.nodes[name]) for name in changed]:
            self.synced.emit()

    def sync_selection(self) -> None:
        """Select the items of selected nodes, and frames all of whose nodes are selected."""
        selected = set(self._session.selection)
        for name, item in self.nodes.items():
            if item.isSelected() != (name in selected):
                item.setSelected(name in selected)
        if self.frames:
            for box, frame in zip(self.frames, frames(self._session.project), strict=False):
                box.setSelected(selected.issuperset(frame.nodes))

    def show_running_losses(self, losses: Mapping[str, str]) -> None:
        """Show the last losses of a run in progress on its Output nodes."""
        self.running_losses = dict(losses)
        self.sync_node_views()

    # Nodes.

    def _sync_nodes(self, faces: Mapping[str, NodeViewModel], project: Project) -> None:
        removed = {name for name in self.nodes if name not in faces}
        if removed:
            for end, wire in list(self.wires.items()):
                if wire.source_port.node.id in removed or wire.target_port.node.id in removed:
                    self._remove_wire(end)
        for name in removed:
            self.nodes.pop(name).delete()
        for name, face in faces.items():
            if name not in self.nodes:
                item = self.nodes[name] = NodeItem(self._theme, face)
                self.viewer.add_node(item)
            elif self.nodes[name].view_model is not face:
                self.nodes[name].set_view_model(face)
        sizes = {name: (item.width, item.height) for name, item in self.nodes.items()}
        for name, (x, y) in resolve_positions(project, sizes).items():
            item = self.nodes[name]
            if item.x() != x or item.y() != y:
                item.setPos(x, y)

    # Wires.

    def _sync_wires(self, project: Project) -> None:
        expected = {
            WireEnd(node.name, port, index): reference
            for node in project.graph
            for port, index, reference in node.wires()
            if source_node(reference) in self.nodes
        }
        routes_by_wire = routes(project)
        for end in [end for end in self.wires if end not in expected]:
            self._remove_wire(end)
        for end, reference in expected.items():
            source, target = self._source_port(reference), self._target_port(end)
            if source is None or target is None:
                if end in self.wires:
                    self._remove_wire(end)
                continue
            wire = self.wires.get(end)
            if wire is None or wire.scene() is None:  # removed with its port
                wire = self.wires[end] = WireItem(self._theme)
                self.viewer.scene().addItem(wire)
            wire.set_ends(source, target)
            wire.set_points(routes_by_wire.get((reference, end.node, end.port), ()))
            wire.off = project.graph[end.node].off or project.graph[source_node(reference)].off
        self._label_wires()

    def _label_wires(self, changed: Collection[str] | None = None) -> None:
        """Set the labels of wires to their tensor shapes, by default of all wires."""
        for wire in self.wires.values():
            node, port = wire.source_port.node, wire.source_port
            if changed is not None and node.id not in changed:
                continue
            spec = self._session.report.shapes.spec(port.reference)
            wire.label = str(spec) if spec is not None else ""

    def _remove_wire(self, end: WireEnd) -> None:
        self.wires.pop(end).delete()

    def _source_port(self, reference: str) -> PortItem | None:
        name, _, output = reference.partition(".")
        item = self.nodes[name]
        return item.port_at(output, None, "out") or item.port_at("", None, "out")

    def _target_port(self, end: WireEnd) -> PortItem | None:
        return self.nodes[end.node].port_at(end.port, end.index, "in")

    def end_of(self, wire: WireItem) -> WireEnd | None:
        """Return the end of a wire item."""
        return next((end for end, item in self.wires.items() if item is wire), None)

    # Frames.

    def _sync_frames(self, project: Project) -> None:
        expected = frames(project)
        while len(self.frames) > len(expected):
            self.viewer.scene().removeItem(self.frames.pop())
        collapsed_frames: dict[str, FrameItem] = {}
        for index, frame in enumerate(expected):
            if index == len(self.frames):
                self.frames.append(FrameItem(self._theme))
                self.viewer.scene().addItem(self.frames[index])
            self._show_frame(self.frames[index], frame)
            if frame.collapsed:
                collapsed_frames |= dict.fromkeys(frame.nodes, self.frames[index])
        for name, item in self.nodes.items():
            item.setVisible(name not in collapsed_frames)
        for wire in self.wires.values():
            wire.set_anchors(
                collapsed_frames.get(wire.source_port.node.id),
                collapsed_frames.get(wire.target_port.node.id),
            )

    def _show_frame(self, item: FrameItem, frame: Frame) -> None:
        rect = self.nodes_rect(frame.nodes)
        margin = _FRAME_MARGIN
        item.set_state(frame.title, frame.tint, frame.collapsed, len(frame.nodes))
        item.fit_to(rect.adjusted(-margin, -margin, margin, margin))

    def refit_frames(self) -> None:
        """Resize frames to their nodes, during a drag."""
        for item, frame in zip(self.frames, frames(self._session.project), strict=False):
            self._show_frame(item, frame)

    # Geometry.

    def nodes_rect(self, names: Iterable[str] | None = None) -> QRectF:
        """Return the bounding rectangle of nodes, by default of all."""
        rect = QRectF()
        for name in self.nodes if names is None else names:
            if name in self.nodes:
                rect |= self.nodes[name].scene_rect
        return rect

    def visible_items_rect(self) -> QRectF:
        """Return the bounding rectangle of all visible items: nodes, wires and frames."""
        rect = QRectF()
        items: list[QGraphicsItem] = [*self.nodes.values(), *self.frames, *self.wires.values()]
        for item in items:
            if item.isVisible():
                rect |= item.sceneBoundingRect()
        return rect


def _minimap_state(item: NodeItem) -> tuple[object, ...]:
    """Return the properties of a node that the minimap shows."""
    return item.view_model.badge, item.view_model.family, item.width, item.height


def _slots(face: NodeViewModel) -> tuple[object, object]:
    return face.inputs, face.outputs


def _differ_in_fields_only(first: Project, second: Project) -> bool:
    """Return whether two projects differ in fields only, not in nodes, wires or positions."""
    if first.view is not second.view or len(first.graph) != len(second.graph):
        return False
    return all(
        a is b
        or (a.name, a.kind, a.inputs, a.off, a.shares)
        == (b.name, b.kind, b.inputs, b.off, b.shares)
        for a, b in zip(first.graph, second.graph, strict=True)
    )
