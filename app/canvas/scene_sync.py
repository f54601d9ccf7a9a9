"""Makes NodeGraphQt's scene equal to the document, whatever the scene is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import NodeGraph
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import Face
from app.canvas.items.node_view_builder import Faces
from app.canvas.items.port_item import Place
from app.canvas.items.wire_item import WireItem
from app.canvas.positions import places_of
from app.canvas.view.viewer import Viewer
from app.documents.session import Session
from app.theme.theme import Theme
from engine.graph.model import Project, source_of
from engine.graph.view import Frame, frames, routes

_FRAME_MARGIN = 24
_BULK = 50  # from this many new nodes on, the view is not repainted in between


@dataclass(frozen=True)
class End:
    """Where a wire ends: a port of a node, and the place among its wires if it takes many."""

    node: str
    port: str
    place: int | None = None


class Picture(QObject):
    """The items of one document's graph.

    `sync` is idempotent: it removes what is gone, adds what is new, and changes what differs. A
    gesture that was refused or cancelled is repaired by the same call.

    Signals:
        synced: items came, went, moved, or look otherwise.
    """

    synced = Signal()

    def __init__(self, session: Session, theme: Theme, viewer: Viewer) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        # NodeGraphQt's own graph holds the view; its model and its undo stack stay empty.
        self.host = NodeGraph(viewer=viewer)
        self.viewer = viewer
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[End, WireItem] = {}
        self.frames: list[FrameItem] = []
        self.running: dict[str, str] = {}
        self._faces = Faces()
        self._drawn: Project | None = None

    def update(self) -> None:
        """Follow the document after an edit; one of parameters only touches nodes alone."""
        project = self._session.project
        if abs(len(project.graph) - len(self.nodes)) >= _BULK:
            # With the shapes known at once, each new node is measured once.
            self._session.settle_report()
        if self._drawn is None or not _drawn_alike(self._drawn, project):
            self.sync()
        else:
            self._drawn = project
            self.sync_faces()

    def sync(self) -> None:
        """Make nodes, wires, frames and selection those of the document, whatever is drawn."""
        project = self._session.project
        faces = self._faces.of(self._session.report, project, self.running)
        bulk = abs(len(faces) - len(self.nodes)) >= _BULK
        if bulk:
            self.viewer.setUpdatesEnabled(False)
        self._sync_nodes(faces, project)
        self._sync_wires(project)
        self._sync_frames(project)
        self.sync_selection()
        self._drawn = project
        if bulk:
            self.viewer.setUpdatesEnabled(True)
        self.synced.emit()

    def sync_faces(self) -> None:
        """Show what the checks have found, and nothing else."""
        if self._drawn is not self._session.project:
            self.update()
            return
        faces = self._faces.of(self._session.report, self._session.project, self.running)
        changed = [name for name, face in faces.items() if self.nodes[name].face is not face]
        if not changed:
            return
        grown = any(_slots(self.nodes[name].face) != _slots(faces[name]) for name in changed)
        before = [_mark(self.nodes[name]) for name in changed]
        for name in changed:
            self.nodes[name].show(faces[name])
        self.refit_frames()
        if grown:
            self._sync_wires(self._session.project)
        else:
            self._label_wires(set(changed))
        if grown or before != [_mark(self.nodes[name]) for name in changed]:
            self.synced.emit()

    def sync_selection(self) -> None:
        """Select the items of nodes that the session has selected, and of frames full of them."""
        selected = set(self._session.selection)
        for name, item in self.nodes.items():
            if item.isSelected() != (name in selected):
                item.setSelected(name in selected)
        if self.frames:
            for box, frame in zip(self.frames, frames(self._session.project), strict=False):
                box.setSelected(selected.issuperset(frame.nodes))

    def show_running(self, losses: Mapping[str, str]) -> None:
        """Show the last losses of a live run on the Outputs."""
        self.running = dict(losses)
        self.sync_faces()

    # Nodes.

    def _sync_nodes(self, faces: Mapping[str, Face], project: Project) -> None:
        gone = {name for name in self.nodes if name not in faces}
        if gone:
            for end, wire in list(self.wires.items()):
                if wire.start.node.id in gone or wire.stop.node.id in gone:
                    self._remove_wire(end)
        for name in gone:
            self.nodes.pop(name).delete()
        for name, face in faces.items():
            if name not in self.nodes:
                item = self.nodes[name] = NodeItem(self._theme, face)
                self.viewer.add_node(item)
            elif self.nodes[name].face is not face:
                self.nodes[name].show(face)
        sizes = {name: (item.width, item.height) for name, item in self.nodes.items()}
        for name, (x, y) in places_of(project, sizes).items():
            item = self.nodes[name]
            if item.x() != x or item.y() != y:
                item.setPos(x, y)

    # Wires.

    def _sync_wires(self, project: Project) -> None:
        wanted = {
            End(node.name, port, place): reference
            for node in project.graph
            for port, place, reference in node.wires()
            if source_of(reference) in self.nodes
        }
        bends = routes(project)
        for end in [end for end in self.wires if end not in wanted]:
            self._remove_wire(end)
        for end, reference in wanted.items():
            start, stop = self._start_of(reference), self._stop_of(end)
            if start is None or stop is None:
                if end in self.wires:
                    self._remove_wire(end)
                continue
            wire = self.wires.get(end)
            if wire is None or wire.scene() is None:  # it went with a port that was exchanged
                wire = self.wires[end] = WireItem(self._theme)
                self.viewer.scene().addItem(wire)
            wire.set_ends(start, stop)
            wire.set_points(bends.get((reference, end.node, end.port), ()))
            wire.off = project.graph[end.node].off or project.graph[source_of(reference)].off
        self._label_wires()

    def _label_wires(self, changed: Collection[str] | None = None) -> None:
        """Give each wire the shape that flows along it, as its hover text."""
        for wire in self.wires.values():
            node, place = wire.start.node, wire.start
            if changed is not None and node.id not in changed:
                continue
            spec = self._session.report.shapes.spec(place.reference)
            wire.label = str(spec) if spec is not None else ""

    def _remove_wire(self, end: End) -> None:
        self.wires.pop(end).delete()

    def _start_of(self, reference: str) -> Place | None:
        name, _, output = reference.partition(".")
        item = self.nodes[name]
        return item.place_at(output, None, "out") or item.place_at("", None, "out")

    def _stop_of(self, end: End) -> Place | None:
        return self.nodes[end.node].place_at(end.port, end.place, "in")

    def end_of(self, wire: WireItem) -> End | None:
        """Return where a wire item ends."""
        return next((end for end, item in self.wires.items() if item is wire), None)

    # Frames.

    def _sync_frames(self, project: Project) -> None:
        wanted = frames(project)
        while len(self.frames) > len(wanted):
            self.viewer.scene().removeItem(self.frames.pop())
        hidden: dict[str, FrameItem] = {}
        for at, frame in enumerate(wanted):
            if at == len(self.frames):
                self.frames.append(FrameItem(self._theme))
                self.viewer.scene().addItem(self.frames[at])
            self._show_frame(self.frames[at], frame)
            if frame.collapsed:
                hidden |= dict.fromkeys(frame.nodes, self.frames[at])
        for name, item in self.nodes.items():
            item.setVisible(name not in hidden)
        for wire in self.wires.values():
            wire.anchor(hidden.get(wire.start.node.id), hidden.get(wire.stop.node.id))

    def _show_frame(self, item: FrameItem, frame: Frame) -> None:
        rect = self.rect_of(frame.nodes)
        margin = _FRAME_MARGIN
        item.show(frame.title, frame.tint, frame.collapsed, len(frame.nodes))
        item.fit(rect.adjusted(-margin, -margin, margin, margin))

    def refit_frames(self) -> None:
        """Let frames follow their nodes while these are dragged."""
        for item, frame in zip(self.frames, frames(self._session.project), strict=False):
            self._show_frame(item, frame)

    # Geometry.

    def rect_of(self, names: Iterable[str] | None = None) -> QRectF:
        """Return the rectangle around nodes, by default around all."""
        rect = QRectF()
        for name in self.nodes if names is None else names:
            if name in self.nodes:
                rect |= self.nodes[name].spot
        return rect

    def drawn_rect(self) -> QRectF:
        """Return the rectangle around all that is seen: nodes, wires, and frames with titles."""
        rect = QRectF()
        items: list[QGraphicsItem] = [*self.nodes.values(), *self.frames, *self.wires.values()]
        for item in items:
            if item.isVisible():
                rect |= item.sceneBoundingRect()
        return rect


def _mark(item: NodeItem) -> tuple[object, ...]:
    """Return what of a node is seen from afar."""
    return item.face.badge, item.face.family, item.width, item.height


def _slots(face: Face) -> tuple[object, object]:
    return face.inputs, face.outputs


def _drawn_alike(one: Project, other: Project) -> bool:
    """Return whether two projects have the same nodes, wires and places."""
    if one.view is not other.view or len(one.graph) != len(other.graph):
        return False
    return all(
        a is b
        or (a.name, a.kind, a.inputs, a.off, a.shares)
        == (b.name, b.kind, b.inputs, b.off, b.shares)
        for a, b in zip(one.graph, other.graph, strict=True)
    )
