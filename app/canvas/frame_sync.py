"""Synchronization of frame items with the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from PySide6.QtCore import QRectF

from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.items.wire_item import WireItem
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import ItemKey
from app.theme.theme import Theme
from engine.graph.model import Project
from engine.graph.view import Frame, frames

_FRAME_MARGIN = 24


class FrameSync:
    """Keeps the frame items in sync with the frames of one document.

    `items` are the frame items in document order. `nodes` are the node items by name,
    kept up to date by the caller.
    """

    def __init__(self, theme: Theme, viewer: CanvasViewer, nodes: Mapping[str, NodeItem]) -> None:
        self._theme, self._viewer, self._nodes = theme, viewer, nodes
        self.items: list[FrameItem] = []
        self._collapsed_frames: dict[str, FrameItem] = {}

    def sync(self, project: Project, wires: Iterable[WireItem]) -> None:
        """Update the frame items from `project`; hide nodes and wires within collapsed frames."""
        expected = frames(project)
        while len(self.items) > len(expected):
            self._viewer.scene().removeItem(self.items.pop())
        while len(self.items) < len(expected):
            self.items.append(FrameItem(self._theme))
            self._viewer.scene().addItem(self.items[-1])
        collapsed_frames = self._collapsed_frames = {}
        for item, frame in zip(self.items, expected, strict=True):
            self._show(item, frame)
            if frame.collapsed:
                collapsed_frames |= dict.fromkeys(frame.nodes, item)
        for name, node in self._nodes.items():
            node.setVisible(name not in collapsed_frames)
        for wire in wires:
            wire.set_anchors(
                collapsed_frames.get(wire.source_port.node.id),
                collapsed_frames.get(wire.target_port.node.id),
            )

    def rect_of(self, name: str) -> QRectF:
        """Return the scene rectangle of a node, or of the collapsed frame that hides it."""
        frame = self._collapsed_frames.get(name)
        return self._nodes[name].scene_rect if frame is None else frame.mapRectToScene(frame.box)

    def refit(self, project: Project) -> None:
        for item, frame in zip(self.items, frames(project), strict=False):
            self._show(item, frame)

    def sync_selection(self, project: Project, selected: Set[str]) -> None:
        """Select each frame whose nodes are selected: all, or one that a collapsed frame hides."""
        for item, frame in zip(self.items, frames(project) if self.items else (), strict=False):
            is_hiding_one = frame.collapsed and not selected.isdisjoint(frame.nodes)
            item.setSelected(is_hiding_one or selected >= set(frame.nodes))

    def _show(self, item: FrameItem, frame: Frame) -> None:
        rect, margin = nodes_rect(self._nodes, frame.nodes), _FRAME_MARGIN
        item.set_state(frame.title, frame.tint, frame.collapsed, len(frame.nodes))
        item.fit_to(rect.adjusted(-margin, -margin, margin, margin))


def nodes_rect(
    items: Mapping[Any, NodeItem] | Mapping[Any, NoteItem], keys: Iterable[ItemKey]
) -> QRectF:
    """Return the bounding rectangle of the items with these keys; unknown keys are ignored."""
    rect = QRectF()
    for key in keys:
        if key in items:
            rect |= items[key].scene_rect
    return rect
