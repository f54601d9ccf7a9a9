"""Where on the canvas a new node finds room."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

from app.canvas.scene_sync import Picture

ABOVE = 20  # scene units that a new node stands above the place that is meant
_GAP = 60  # and right of the one that it follows
_USUAL = QSizeF(200, 90)  # what a new node needs
_NEXT = 40  # between two places that are tried


class Room:
    """Answers free places among the nodes that are drawn.

    Args:
        picture: the nodes.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def below(self, at: QPointF) -> QPointF:
        """Return the place, or the next one below where no node is in the way."""
        box = _box(at)
        while self._in_the_way(box):
            box.translate(0, _NEXT)
        return QPointF(box.x(), box.y() + ABOVE)

    def beside(self, name: str) -> QPointF:
        """Return a free place right of a node, or below that."""
        rect = self._picture.rect_of([name])
        return self.below(QPointF(rect.right() + _GAP, rect.top() + ABOVE))

    def near(self, at: QPointF, source: str | None = None) -> QPointF:
        """Return the place if it is free, else one right of what stands there.

        Args:
            at: the place that is meant.
            source: the node that the new one follows; it stands beside that then.
        """
        taken = self._in_the_way(_box(at))
        return self.beside(source or taken[0]) if taken else at

    def uncovered(self, at: QPointF) -> QPointF:
        """Return the place, or one beside the node that a new one would cover exactly."""
        corner = _box(at).topLeft()
        spots = self._picture.nodes.values()
        under = next((item for item in spots if item.spot.topLeft() == corner), None)
        return at if under is None else self.beside(str(under.id))

    def _in_the_way(self, box: QRectF) -> list[str]:
        nodes = self._picture.nodes.values()
        return [str(item.id) for item in nodes if item.spot.intersects(box)]


def _box(at: QPointF) -> QRectF:
    return QRectF(QPointF(at.x(), at.y() - ABOVE), _USUAL)
