"""Placement of the minimap in a corner of the canvas where it covers no nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize

from app.canvas.items.node_item import NodeItem
from app.canvas.view.viewer import CanvasViewer

_MARGIN = 12
_MAX_SELECTED = 50  # with more selected nodes, the minimap may cover the selection
_MAX_NODES = 500  # with more nodes, hardly any corner is free, and the search is slow
_MIN_RATIO = 3  # minimum ratio of the canvas size to the minimap size


def has_space_for(viewer: CanvasViewer, size: QSize) -> bool:
    """Return whether the view is large enough to show an overlay of this size."""
    available: QSize = viewer.viewport().size()
    needed: QSize = size * _MIN_RATIO
    return needed.width() <= available.width() and needed.height() <= available.height()


def free_corner(
    viewer: CanvasViewer, nodes: Mapping[str, NodeItem], selection: Sequence[str], size: QSize
) -> QPoint:
    """Return the position of an overlay of this size in a corner that shows no nodes.

    The lower right corner is preferred. If all corners show nodes, a corner without selected nodes
    is used.
    """
    corners = [QRect(position, size) for position in _corners(viewer.viewport().rect(), size)]
    if len(nodes) <= _MAX_NODES:
        free = _first_free(viewer, corners, nodes.values())
        if free is not None:
            return free.topLeft()
    # A node that was just renamed may not have an item yet.
    selected = [nodes[name] for name in selection[: _MAX_SELECTED + 1] if name in nodes]
    free = _first_free(viewer, corners, selected if len(selected) <= _MAX_SELECTED else ())
    return (free or corners[0]).topLeft()


def _first_free(
    viewer: CanvasViewer, corners: Iterable[QRect], nodes: Iterable[NodeItem]
) -> QRect | None:
    boxes = [node.scene_rect for node in nodes if node.isVisible()]
    for corner in corners:
        rect = QRectF(viewer.mapToScene(corner).boundingRect())
        if not any(rect.intersects(box) for box in boxes):
            return corner
    return None


def _corners(available: QRect, size: QSize) -> list[QPoint]:
    right = available.width() - size.width() - _MARGIN
    bottom = available.height() - size.height() - _MARGIN
    return [QPoint(x, y) for y in (bottom, _MARGIN) for x in (right, _MARGIN)]
