"""Where on the canvas the minimap is in nobody's way."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize

from app.canvas.gestures.context import Stage

_MARGIN = 12
_MOST = 50  # selected nodes; with more of them none is what the person looks at
_DRAWN = 500  # nodes; among more of them no corner is free, and it takes long to see
_TIMES = 3  # what is smaller than this many maps is seen at a glance


def is_roomy(stage: Stage, size: QSize) -> bool:
    """Return whether the canvas is so much larger than something that it may lie on it."""
    room: QSize = stage.viewer.viewport().size()
    small: QSize = size * _TIMES
    return small.width() <= room.width() and small.height() <= room.height()


def free_corner(stage: Stage, size: QSize) -> QPoint:
    """Return where something of this size hides no node, or at least no selected one.

    At the lower right if it can.
    """
    corners = [QRect(at, size) for at in _corners(stage.viewer.viewport().rect(), size)]
    drawn = stage.picture.nodes
    if len(drawn) <= _DRAWN:
        free = _free(stage, corners, drawn)
        if free is not None:
            return free.topLeft()
    chosen = stage.session.selection[: _MOST + 1]
    free = _free(stage, corners, chosen if len(chosen) <= _MOST else ())
    return (free or corners[0]).topLeft()


def _free(stage: Stage, corners: Iterable[QRect], names: Iterable[str]) -> QRect | None:
    drawn = stage.picture.nodes
    nodes = [drawn[name] for name in names if name in drawn]  # one that was renamed is not yet
    taken = [node.spot for node in nodes if node.isVisible()]
    return next((corner for corner in corners if not _hides(_seen(stage, corner), taken)), None)


def _seen(stage: Stage, corner: QRect) -> QRectF:
    return QRectF(stage.viewer.mapToScene(corner).boundingRect())


def _corners(room: QRect, size: QSize) -> list[QPoint]:
    right = room.width() - size.width() - _MARGIN
    bottom = room.height() - size.height() - _MARGIN
    return [
        QPoint(x, y)
        for x, y in ((right, bottom), (_MARGIN, bottom), (right, _MARGIN), (_MARGIN, _MARGIN))
    ]


def _hides(corner: QRectF, taken: Collection[QRectF]) -> bool:
    return any(corner.intersects(spot) for spot in taken)
