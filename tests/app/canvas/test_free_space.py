"""A new note covers nothing, wherever it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from app.canvas.free_space import FreeSpace
from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.items.wire_item import WireItem
from engine.graph.edits.frame_edits import add_frame
from engine.graph.edits.note_edits import add_note
from tests.app.windows import opened, posts


def test_a_new_note_covers_no_node_wire_note_or_edge_of_a_frame(qtbot) -> None:
    with opened(qtbot, posts()) as window:
        session, canvas = window.workspace.session, window.tabs.canvas
        session.edit("Frame", add_frame, ["age_head", "income_head", "age", "income"], "Heads")
        free_space, (frame,) = FreeSpace(canvas.scene_sync), canvas.scene_sync.frames
        for name in session.graph.by_name:
            wanted = canvas.scene_sync.nodes_rect([name]).bottomLeft() + QPointF(0, 30)
            found = free_space.free_note_position(wanted)
            rect = QRectF(found.x(), found.y(), 220, 60)
            covered = canvas.viewer.scene().items(rect)
            assert not [item for item in covered if isinstance(item, NodeItem | WireItem)], name
            assert not [item for item in covered if isinstance(item, NoteItem)], name
            outline = frame.sceneBoundingRect()
            assert outline.contains(rect) or not outline.intersects(rect), name
            assert found.x() == wanted.x()
            session.edit("Add note", add_note, "Why?", (found.x(), found.y()), nodes=[name])
