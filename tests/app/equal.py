"""Compares what a canvas shows with its document, each from its own side."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsPathItem

from app.canvas.actions.notes import NoteEditor
from app.canvas.canvas import Canvas
from app.canvas.drawing.nodegraphqt import PipeItem
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view_builder import NodeViewModelBuilder
from app.canvas.items.note_item import NoteItem
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_item import WireItem
from app.documents.session import Session
from engine.graph.model import Graph
from engine.graph.notes import notes
from engine.graph.view import collapsed_nodes, frames, node_positions, routes

_NEAR = 0.01


def check_equal(canvas: Canvas, session: Session) -> None:
    """Fail unless the canvas shows the document, the whole of it, and nothing else."""
    report = session.current_report()
    assert report.project is session.project
    items = canvas.viewer.scene().items()
    _check_nodes(canvas, session, items)
    _check_wires(canvas, session, items)
    _check_frames(canvas, session, items)
    _check_notes(canvas, session, items)
    _check_selection(canvas, session)


def check_at_rest(canvas: Canvas) -> None:
    """Fail if something of a gesture is left: a wire, a light, a rectangle, a hint."""
    viewer, picture = canvas.viewer, canvas.scene_sync
    assert not canvas.gestures.is_active
    assert picture.node_graph.undo_stack().count() == 0
    assert not viewer._LIVE_PIPE.isVisible()
    assert not viewer._SLICER_PIPE.isVisible()
    assert not viewer._rubber_band.isVisible()
    assert canvas.hint.isHidden()
    assert canvas.findChild(NoteEditor).isHidden()
    for name, item in picture.nodes.items():
        lights = {place.highlight for place in (*item.inputs, *item.outputs)}
        assert item.highlight == "", name
        assert lights <= {""}, name
        assert not item.is_drop_target, name
    assert [end for end, wire in picture.wires.items() if wire.glow] == []
    swipes = [i for i in viewer.scene().items() if type(i) is QGraphicsPathItem]
    assert swipes == []


def _check_nodes(canvas: Canvas, session: Session, items: list) -> None:
    picture, project = canvas.scene_sync, session.project
    assert set(picture.nodes) == set(project.graph.by_name)
    in_scene = [item for item in items if isinstance(item, NodeItem)]
    assert len(in_scene) == len(picture.nodes)
    assert set(in_scene) == set(picture.nodes.values())
    faces = NodeViewModelBuilder().build(session.report, project, picture.live_losses)
    standing, folded = node_positions(project), collapsed_nodes(project)
    for name, item in picture.nodes.items():
        assert item.view_model == faces[name], name
        assert item.view_model.collapsed == (name in folded)
        assert (item.id, item.name) == (name, name)
        if name in standing:
            assert (item.x(), item.y()) == standing[name], name
        keys = [place.key for place in (*item.inputs, *item.outputs)]
        slots = [("in", s.port, s.index) for s in item.view_model.inputs]
        slots += [("out", s.port, s.index) for s in item.view_model.outputs]
        assert keys == slots, name
        children = [child for child in item.childItems() if isinstance(child, PortItem)]
        assert set(children) == {*item.inputs, *item.outputs}, name
        assert item.view_model.badge == _badge(session, name), name


def _badge(session: Session, name: str) -> str:
    severities = {found.severity for found in session.diagnostics_of(name)}
    return next((one for one in ("error", "warning") if one in severities), "")


def _check_wires(canvas: Canvas, session: Session, items: list) -> None:
    picture, graph = canvas.scene_sync, session.graph
    wanted = {
        WireId(node.name, port, place): reference
        for node in graph
        for port, place, reference in node.wires()
        if _gives(graph, reference)
    }
    assert set(picture.wires) == set(wanted)
    of_nodegraphqt = {canvas.viewer._LIVE_PIPE, canvas.viewer._SLICER_PIPE}
    pipes = [i for i in items if isinstance(i, PipeItem) and i not in of_nodegraphqt]
    assert Counter(map(id, pipes)) == Counter(map(id, picture.wires.values())), "stray wires"
    bends = routes(session.project)
    held: dict[int, set[WireItem]] = {}
    for end, wire in picture.wires.items():
        _check_ports(wire, end, wanted[end])
        assert wire.points == tuple(bends.get((wanted[end], end.node, end.port), ())), end
        before, after = graph[wanted[end].partition(".")[0]], graph[end.node]
        assert wire.off == (before.off or after.off), end
        # Qt selects nothing that is hidden, as nodes in a collapsed frame are.
        ends = {p.node.id for p in (wire.source_port, wire.target_port) if p.node.isVisible()}
        assert wire.is_node_selected == bool(ends & set(session.selection)), end
        for place in (wire.source_port, wire.target_port):
            held.setdefault(id(place), set()).add(wire)
    for item in picture.nodes.values():
        for place in (*item.inputs, *item.outputs):
            pipes = place._pipes
            assert len(pipes) == len(set(pipes)), f"{place.node.id} holds a wire twice"
            assert set(pipes) == held.get(id(place), set()), place.node.id


def _gives(graph: Graph, reference: str) -> bool:
    source = graph.by_name.get(reference.partition(".")[0])
    return source is not None


def _check_ports(wire: WireItem, end: WireId, reference: str) -> None:
    source, _, output = reference.partition(".")
    assert wire.source_port.node.id == source, end
    outputs = {slot.port for slot in wire.source_port.node.view_model.outputs}
    assert wire.source_port.key == ("out", output if output in outputs else "", None), end
    assert wire.target_port.node.id == end.node
    assert wire.target_port.key == ("in", end.port, end.index)
    before, after = wire._anchors
    first = before.right_edge if before else wire.source_port.center
    last = after.left_edge if after else wire.target_port.center
    path = wire.path()
    for wanted, shown in ((first, path.pointAtPercent(0)), (last, path.pointAtPercent(1))):
        assert (QPointF(wanted) - shown).manhattanLength() < _NEAR, f"{end} ends elsewhere"


def _check_frames(canvas: Canvas, session: Session, items: list) -> None:
    picture, wanted = canvas.scene_sync, frames(session.project)
    in_scene = [item for item in items if isinstance(item, FrameItem)]
    assert len(in_scene) == len(wanted) == len(picture.frames)
    assert set(in_scene) == set(picture.frames)
    hidden: dict[str, FrameItem] = {}
    for frame, item in zip(wanted, picture.frames, strict=True):
        shown = (item.title, item.tint, item.collapsed, item.node_count)
        assert shown == (frame.title, frame.tint, frame.collapsed, len(frame.nodes))
        around = QRectF(picture.nodes_rect(frame.nodes))
        assert item.sceneBoundingRect().intersects(around)
        if frame.collapsed:
            hidden |= dict.fromkeys(frame.nodes, item)
        else:
            assert item.mapRectToScene(item.box).contains(around)
    for name, node in picture.nodes.items():
        assert node.isVisible() == (name not in hidden), name
    for end, wire in picture.wires.items():
        start, stop = hidden.get(wire.source_port.node.id), hidden.get(wire.target_port.node.id)
        assert wire._anchors == (start, stop), end
        assert wire.isVisible() == (start is None or start is not stop), end
    for item in picture.frames:
        ends = {w for w in picture.wires.values() if item in w._anchors}
        assert item.anchored_wires == ends, item.title


def _check_notes(canvas: Canvas, session: Session, items: list) -> None:
    picture, wanted = canvas.scene_sync, notes(session.project)
    assert set(picture.notes) == {note.index for note in wanted}
    in_scene = [item for item in items if isinstance(item, NoteItem)]
    assert Counter(map(id, in_scene)) == Counter(map(id, picture.notes.values()))
    hidden = {name: frame for frame in frames(session.project) if frame.collapsed
              for name in frame.nodes}  # fmt: skip
    for note in wanted:
        item = picture.notes[note.index]
        assert item.note == note
        rect = item.scene_rect
        assert (rect.x(), rect.y(), rect.width()) == (*note.at, note.width)
        assert len(item.connectors) <= len(note.nodes)
        for name in note.nodes:
            box = picture.nodes[name].scene_rect
            ends = [line.p2() + item.pos() for line in item.connectors]
            is_met = any(box.adjusted(-1, -1, 1, 1).contains(end) for end in ends)
            assert is_met or name in hidden or rect.intersects(box), (note, name)


def _check_selection(canvas: Canvas, session: Session) -> None:
    assert set(session.selection) <= set(session.graph.by_name)
    chosen = {name for name, item in canvas.scene_sync.nodes.items() if item.isSelected()}
    visible = {name for name, item in canvas.scene_sync.nodes.items() if item.isVisible()}
    assert chosen == set(session.selection) & visible
    for frame, item in zip(frames(session.project), canvas.scene_sync.frames, strict=True):
        assert item.isSelected() == (set(frame.nodes) <= set(session.selection)), frame.title
    written = {key for key, item in canvas.scene_sync.notes.items() if item.isSelected()}
    assert written == set(session.selected_notes)
    wires = {end for end, wire in canvas.scene_sync.wires.items() if wire.isSelected()}
    assert wires == canvas.context.selected_wires
    visible_count = sum(n.isVisible() for n in canvas.scene_sync.nodes.values())
    assert len(canvas.minimap._boxes) == visible_count + len(canvas.scene_sync.notes)
