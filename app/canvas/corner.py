"""The corner of the canvas in which the minimap is in nobody's way."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPoint, QRect, QRectF, QSize

from app.canvas.stage import Stage

_MARGIN = 12
_MOST = 50  # selected nodes; with more of them none is what the person looks at


def free_corner(stage: Stage, size: QSize) -> QPoint:
    """Answer where something of this size hides no selected node: at the lower right if it can."""
    room = stage.viewer.viewport().rect()
    chosen, drawn = stage.session.selection[: _MOST + 1], stage.picture.nodes
    nodes = [drawn[name] for name in chosen if name in drawn]  # one that was renamed is not yet
    taken = [node.spot for node in nodes if node.isVisible()] if len(nodes) <= _MOST else []
    corners = [QRect(at, size) for at in _corners(room, size)]
    free = (
        corner
        for corner in corners
        if not _hides(QRectF(stage.viewer.mapToScene(corner).boundingRect()), taken)
    )
    return next(free, corners[0]).topLeft()


def _corners(room: QRect, size: QSize) -> list[QPoint]:
    right = room.width() - size.width() - _MARGIN
    bottom = room.height() - size.height() - _MARGIN
    return [
        QPoint(x, y)
        for x, y in ((right, bottom), (_MARGIN, bottom), (right, _MARGIN), (_MARGIN, _MARGIN))
    ]


def _hides(corner: QRectF, taken: Collection[QRectF]) -> bool:
    return any(corner.intersects(spot) for spot in taken)
