"""Placement of the minimap in a corner of the canvas where it covers no nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize

from app.canvas.gestures.context import CanvasContext

_MARGIN = 12
_MAX_SELECTED = 50  # with more selected nodes, the selection is not avoided
_MAX_NODES = 500  # with more nodes, hardly any corner is free, and the search is slow
_MIN_RATIO = 3  # of the canvas size to the minimap size


def has_space_for(context: CanvasContext, size: QSize) -> bool:
    """Return whether the canvas is large enough to show an overlay of this size."""
    available: QSize = context.viewer.viewport().size()
    needed: QSize = size * _MIN_RATIO
    return needed.width() <= available.width() and needed.height() <= available.height()


def free_corner(context: CanvasContext, size: QSize) -> QPoint:
    """Return the position of an overlay of this size in a corner without nodes.

    The lower right corner is preferred. If every corner has nodes, one without selected nodes is
    used.
    """
    corners = [
        QRect(position, size) for position in _corners(context.viewer.viewport().rect(), size)
    ]
    items = context.scene_sync.nodes
    if len(items) <= _MAX_NODES:
        free = _first_free(context, corners, items)
        if free is not None:
            return free.topLeft()
    selected = context.session.selection[: _MAX_SELECTED + 1]
    free = _first_free(context, corners, selected if len(selected) <= _MAX_SELECTED else ())
    return (free or corners[0]).topLeft()


def _first_free(
    context: CanvasContext, corners: Iterable[QRect], names: Iterable[str]
) -> QRect | None:
    items = context.scene_sync.nodes
    # A node that was just renamed may not have an item yet.
    nodes = [items[name] for name in names if name in items]
    boxes = [node.scene_rect for node in nodes if node.isVisible()]
    return next(
        (corner for corner in corners if not _overlaps(_to_scene(context, corner), boxes)), None
    )


def _to_scene(context: CanvasContext, corner: QRect) -> QRectF:
    return QRectF(context.viewer.mapToScene(corner).boundingRect())


def _corners(available: QRect, size: QSize) -> list[QPoint]:
    right = available.width() - size.width() - _MARGIN
    bottom = available.height() - size.height() - _MARGIN
    return [
        QPoint(x, y)
        for x, y in ((right, bottom), (_MARGIN, bottom), (right, _MARGIN), (_MARGIN, _MARGIN))
    ]


def _overlaps(corner: QRectF, boxes: Collection[QRectF]) -> bool:
    return any(corner.intersects(box) for box in boxes)
